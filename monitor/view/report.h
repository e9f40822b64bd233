/*
 * What happens to prefixes and sets, in words: each event is a line of the log, and the last ones
 * are kept for the status file.
 */
#pragma once

#include "words.h"

#define REPORT_EVENTS_MAX 10

struct report_event {
	uint64_t wall_us; /* since 1970 */
	char words[WORDS_MAX];
};

struct report {
	const struct view *view;
	struct report_event events[REPORT_EVENTS_MAX]; /* a ring */
	uint64_t event_count;                          /* so far */
	bool silent;
	bool method_silent[METHODS_MAX];
	bool stopped; /* nothing can be sent */
	enum engine_supply supply;
	uint64_t unsent_told_us; /* when it was told last that probes were not sent; 0: never */
	uint64_t unsent_told;    /* how many it was by then */
	uint64_t hour_us;        /* when the hour began */
	struct counters hour;    /* as they were then */
};

/* Logs the words with the priority, and keeps them. */
void report_say(struct report *r, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The event before the last n; NULL if it is not kept or never was. */
const struct report_event *report_read(const struct report *r, uint64_t n);

/* Why a prefix went up (notice) or down (warning). */
void report_verdict(struct report *r, const struct verdict *v);

/* The new set, the one before (count 0: none), and why prefixes of that one are out. */
void report_set(struct report *r, const struct prefix_set *set, const struct prefix_set *before);

/*
 * Says once when something is wrong with more than single prefixes, and once when it is over; and
 * what was counted in an hour, when it has gone by. Returns true if something happened.
 */
bool report_review(struct report *r);
