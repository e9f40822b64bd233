/*
 * Messages for people, on standard error. Writing one never blocks: a line that cannot be written
 * at once is dropped and counted, and the count is told before the next line that goes out. Under
 * the journal (standard error is its socket) each line carries its "<N>" priority. Control bytes
 * are shown as '?'.
 */
#pragma once

#include <stdbool.h>
#include <syslog.h> /* LOG_ERR and the other priorities */

/* Longest message, the rest of a longer one is cut. With what stands before it, a line is shorter
 * than PIPE_BUF, so that a pipe takes it whole or not at all. */
#define LOG_MESSAGE_MAX 1024

/*
 * Call once, before the process changes its user: it may open standard error anew to have a
 * non-blocking descriptor of its own. program must outlive the process's last message.
 */
void log_open(const char *program);

/* Messages of this priority and more urgent ones are written: LOG_NOTICE unless told. */
void log_set_level(int priority);

void log_say(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_say(LOG_ERR, __VA_ARGS__)
#define log_warning(...) log_say(LOG_WARNING, __VA_ARGS__)
#define log_notice(...)  log_say(LOG_NOTICE, __VA_ARGS__)
#define log_info(...)    log_say(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   log_say(LOG_DEBUG, __VA_ARGS__)

/* An error in a file, as "FILE:LINE: what", or "FILE: what" when line is 0. */
void log_file_error(const char *file, unsigned line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Something wrong that may last: the words that were logged for it; empty while all is well. */
struct log_problem {
	char words[LOG_MESSAGE_MAX];
};

/* Logs the words with the priority, unless they are the ones that this problem has now. */
void log_problem(struct log_problem *problem, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Logs it as an error in the same way, and returns error, so that a function can end with it. */
int log_failure(struct log_problem *problem, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* It is over. Returns true if there was one. */
bool log_problem_over(struct log_problem *problem);
