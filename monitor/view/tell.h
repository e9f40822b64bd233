/*
 * All that the prober tells, by all ways: the log, the service manager, the status file and
 * metrics. It looks at the engine some times a second, and never waits.
 */
#pragma once

#include "files.h"
#include "history.h"
#include "notify.h"
#include "report.h"

struct tell {
	struct view view;
	struct report report;
	struct history history; /* only if there is a status to show it in */
	struct notify notify;
	struct files *files;           /* NULL: none are written */
	uint64_t left_us[FILES_COUNT]; /* when the text was left to be written */
	bool stale[FILES_COUNT];       /* something changed since; without a file: to be reviewed */
	uint64_t begun_us;
};

/* The view is of what there is to tell, all of which outlives it. Returns 0 or -ENOMEM. */
int tell_open(struct tell *t, const struct view *view, struct files *files);

/* Something happened that is not told otherwise. */
void tell_change(struct tell *t);

/* What happened: the list in force is another one, a verdict fell, the set is another one. */
void tell_list(struct tell *t);
void tell_verdict(struct tell *t, const struct verdict *verdict);
void tell_set(struct tell *t, const struct prefix_set *set, const struct prefix_set *before,
              uint64_t now_us);

/* Looks at the state anew, and tells what is to be told. */
void tell_review(struct tell *t, uint64_t now_us);

/* When that is due; UINT64_MAX for not before something comes or goes. */
uint64_t tell_due(const struct tell *t);

/* Tells each line of the table, all prefixes in it. */
void tell_table(struct tell *t, void (*line)(const char *words));
