/*
 * What the updater has done and how it stands, in numbers: a file in Prometheus's text format for
 * whoever watches, and a line an hour for the log. It counts nothing by itself.
 */
#ifndef NAT64HEALTH_UPDATE_METRICS_H
#define NAT64HEALTH_UPDATE_METRICS_H

#include "atomic_file.h"
#include "set_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the text with the largest numbers and the most prefixes, 3,700 bytes, twice over. */
#define UPDATE_METRICS_MAX 8192

#define UPDATE_HOUR_MAX 256

/* Why a line was refused. */
enum refusal {
	REFUSAL_INVALID,     /* it is not a set line */
	REFUSAL_NOT_ALLOWED, /* a prefix is not in the allow list */
	REFUSAL_UNFINISHED,  /* the input ended inside it */
	REFUSALS,
};

/* Since the start. */
struct counts {
	unsigned long lines; /* read, of any kind */
	unsigned long accepted;
	unsigned long refused[REFUSALS];
	unsigned long writes; /* that replaced the file */
	unsigned long write_failures;
	unsigned long signals; /* that were sent */
	unsigned long signal_failures;
	unsigned long retries;
	unsigned long questions;
	unsigned long answers;
};

struct update_metrics {
	struct atomic_file file;
	struct counts counts;
	bool in_force; /* the set asked for last, as far as is known */
	bool verified; /* BIND has shown it */
	const struct prefix_set *served;
	/* Seconds since 1970; 0: not yet. */
	int64_t started_s, line_s, in_force_s, verified_s;
	bool pending; /* something happened since the file was written */
	struct log_problem problem;
	int64_t written_ms;
};

/* Writes the text and a final NUL, and returns its length in bytes. */
size_t update_metrics_text(char text[UPDATE_METRICS_MAX], const struct update_metrics *m);

/* When the file is to be written, in ms as now_ms below; INT64_MAX: not until more happens. */
int64_t update_metrics_due(const struct update_metrics *m);

/* Replaces the file. A failure is logged once until it is over, and is nobody's concern. */
void update_metrics_write(struct update_metrics *m, int64_t now_ms);

/* Writes what happened between two counts, in words. */
void update_metrics_hour(char words[UPDATE_HOUR_MAX], const struct counts *then,
                         const struct counts *now);

#endif
