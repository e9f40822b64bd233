/*
 * How the updater stands, in numbers that an alert looks at: a file in Prometheus's text format.
 */
#pragma once

#include "atomic_file.h"
#include "feed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the text with the largest numbers and the most prefixes, 2,300 bytes, twice over. */
#define UPDATE_METRICS_MAX 5000

struct update_metrics {
	struct atomic_file file;
	struct log_problem problem;
	const struct feed *feed;
	const struct prefix_set *served; /* by BIND, as far as is known */
	bool in_force;                   /* what the last line asked for */
	bool verified;                   /* and BIND's last answer has shown it */
	unsigned long signals;
	uint64_t started_us, changed_us; /* wall clock; 0: never */
	bool pending;                    /* something happened since the file was written */
	uint64_t written_us;             /* clock_us() */
};

/* Writes the text and a final NUL, and returns its length in bytes. */
size_t update_metrics_text(char text[UPDATE_METRICS_MAX], const struct update_metrics *m);

/* When the file is to be written; UINT64_MAX: not until more happens. */
uint64_t update_metrics_due(const struct update_metrics *m);

/* Replaces the file. A failure is logged once while it lasts, and holds nothing up. */
void update_metrics_write(struct update_metrics *m, uint64_t now_us);
