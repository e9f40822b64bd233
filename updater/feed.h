/*
 * Set lines from a descriptor, in bounded memory: the writer may send anything, at any speed. A
 * line that breaks a rule, or holds a prefix that is not allowed, is refused and logged.
 */
#pragma once

#include "prefix_file.h"
#include "set_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for many lines, so that a flood costs few calls. */
#define FEED_BUFFER (16 * 1024)

struct feed {
	struct set_size size;
	const struct prefix_file *allow; /* NULL: every prefix may be in a set */
	const char *allow_name;
	bool ended;          /* no line will come any more */
	bool refused;        /* the last line was */
	unsigned long lines; /* read, of any kind; the last one's number */
	unsigned long accepted, refusals;
	uint64_t line_us; /* wall clock, when the last line was read; 0: none was */
	/* Refusals are told one by one only as long as they are few. */
	unsigned long told, untold, refused_line;
	uint64_t told_us;
	/* What was read and not yet handed out. */
	char buffer[FEED_BUFFER];
	size_t start, end;
	bool skipping; /* inside a line that was too long and already handed out */
};

/* Reads once; call it after feed_set said false. Sets ended at the end of file, or after an error.
 */
void feed_fill(struct feed *f, int fd);

/* Hands out the next set that was read. Returns false when there is none left. */
bool feed_set(struct feed *f, struct prefix_set *set, uint64_t now_us);

/* Says how many refusals were not told. */
void feed_sum_up(struct feed *f);

/*
 * Of feed_set: the next complete line without its newline, valid until feed_fill. A line of more
 * than SET_LINE_MAX bytes is handed out once, cut to SET_LINE_MAX bytes, which is too long for
 * set_line_parse. Returns false when there is no complete line left.
 */
bool feed_line(struct feed *f, const char **line, size_t *length);
