/*
 * The supervisor: keeps the prober, and COMMAND if there is one, running. The set in force stays
 * served all that time, since nobody takes it out of BIND.
 */
#include "supervisor.h"

#include "log.h"
#include "prober.h"
#include "view/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAUSE_LEAST_S 1
#define PAUSE_MOST_S  60
#define STEADY_S      60 /* a child that ran this long starts over with the shortest pause */
#define FAREWELL_S    5  /* for children to end after TERM; then they are killed */
#define COMMAND_USAGE 2  /* COMMAND's exit status for wrong usage, and ours */

struct child {
	const char *name;
	pid_t pid; /* 0: not running */
	time_t started_s;
	time_t start_s; /* not running: when to start it again */
	time_t pause_s;
};

struct supervisor {
	const struct options *options;
	struct prefix_file *file;
	char *command_path;
	struct child prober, command;
	struct notify notify;
	int control; /* the prober's, -1: none */
	int pipe[2]; /* from the prober to COMMAND; both ends stay open while one is away */
	sigset_t inherited, handled;
	int status; /* -1: go on */
};

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

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

char *supervisor_find_command(const char *name)
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

/* In the child: signals as they were when this program was started. */
static void child_signals(const struct supervisor *s)
{
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &s->inherited, NULL);
}

static void prober_child(struct supervisor *s, int control)
{
	/* A terminal's ^C and hang-up are the supervisor's to pass on. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	child_signals(s);
	signal(SIGPIPE, SIG_IGN);
	notify_close(&s->notify); /* it has one of its own */
	if (s->command_path) {
		if (dup2(s->pipe[1], STDOUT_FILENO) < 0) {
			log_error("cannot start the prober: %s", strerror(errno));
			_exit(PROBER_FAILED);
		}
		close(s->pipe[0]);
		close(s->pipe[1]);
	}
	exit((int)prober_run(s->options, s->file, control));
}

static pid_t prober_start(struct supervisor *s)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		prober_child(s, ends[1]);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	s->control = ends[0];
	return pid;
}

static void command_child(struct supervisor *s, pid_t supervisor)
{
	/* A group of its own, so that a shell's children get its signals, too. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != supervisor)
		_exit(PROBER_ENDED);
	child_signals(s);
	notify_forget_environment();
	if (dup2(s->pipe[0], STDIN_FILENO) >= 0)
		execv(s->command_path, s->options->command);
	log_error("cannot start %s: %s", s->command_path, strerror(errno));
	_exit(127);
}

static pid_t command_start(struct supervisor *s)
{
	pid_t supervisor = getpid();
	pid_t pid = fork();

	if (pid == 0)
		command_child(s, supervisor);
	if (pid > 0)
		setpgid(pid, pid); /* whichever of the two comes first */
	return pid;
}

/* One byte, and maybe a descriptor, to the prober; a prober that is away does not need it. */
static void prober_tell(const struct supervisor *s, char word, int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} ancillary = {.room = {0}};
	struct iovec iov = {.iov_base = &word, .iov_len = 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	if (s->control < 0)
		return;
	if (fd >= 0) {
		message.msg_control = ancillary.room;
		message.msg_controllen = sizeof(ancillary.room);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		*header = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(sizeof(fd)),
			.cmsg_level = SOL_SOCKET,
			.cmsg_type = SCM_RIGHTS,
		};
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	if (sendmsg(s->control, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("the prober does not listen: %s", strerror(errno));
}

/* A good file is kept for the next prober, too; a bad one changes nothing. */
static void prefixes_reload(struct supervisor *s)
{
	const char *path = s->options->prefixes;
	struct prefix_file file;
	int fd;

	if (prefix_file_init(&file) < 0 || prefix_file_load(&file, path) < 0 ||
	    prober_check_file(&file, path, s->options->size) < 0 ||
	    (fd = prefix_file_open(path)) < 0) {
		log_error("%s was not taken: the prefixes known so far stay", path);
		prefix_file_free(&file);
		prober_tell(s, PROBER_REFUSED, -1);
		return;
	}
	prefix_file_free(s->file);
	*s->file = file;
	prober_tell(s, PROBER_RELOAD, fd);
	close(fd);
}

static void child_start(struct supervisor *s, struct child *c, pid_t (*start)(struct supervisor *))
{
	c->started_s = now_s();
	c->pid = start(s);
	if (c->pid > 0)
		return;
	log_error("cannot start %s: %s", c->name, strerror(errno));
	c->pid = 0;
	c->start_s = c->started_s + PAUSE_MOST_S;
}

static void children_start(struct supervisor *s)
{
	time_t now = now_s();

	if (s->command_path && s->command.pid == 0 && s->command.start_s <= now) {
		child_start(s, &s->command, command_start);
		prober_tell(s, PROBER_REPEAT, -1);
	}
	if (s->prober.pid == 0 && s->prober.start_s <= now)
		child_start(s, &s->prober, prober_start);
}

static void child_pause(struct child *c, int status)
{
	time_t now = now_s();

	if (c->pause_s == 0 || now - c->started_s >= STEADY_S)
		c->pause_s = PAUSE_LEAST_S;
	else
		c->pause_s = c->pause_s * 2 > PAUSE_MOST_S ? PAUSE_MOST_S : c->pause_s * 2;
	c->pid = 0;
	c->start_s = now + c->pause_s;
	if (WIFSIGNALED(status))
		log_warning("%s was ended by signal %d (%s), again in %lld s%s", c->name,
		            WTERMSIG(status), strsignal(WTERMSIG(status)), (long long)c->pause_s,
		            WTERMSIG(status) == SIGSYS
		                    ? "; journalctl -k | grep type=1326 shows the system call"
		                    : "");
	else
		log_warning("%s ended with status %d, again in %lld s", c->name,
		            WEXITSTATUS(status), (long long)c->pause_s);
}

static void prober_pause(struct supervisor *s, int status)
{
	char why[64];

	child_pause(&s->prober, status);
	snprintf(why, sizeof(why), "the prober was ended by signal %d, again in %lld s",
	         WTERMSIG(status), (long long)s->prober.pause_s);
	notify_away(&s->notify, why);
}

static void prober_ended(struct supervisor *s, int status)
{
	close(s->control);
	s->control = -1;
	s->prober.pid = 0;
	/* One that ends by itself has said why, and another would fare no better. */
	if (WIFEXITED(status))
		s->status = WEXITSTATUS(status) == PROBER_ENDED ? 0 : 1;
	else
		prober_pause(s, status);
}

/* Wrong usage at the first start is wrong at the next one, too: better said than tried for ever. */
static void command_ended(struct supervisor *s, int status)
{
	struct child *c = &s->command;

	if (WIFEXITED(status) && WEXITSTATUS(status) == COMMAND_USAGE && c->pause_s == 0 &&
	    now_s() - c->started_s < STEADY_S) {
		log_error("%s ended with status 2 at its first start: so does this", c->name);
		c->pid = 0;
		s->status = COMMAND_USAGE;
		return;
	}
	child_pause(c, status);
}

static void children_reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->prober.pid)
			prober_ended(s, status);
		else if (pid == s->command.pid)
			command_ended(s, status);
	}
}

static void command_signal(const struct supervisor *s, int signal)
{
	if (s->command.pid > 0)
		kill(-s->command.pid, signal);
}

static void signal_handle(struct supervisor *s, int signal)
{
	switch (signal) {
	case SIGCHLD:
		children_reap(s);
		return;
	case SIGHUP:
		prefixes_reload(s);
		command_signal(s, SIGHUP);
		return;
	case SIGUSR1:
		prober_tell(s, PROBER_TABLE, -1);
		command_signal(s, SIGUSR1);
		return;
	default: /* TERM and INT */
		command_signal(s, signal);
		s->status = 0;
	}
}

/* Until a signal comes, or the next child is to be started. */
static int signal_wait(const struct supervisor *s)
{
	const struct child *children[] = {&s->prober, &s->command};
	struct timespec timeout = {.tv_sec = INT_MAX};
	time_t now = now_s();

	for (size_t i = 0; i < 2; i++) {
		const struct child *c = children[i];
		if ((c == &s->command && !s->command_path) || c->pid != 0)
			continue;
		time_t wait = c->start_s > now ? c->start_s - now : 0;
		if (wait < timeout.tv_sec)
			timeout.tv_sec = wait;
	}
	return sigtimedwait(&s->handled, NULL, &timeout);
}

static void children_kill(const struct supervisor *s, int signal)
{
	if (s->prober.pid > 0)
		kill(s->prober.pid, signal);
	command_signal(s, signal);
}

/* COMMAND finds the end of its input, and a TERM in case it waits for something else. */
static void children_end(struct supervisor *s)
{
	time_t deadline = now_s() + FAREWELL_S;

	if (s->prober.pid > 0)
		kill(s->prober.pid, SIGTERM);
	if (s->command_path) {
		close(s->pipe[0]);
		close(s->pipe[1]);
	}
	command_signal(s, SIGTERM);
	while (s->prober.pid > 0 || s->command.pid > 0) {
		const struct timespec second = {.tv_sec = 1};
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid > 0 && pid == s->prober.pid)
			s->prober.pid = 0;
		else if (pid > 0 && pid == s->command.pid)
			s->command.pid = 0;
		else if (pid < 0 && errno == ECHILD)
			return;
		else if (now_s() >= deadline)
			children_kill(s, SIGKILL);
		if (pid <= 0)
			sigtimedwait(&s->handled, NULL, &second);
	}
}

static int supervisor_set_up(struct supervisor *s)
{
	const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};

	if (notify_open(&s->notify, getpid()) < 0)
		return 1;
	if (s->options->command) {
		const char *name = s->options->command[0];
		s->command_path = supervisor_find_command(name);
		if (!s->command_path) {
			log_error("no program \"%s\" to be found%s", name,
			          strchr(name, '/') ? "" : " in PATH, nor beside nat64-monitor");
			return 2;
		}
		if (pipe2(s->pipe, O_CLOEXEC) != 0) {
			log_error("cannot make a pipe: %s", strerror(errno));
			return 1;
		}
	}
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&s->handled);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&s->handled, signals[i]);
	sigprocmask(SIG_BLOCK, &s->handled, NULL);
	return -1;
}

int supervisor_run(const struct options *options, struct prefix_file *file,
                   const sigset_t *inherited)
{
	struct supervisor s = {
		.options = options,
		.file = file,
		.prober = {.name = "the prober"},
		.command = {.name = options->command ? options->command[0] : ""},
		.control = -1,
		.pipe = {-1, -1},
		.inherited = *inherited,
	};

	s.status = supervisor_set_up(&s);
	while (s.status < 0) {
		children_start(&s);
		int signal = signal_wait(&s);
		if (signal > 0)
			signal_handle(&s, signal);
	}
	notify_stopping(&s.notify);
	children_end(&s);
	free(s.command_path);
	return s.status;
}
