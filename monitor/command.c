/*
 * COMMAND: where it is, and its process group, which begins and ends with it.
 */
#include "command.h"

#include "log.h"
#include "view/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, EXIT_NOT_STARTED = 127 /* as in sh */ };

/* The first directory of a PATH-like list that has the program. */
static char *find_in(const char *directories, const char *name)
{
	char path[PATH_MAX];

	for (const char *d = directories; d; d = strchr(d, ':')) {
		d += *d == ':';
		int length = (int)strcspn(d, ":");
		if (length > 0 &&
		    snprintf(path, sizeof(path), "%.*s/%s", length, d, name) < (int)sizeof(path) &&
		    access(path, X_OK) == 0)
			return strdup(path);
	}
	return NULL;
}

char *command_find(const char *name)
{
	char own[PATH_MAX];
	const char *path = getenv("PATH");

	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? strdup(name) : NULL;
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

int command_open(struct command *c, char **words, const sigset_t *blocked)
{
	*c = (struct command){.words = words, .blocked = blocked, .path = command_find(words[0])};
	if (!c->path) {
		log_error("no program \"%s\" to be found%s", words[0],
		          strchr(words[0], '/') ? "" : " in PATH, nor beside nat64-monitor");
		return EXIT_USAGE;
	}
	/* Nothing but the prober writes to it, and that does not wait. */
	if (pipe2(c->pipe, O_CLOEXEC) != 0 || fcntl(c->pipe[1], F_SETFL, O_NONBLOCK) != 0) {
		log_error("cannot make a pipe: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	/* Orphans of the group become children of this process: so command_review finds them. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
		log_error("cannot become the parent of orphans: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	return 0;
}

static void command_become(const struct command *c, pid_t supervisor)
{
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != supervisor)
		_exit(EXIT_NOT_STARTED);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, c->blocked, NULL);
	notify_forget_environment();
	if (dup2(c->pipe[0], STDIN_FILENO) >= 0)
		execv(c->path, c->words);
	log_error("cannot start %s: %s", c->path, strerror(errno));
	_exit(EXIT_NOT_STARTED);
}

pid_t command_start(struct command *c)
{
	pid_t supervisor = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0)
		command_become(c, supervisor);
	setpgid(pid, pid); /* the child and its parent both do it: either may be the first */
	c->group = pid;
	c->kill_us = 0;
	return pid;
}

void command_end(struct command *c, uint64_t now_us)
{
	if (c->kill_us != 0)
		return;
	if (c->group > 0)
		kill(-c->group, SIGTERM);
	c->kill_us = now_us + COMMAND_FAREWELL_US;
}

void command_review(struct command *c, uint64_t now_us)
{
	siginfo_t info;

	if (c->group == 0 || c->kill_us == 0)
		return;
	if (waitid(P_PGID, (id_t)c->group, &info, WEXITED | WNOHANG | WNOWAIT) != 0)
		c->group = 0;
	else if (now_us >= c->kill_us) {
		log_info("%s or a process of it goes on after TERM: KILL", c->words[0]);
		kill(-c->group, SIGKILL);
		c->kill_us = now_us + COMMAND_KILL_US;
	}
}

void command_close(const struct command *c)
{
	if (!c->path)
		return;
	close(c->pipe[0]);
	close(c->pipe[1]);
}
