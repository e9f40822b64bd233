/*
 * Standard output: set lines, and the last one again at each heartbeat. It never waits for the
 * reader: while there is no room only the newest set is kept.
 */
#pragma once

#include "set_line.h"

#include <stdint.h>

struct output {
	int epoll;
	uint32_t event;        /* what epoll calls standard output */
	bool polled;           /* not so for a plain file, which is always ready */
	bool held;             /* nothing goes out: the reader is about to be replaced */
	bool waits;            /* the set, for room */
	struct prefix_set set; /* in force; count 0: none yet */
	uint64_t heartbeat_us, repeat_us;
	uint64_t lines; /* written since the start */
};

/* epoll tells with event when there is room, and when the reader is gone. */
void output_open(struct output *o, int epoll, uint32_t event, uint64_t heartbeat_us);

/* The set is in force from now on, and goes out. Returns 0, or what output_flush returns. */
int output_set(struct output *o, const struct prefix_set *set, uint64_t now_us);

/* Nothing goes out before output_release, which lets the set in force go out. */
void output_hold(struct output *o);
int output_release(struct output *o, uint64_t now_us);

/* Lets the set go out if its heartbeat is due; when that is. */
int output_review(struct output *o, uint64_t now_us);
uint64_t output_due(const struct output *o);

/*
 * There may be room: writes what waits. Returns 0, -EPIPE if the reader is gone, or another
 * negative errno after it was logged.
 */
int output_flush(struct output *o);
