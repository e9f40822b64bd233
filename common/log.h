/*
 * Messages for people: on stderr, or to syslog. Under the journal (stderr is its socket) each line
 * carries its "<N>" priority. Control bytes in what was logged are shown as '?'.
 */
#ifndef NAT64HEALTH_LOG_H
#define NAT64HEALTH_LOG_H

#include <stdbool.h>
#include <syslog.h>

/* Longest message, the rest of a longer one is cut. */
#define LOG_MESSAGE_MAX 1024

/* Call once, before the sandbox closes. program must outlive the process's last message. */
void log_open(const char *program, bool use_syslog);

/* Messages of this priority and more urgent ones are written: LOG_NOTICE unless told. */
void log_set_level(int priority);

/* Messages go there instead, one a call, without a newline; NULL: to stderr or syslog again. */
void log_set_writer(void (*writer)(void *context, const char *message), void *context);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An error in a file, as "FILE:LINE: what", or "FILE: what" when line is 0. */
void log_file_error(const char *file, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
