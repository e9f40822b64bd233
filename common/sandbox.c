/* What a program gives up at its start. What it may still do is Landlock's and seccomp's. */
#include "sandbox.h"

#include "check_output.h"
#include "log.h"
#include "sandbox_landlock.h"
#include "units.h"

#include <cap-ng.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436 /* Linux 5.9 */
#endif

int sandbox_inherit_streams(void)
{
	const struct dirent *entry;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -1;
	}
	if (syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0)
		return 0;
	DIR *dir = opendir("/proc/self/fd");
	/* Linux reads this directory on by number, so that its entries may vanish meanwhile. */
	while (dir && (entry = readdir(dir))) {
		/* "." and ".." are 0, which stays open */
		int fd = (int)strtol(entry->d_name, NULL, 10);
		if (fd > STDERR_FILENO && fd != dirfd(dir))
			close(fd);
	}
	if (dir)
		closedir(dir);
	return 0;
}

void sandbox_block_signals(sigset_t *before)
{
	static const int signals[] = {SIGHUP, SIGUSR1, SIGTERM, SIGINT};
	sigset_t blocked;

	sigemptyset(&blocked);
	for (size_t i = 0; i < COUNT(signals); i++)
		sigaddset(&blocked, signals[i]);
	sigprocmask(SIG_BLOCK, &blocked, before);
}

int sandbox_become(const char *user)
{
	if (geteuid() != 0)
		return 0;

	errno = 0;
	const struct passwd *pw = getpwnam(user);
	if (!pw) {
		log_error("no user \"%s\"%s%s; name BIND's user with --user", user,
		          errno ? ": " : "", errno ? strerror(errno) : "");
		return -1;
	}
	if (pw->pw_uid == 0) {
		log_error("will not run as \"%s\": name BIND's unprivileged user with --user",
		          user);
		return -1;
	}
	capng_clear(CAPNG_SELECT_BOTH);
	/* A container may lack CAP_SETPCAP: the bounding set stays, no_new_privs must do. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
	    (capng_change_id((int)pw->pw_uid, (int)pw->pw_gid,
	                     CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_BOUNDING) != 0 &&
	     capng_change_id((int)pw->pw_uid, (int)pw->pw_gid, CAPNG_INIT_SUPP_GRP) != 0)) {
		log_error("cannot become user \"%s\": %s", user, strerror(errno));
		return -1;
	}
	return 0;
}

int sandbox_drop_privileges(void)
{
	const struct rlimit none = {0, 0};
	const char *failed = NULL;

	capng_setpid(getpid()); /* older versions keep a parent's over fork() */
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		failed = "cannot drop capabilities";
	else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	         prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		failed = "cannot give up privileges";
	else if (setrlimit(RLIMIT_CORE, &none) != 0)
		failed = "cannot turn core dumps off";
	if (failed)
		log_error("%s: %s", failed, strerror(errno));
	return failed ? -1 : 0;
}

int sandbox_limit(rlim_t descriptors)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		if (descriptors < limit.rlim_max)
			limit.rlim_max = descriptors;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
			return 0;
	}
	log_error("cannot set resource limits: %s", strerror(errno));
	return -1;
}

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
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		check_output_missing(missing,
		                     "journalctl -k | grep type=1326 shows a system call that is "
		                     "denied; report it",
		                     "the sandbox cannot be closed, or cannot be worked in");
	else
		check_output(abi < 1 ? "note" : "ok", NULL, NULL, "the sandbox closes, with %s",
		             sandbox_landlock_describe(abi, words));
}
