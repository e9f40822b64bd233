/* Messages for people, on standard error. It never decides what is worth saying. */
#include "log.h"

#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES (LOG_MESSAGE_MAX + 128)

/* How a line is written without waiting, by what standard error is. */
enum sink {
	SINK_READY,  /* a file, or a non-blocking descriptor that no other process shares */
	SINK_SHARED, /* could not be opened anew: asked for room before each line */
	SINK_SOCKET,
};

static struct {
	const char *program;
	int level;
	int fd;
	enum sink sink;
	bool journal;
	unsigned long lost; /* lines, since the last one that went out */
} log_state = {.program = "nat64health", .level = LOG_NOTICE, .fd = STDERR_FILENO};

/* systemd.exec(5): JOURNAL_STREAM is "DEVICE:INODE" of the socket that the journal reads. */
static bool is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[48];

	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino);
	return stream && strcmp(stream, ours) == 0;
}

/* Pipes and terminals: O_NONBLOCK would else be set for all that share the descriptor. */
static void sink_open(void)
{
	int fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd >= 0)
		log_state.fd = fd;
	else
		log_state.sink = SINK_SHARED;
}

void log_open(const char *program)
{
	struct stat st;

	log_state.program = program;
	log_state.fd = STDERR_FILENO;
	log_state.sink = SINK_READY;
	log_state.journal = false;
	if (fstat(STDERR_FILENO, &st) != 0)
		return;
	log_state.journal = is_journal(&st);
	if (S_ISSOCK(st.st_mode))
		log_state.sink = SINK_SOCKET;
	else if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
		sink_open();
}

void log_set_level(int priority)
{
	log_state.level = priority;
}

static bool bytes_write(const char *bytes, size_t length)
{
	struct pollfd room = {.fd = log_state.fd, .events = POLLOUT};

	if (log_state.sink == SINK_SOCKET)
		return sendto(log_state.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0) ==
		       (ssize_t)length;
	if (log_state.sink == SINK_SHARED && poll(&room, 1, 0) != 1)
		return false;
	return write(log_state.fd, bytes, length) == (ssize_t)length;
}

/* One write a line, so that lines of several processes do not mix. */
static bool line_write(int priority, const char *before, const char *message)
{
	char buf[LINE_MAX_BYTES];
	struct text line = text_in(buf, sizeof(buf));

	if (log_state.journal)
		text_add(&line, "<%d>%s\n", priority, message);
	else
		text_add(&line, "%s%s%s\n", before, *before ? ": " : "", message);
	return bytes_write(buf, line.used);
}

static void message_write(int priority, const char *before, char *message)
{
	char lost[64];

	text_clean(message);
	snprintf(lost, sizeof(lost), "%lu log lines were lost", log_state.lost);
	if ((log_state.lost > 0 && !line_write(LOG_WARNING, log_state.program, lost)) ||
	    !line_write(priority, before, message))
		log_state.lost++;
	else
		log_state.lost = 0;
}

void log_say(int priority, const char *format, ...)
{
	char message[LOG_MESSAGE_MAX];
	va_list args;

	if (priority > log_state.level)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	message_write(priority, log_state.program, message);
}

void log_file_error(const char *file, unsigned line, const char *format, ...)
{
	char message[LOG_MESSAGE_MAX];
	int used = line != 0 ? snprintf(message, sizeof(message), "%s:%u: ", file, line)
	                     : snprintf(message, sizeof(message), "%s: ", file);
	va_list args;

	if (used >= (int)sizeof(message))
		used = 0;
	va_start(args, format);
	vsnprintf(message + used, sizeof(message) - (size_t)used, format, args);
	va_end(args);
	message_write(LOG_ERR, "", message);
}

static void __attribute__((format(printf, 3, 0)))
problem_log(struct log_problem *problem, int priority, const char *format, va_list args)
{
	char message[LOG_MESSAGE_MAX];

	vsnprintf(message, sizeof(message), format, args);
	if (strcmp(message, problem->words) == 0)
		return;
	memcpy(problem->words, message, sizeof(message));
	log_say(priority, "%s", message);
}

void log_problem(struct log_problem *problem, int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem_log(problem, priority, format, args);
	va_end(args);
}

int log_failure(struct log_problem *problem, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	problem_log(problem, LOG_ERR, format, args);
	va_end(args);
	return error;
}

bool log_problem_over(struct log_problem *problem)
{
	bool was = problem->words[0] != '\0';

	problem->words[0] = '\0';
	return was;
}
