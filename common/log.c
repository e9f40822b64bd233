/*
 * Messages for people: on stderr, or to syslog. It never decides what is worth saying.
 */
#include "log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	const char *program;
	int level;
	bool journal;
	bool syslog;
	void (*writer)(void *context, const char *message);
	void *context;
} log_state = {.program = "nat64health", .level = LOG_NOTICE};

/* systemd.exec(5): JOURNAL_STREAM is "DEVICE:INODE" of the socket that the journal reads. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[48];
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(ours, sizeof(ours), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

void log_open(const char *program, bool use_syslog)
{
	log_state.program = program;
	log_state.journal = stderr_is_journal();
	log_state.syslog = use_syslog;
	if (use_syslog)
		openlog(program, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

void log_set_level(int priority)
{
	log_state.level = priority;
}

void log_set_writer(void (*writer)(void *context, const char *message), void *context)
{
	log_state.writer = writer;
	log_state.context = context;
}

static void text_clean(char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			*text = '?';
	}
}

/* One write a line, so that lines of several processes do not mix. */
static void line_write(int priority, const char *before, const char *message)
{
	char line[LOG_MESSAGE_MAX + 128];
	int used;

	if (log_state.writer) {
		log_state.writer(log_state.context, message);
		return;
	}
	if (log_state.syslog) {
		syslog(priority, "%s", message);
		return;
	}
	if (log_state.journal)
		used = snprintf(line, sizeof(line), "<%d>%s\n", priority, message);
	else
		used = snprintf(line, sizeof(line), "%s%s%s\n", before, *before ? ": " : "",
		                message);
	if (used >= (int)sizeof(line)) {
		used = sizeof(line) - 1;
		line[used - 1] = '\n';
	}
	if (used > 0 && write(STDERR_FILENO, line, (size_t)used) < 0)
		return; /* nobody is left to be told */
}

static void __attribute__((format(printf, 2, 0)))
message_write(int priority, const char *format, va_list args)
{
	char message[LOG_MESSAGE_MAX];

	if (priority > log_state.level)
		return;
	vsnprintf(message, sizeof(message), format, args);
	text_clean(message);
	line_write(priority, log_state.program, message);
}

#define LOG_FUNCTION(name, priority)                   \
	void name(const char *format, ...)             \
	{                                              \
		va_list args;                          \
		va_start(args, format);                \
		message_write(priority, format, args); \
		va_end(args);                          \
	}

LOG_FUNCTION(log_error, LOG_ERR)
LOG_FUNCTION(log_warning, LOG_WARNING)
LOG_FUNCTION(log_notice, LOG_NOTICE)
LOG_FUNCTION(log_info, LOG_INFO)
LOG_FUNCTION(log_debug, LOG_DEBUG)

void log_file_error(const char *file, unsigned line, const char *format, ...)
{
	char message[LOG_MESSAGE_MAX];
	int used = line != 0 ? snprintf(message, sizeof(message), "%s:%u: ", file, line)
	                     : snprintf(message, sizeof(message), "%s: ", file);
	va_list args;

	if (used < 0 || used >= (int)sizeof(message))
		used = 0;
	va_start(args, format);
	vsnprintf(message + used, sizeof(message) - (size_t)used, format, args);
	va_end(args);
	text_clean(message);
	line_write(LOG_ERR, "", message);
}
