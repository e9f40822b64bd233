/*
 * The metrics file: what the monitor knows, for Prometheus (node_exporter's textfile collector).
 * Many prefixes make a long text, and while it is written nobody hears answers: so only the first
 * METRICS_PREFIXES of the file, and those in the set, have series of their own.
 */
#ifndef NAT64HEALTH_METRICS_H
#define NAT64HEALTH_METRICS_H

#include "atomic_file.h"
#include "counters.h"
#include "report.h"
#include "rule/engine.h"
#include "text.h"

#define METRICS_PREFIXES 256U
#define METRICS_TEXT_MAX (1UL << 20) /* bytes, enough for all that many prefixes may have */

struct metrics {
	struct atomic_file file; /* its directory is for the sandbox */
	char *text;              /* NULL: nobody asked for metrics */
	uint64_t written_us;
	bool changed; /* something that an alert may wait for */
	struct log_problem problem;
};

/* What the numbers are of. */
struct metrics_view {
	const struct report_names *names;
	const struct engine *engine;
	const struct counters *counters;
	uint64_t now_us;
};

/* Returns 0 if files may be replaced where path is, or -1 after an error was logged. */
int metrics_check(const char *path);

/* Opens the directory of path, which must outlive *m. What fails is logged, and nothing else is. */
void metrics_open(struct metrics *m, const char *path);

/* Something changed: the file is due soon, and not only when its time has come. */
void metrics_hasten(struct metrics *m);

/* Writes the file if it is due. A failure is logged once, until it works again. */
void metrics_review(struct metrics *m, const struct metrics_view *view);

/* When metrics_review is worth a wake-up; UINT64_MAX for never. */
uint64_t metrics_due(const struct metrics *m);

/* The text of the file: Prometheus's exposition format 0.0.4. */
void metrics_format(struct text *text, const struct metrics_view *view);

#endif
