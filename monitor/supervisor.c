/*
 * The supervisor: keeps the prober, and COMMAND if there is one, running. The set in force stays
 * served all that time, since nothing takes it out of BIND. What a list holds, and what a set is,
 * the supervisor does not know.
 */
#include "supervisor.h"

#include "clock.h"
#include "command.h"
#include "control.h"
#include "log.h"
#include "prober.h"
#include "text.h"
#include "units.h"
#include "view/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_MIN_US  SECOND_US
#define PAUSE_MAX_US  MINUTE_US
#define STEADY_US     MINUTE_US /* one that ran this long starts over with the shortest pause */
#define BLOCKED_US    (3 * SECOND_US) /* of KILLs in vain, before such a process is left alone */
#define COMMAND_USAGE 2               /* COMMAND's exit status for wrong usage, and ours */

struct supervisor;

struct child {
	const char *name;                     /* NULL: there is none */
	pid_t (*start)(struct supervisor *s); /* returns its pid, or a negative errno */
	pid_t pid;                            /* 0: not running */
	uint64_t started_us;
	uint64_t start_us; /* not running: when to start it again */
	uint64_t pause_us;
	uint64_t starts; /* so far */
};

/* In the order of their start. The reader is COMMAND's first process. */
enum { WRITER, READER, PROBER, CHILDREN };

struct supervisor {
	const struct options *options;
	struct list *list;
	struct files *files;
	const sigset_t *inherited;
	struct child children[CHILDREN];
	struct command command;
	struct notify notify;
	int signals;  /* a signalfd */
	int control;  /* the prober's, -1: none */
	bool offered; /* a list, to a prober that has not answered yet */
	bool offer_again;
	int status; /* -1: go on */
};

/* --- the list ------------------------------------------------------------------------------ */

/* The disk's delay is had here, not in the prober, which reads what the system then has cached. */
static void pages_warm(int fd)
{
	char bytes[16384];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	lseek(fd, 0, SEEK_SET);
}

static void conversation_end(struct supervisor *s)
{
	if (s->control >= 0)
		close(s->control);
	s->control = -1;
}

static bool word_send(const struct supervisor *s, enum control_word word, int fd)
{
	int result = s->control >= 0 ? control_send(s->control, word, fd) : 0;

	if (result < 0)
		log_error("the prober does not listen: %s", strerror(-result));
	return result == 0;
}

/* The prober says whether it takes the list. One that is away, or has not answered yet: later. */
static void prefixes_offer(struct supervisor *s)
{
	s->offer_again = s->offered || s->control < 0;
	if (s->offer_again)
		return;
	int fd = prefix_file_open(s->options->prefixes);
	if (fd >= 0)
		pages_warm(fd);
	s->offered = word_send(s, CONTROL_LIST, fd);
	if (fd >= 0)
		close(fd);
}

/* --- starting ------------------------------------------------------------------------------ */

/*
 * A terminal's ^C and hang-up are the supervisor's to pass on. A child that held the supervisor's
 * end of the prober's socket, or the pipe to COMMAND, would keep their other ends from seeing its
 * end.
 */
static void child_begin(struct supervisor *s)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	sigprocmask(SIG_SETMASK, s->inherited, NULL);
	close(s->signals);
	notify_close(&s->notify); /* the prober has one of its own */
	conversation_end(s);
	command_close(&s->command);
}

static pid_t writer_start(struct supervisor *s)
{
	pid_t pid = fork();

	if (pid == 0) {
		child_begin(s);
		exit(files_run(s->files));
	}
	return pid < 0 ? -errno : pid;
}

static void child_probe(struct supervisor *s, int control)
{
	if (s->command.path && dup2(s->command.pipe[1], STDOUT_FILENO) < 0) {
		log_error("cannot start the prober: %s", strerror(errno));
		_exit(EXIT_FAILURE);
	}
	child_begin(s);
	files_leave(s->files);
	exit(prober_run(s->options, s->list, s->files, control));
}

static pid_t probing_start(struct supervisor *s)
{
	int ends[2];
	int result = control_open(ends);

	if (result < 0)
		return result;
	s->control = ends[0];
	pid_t pid = fork();
	if (pid == 0)
		child_probe(s, ends[1]);
	if (pid < 0)
		pid = -errno;
	close(ends[1]);
	if (pid < 0)
		conversation_end(s);
	else if (s->offer_again)
		prefixes_offer(s);
	return pid;
}

static pid_t reader_start(struct supervisor *s)
{
	pid_t pid = command_start(&s->command);

	if (pid > 0)
		word_send(s, CONTROL_REPEAT, -1);
	return pid;
}

/* Whether it is to be started. No process of the COMMAND before may be left. */
static bool is_away(const struct supervisor *s, const struct child *c)
{
	return c->name && c->pid == 0 && (c != &s->children[READER] || s->command.group == 0);
}

static void children_start(struct supervisor *s)
{
	for (struct child *c = s->children; c < s->children + CHILDREN; c++) {
		uint64_t now_us = clock_us();
		if (!is_away(s, c) || c->start_us > now_us)
			continue;
		c->started_us = now_us;
		c->pid = c->start(s);
		if (c->pid > 0) {
			c->starts++;
			continue;
		}
		log_error("cannot start %s: %s", c->name, strerror(-c->pid));
		c->pid = 0;
		c->start_us = now_us + PAUSE_MAX_US;
	}
}

/* --- ends ---------------------------------------------------------------------------------- */

static void end_add(struct text *t, int status)
{
	int number = WTERMSIG(status);

	if (!WIFSIGNALED(status))
		text_add(t, "ended with status %d", WEXITSTATUS(status));
	else
		text_add(t, "was ended by signal %d (%s)", number, strsignal(number));
	if (WIFSIGNALED(status) && number == SIGSYS)
		text_add(t, " of its sandbox (journalctl -k | grep type=1326 names the call)");
}

/* The next one waits longer. */
static void child_pause(struct supervisor *s, struct child *c, int status)
{
	uint64_t now_us = clock_us();
	char words[256];
	struct text t = text_in(words, sizeof(words));

	if (c->pause_us == 0 || now_us - c->started_us >= STEADY_US)
		c->pause_us = PAUSE_MIN_US;
	else
		c->pause_us = SOONER(c->pause_us * 2, PAUSE_MAX_US);
	c->start_us = now_us + c->pause_us;
	text_add(&t, "%s ", c->name);
	end_add(&t, status);
	text_add(&t, ", again in %u s", (unsigned)(c->pause_us / SECOND_US));
	log_warning("%s", words);
	/* The pause is meant, and must not be taken for a prober that hangs. */
	if (c == &s->children[PROBER])
		notify_say(&s->notify, "STATUS=%s\nWATCHDOG=1\n", words);
}

static void probing_ended(struct supervisor *s, int status)
{
	conversation_end(s);
	if (s->offered)
		log_error("%s was not taken: the prefixes known so far stay", s->options->prefixes);
	s->offered = false;
	/* One that ends by itself has said why, and another would fare no better. */
	if (WIFEXITED(status))
		s->status = 1;
	else
		child_pause(s, &s->children[PROBER], status);
}

/* A new one reads its files again. */
static void reader_renew(struct supervisor *s)
{
	struct child *reader = &s->children[READER];

	reader->pause_us = reader->start_us = 0;
	if (reader->pid > 0)
		command_end(&s->command, clock_us());
}

/* Wrong usage at the first start is wrong at the next one, too: better said than tried for ever. */
static void reader_ended(struct supervisor *s, int status)
{
	struct child *c = &s->children[READER];
	uint64_t now_us = clock_us();

	if (s->command.kill_us != 0)
		return; /* as asked */
	command_end(&s->command, now_us);
	if (WIFEXITED(status) && WEXITSTATUS(status) == COMMAND_USAGE && c->starts == 1 &&
	    now_us - c->started_us < STEADY_US) {
		log_error("%s ended with status 2 at its first start: so does this", c->name);
		s->status = COMMAND_USAGE;
		return;
	}
	child_pause(s, c, status);
}

static void child_ended(struct supervisor *s, struct child *c, int status)
{
	c->pid = 0;
	if (s->status >= 0)
		return; /* as asked */
	if (c == &s->children[PROBER])
		probing_ended(s, status);
	else if (c == &s->children[READER])
		reader_ended(s, status);
	else
		child_pause(s, c, status);
}

static void children_reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (struct child *c = s->children; c < s->children + CHILDREN; c++) {
			if (c->pid == pid)
				child_ended(s, c, status);
		}
	}
	command_review(&s->command, clock_us());
}

/* --- what comes in ------------------------------------------------------------------------- */

static void signal_handle(struct supervisor *s)
{
	struct signalfd_siginfo info;

	if (read(s->signals, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGCHLD:
		children_reap(s);
		return;
	case SIGHUP:
		prefixes_offer(s);
		return;
	case SIGUSR1:
		word_send(s, CONTROL_TABLE, -1);
		return;
	default: /* TERM and INT */
		s->status = 0;
	}
}

static void reply_hear(struct supervisor *s)
{
	enum control_word word;
	int fd;
	int result = control_receive(s->control, &word, &fd);

	if (fd >= 0)
		close(fd); /* none is awaited */
	if (result == 0)
		return;
	if (result < 0) {
		/* It cannot be told anything any more. Most often it is dead already. */
		kill(s->children[PROBER].pid, SIGKILL);
		conversation_end(s);
		return;
	}
	if (!s->offered)
		return;
	s->offered = false;
	if (word == CONTROL_TAKEN)
		reader_renew(s);
	if (s->offer_again)
		prefixes_offer(s);
}

/* When a child is to be started or killed. */
static uint64_t supervisor_due(const struct supervisor *s)
{
	uint64_t due_us = UINT64_MAX;

	for (const struct child *c = s->children; c < s->children + CHILDREN; c++) {
		if (is_away(s, c))
			due_us = SOONER(due_us, c->start_us);
	}
	if (s->command.group > 0 && s->command.kill_us != 0)
		due_us = SOONER(due_us, s->command.kill_us);
	return due_us;
}

static void supervisor_wait(struct supervisor *s, uint64_t due_us)
{
	struct pollfd fds[] = {{.fd = s->signals, .events = POLLIN},
	                       {.fd = s->control, .events = POLLIN}};
	uint64_t now_us = clock_us();
	uint64_t wait_ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;

	if (poll(fds, COUNT(fds), due_us == UINT64_MAX ? -1 : (int)wait_ms) <= 0)
		return;
	if (fds[1].revents)
		reply_hear(s);
	if (fds[0].revents)
		signal_handle(s);
}

/* --- the end ------------------------------------------------------------------------------- */

static bool any_left(const struct supervisor *s)
{
	return s->children[PROBER].pid > 0 || s->children[WRITER].pid > 0 || s->command.group > 0;
}

/*
 * COMMAND finds the end of its input, and a TERM in case it waits for something else. A process
 * that not even KILL ends, since its disk hangs, is not waited for.
 */
static void children_end(struct supervisor *s)
{
	uint64_t kill_us = clock_us() + COMMAND_FAREWELL_US, leave_us = kill_us + BLOCKED_US;
	struct pollfd signals = {.fd = s->signals, .events = POLLIN};
	struct signalfd_siginfo info;

	if (s->children[PROBER].pid > 0)
		kill(s->children[PROBER].pid, SIGTERM);
	command_end(&s->command, clock_us());
	command_close(&s->command);
	if (files_wanted(s->files))
		close(s->files->wake[1]); /* the writer ends with the last one that could wake it */
	for (children_reap(s); any_left(s) && clock_us() < leave_us; children_reap(s)) {
		if (clock_us() >= kill_us && s->children[PROBER].pid > 0)
			kill(s->children[PROBER].pid, SIGKILL);
		if (poll(&signals, 1, 1000) > 0 &&
		    read(s->signals, &info, sizeof(info)) != sizeof(info))
			return;
	}
}

static int supervisor_set_up(struct supervisor *s)
{
	static const int handled[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD};
	sigset_t set;

	if (notify_open(&s->notify, getpid()) < 0)
		return 1;
	sigemptyset(&set);
	for (size_t i = 0; i < COUNT(handled); i++)
		sigaddset(&set, handled[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	/* If the parent ignored it, the ends of children would not be told. */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0) {
		log_error("cannot receive signals: %s", strerror(errno));
		return 1;
	}
	if (!s->options->command)
		return 0;
	return command_open(&s->command, s->options->command, s->inherited);
}

int supervisor_run(const struct options *options, struct list *list, struct files *files,
                   const sigset_t *inherited)
{
	const char *writer = files_wanted(files) ? "the writer" : NULL;
	const char *reader = options->command ? options->command[0] : NULL;
	struct supervisor s = {
		.options = options,
		.list = list,
		.files = files,
		.inherited = inherited,
		.children[WRITER] = {.name = writer, .start = writer_start},
		.children[READER] = {.name = reader, .start = reader_start},
		.children[PROBER] = {.name = "the prober", .start = probing_start},
		.control = -1,
	};

	s.status = supervisor_set_up(&s);
	if (s.status != 0)
		return s.status;
	for (s.status = -1; s.status < 0; command_review(&s.command, clock_us())) {
		children_start(&s);
		supervisor_wait(&s, supervisor_due(&s));
	}
	notify_say(&s.notify, "STOPPING=1\n");
	children_end(&s);
	free(s.command.path);
	return s.status;
}
