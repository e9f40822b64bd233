/*
 * The sandbox is tried in a process of its own: it cannot be left again.
 */
#include "sandbox_check.h"

#include "check_output.h"
#include "log.h"
#include "sandbox_landlock.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

void sandbox_check(unsigned *missing, int (*enter)(const void *argument), const void *argument)
{
	char words[SANDBOX_LANDLOCK_WORDS];
	int abi = sandbox_landlock_abi(), status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		log_set_level(LOG_WARNING); /* what Landlock lacks is told below */
		_exit(enter(argument) == 0 ? 0 : 1);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) {
		check_output_missing(missing,
		                     "journalctl -k | grep type=1326 shows a system call that is "
		                     "denied; report it",
		                     "the sandbox cannot be closed, or cannot be worked in");
		return;
	}
	sandbox_landlock_describe(abi, words);
	if (abi < 1)
		check_output_note("the sandbox closes, with %s", words);
	else
		check_output_ok("the sandbox closes, with %s", words);
}
