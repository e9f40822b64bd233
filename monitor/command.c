/*
 * COMMAND: where it is, and its process group, which begins and ends with it.
 */
#include "command.h"

#include "log.h"
#include "view/notify.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_NOT_STARTED 127 /* as in sh */

static bool is_executable(const char *path)
{
	return access(path, X_OK) == 0;
}

/* The first directory of a PATH-like list that has the program. */
static char *find_in(const char *directories, const char *name)
{
	char path[PATH_MAX];

	for (const char *d = directories; d; d = strchr(d, ':')) {
		d += *d == ':';
		int length = (int)strcspn(d, ":");
		if (length > 0 &&
		    snprintf(path, sizeof(path), "%.*s/%s", length, d, name) < (int)sizeof(path) &&
		    is_executable(path))
			return strdup(path);
	}
	return NULL;
}

char *command_find(const char *name)
{
	char own[PATH_MAX];
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return is_executable(name) ? strdup(name) : NULL;
	char *found = path ? find_in(path, name) : NULL;
	if (found)
		return found;
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	if (length <= 0)
		return NULL;
	own[length] = '\0';
	*strrchr(own, '/') = '\0';
	return find_in(own, name);
}

static void command_become(const char *path, char **words, int input, const sigset_t *blocked,
                           pid_t supervisor)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != supervisor)
		_exit(EXIT_NOT_STARTED);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, blocked, NULL);
	notify_forget_environment();
	if (dup2(input, STDIN_FILENO) >= 0)
		execv(path, words);
	log_error("cannot start %s: %s", path, strerror(errno));
	_exit(EXIT_NOT_STARTED);
}

pid_t command_start(const char *path, char **words, int input, const sigset_t *blocked)
{
	pid_t supervisor = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		command_become(path, words, input, blocked, supervisor);
	setpgid(pid, pid); /* the child and its parent both do it: either may be the first */
	return pid;
}

int command_adopt_orphans(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

bool command_group_left(pid_t group)
{
	siginfo_t info;

	return waitid(P_PGID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}
