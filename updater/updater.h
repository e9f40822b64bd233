/*
 * The updater at work: lines come in, and the file, BIND and the log follow.
 */
#ifndef NAT64HEALTH_UPDATER_H
#define NAT64HEALTH_UPDATER_H

#include "converge.h"
#include "input.h"
#include "install.h"
#include "named.h"
#include "render.h"
#include "update_metrics.h"
#include "update_options.h"
#include "verify.h"

#include <signal.h>

struct updater {
	const struct update_options *options;
	struct install install;
	struct named named;
	struct verify verify;
	struct prefix_file allow; /* empty: every prefix may be in a set */
	struct converge converge;
	struct input input;
	struct update_metrics metrics;
	struct counts hour;                 /* when the last hour began */
	int64_t hour_ms;                    /* when it ends */
	struct prefix_set wanted, in_force; /* count 0: none yet */
	int64_t wanted_ms;                  /* since when wanted is wanted */
	struct prefix_set served;           /* what BIND showed last, if it was something else */
	bool refused;                       /* the last line was */
	unsigned long refused_last;         /* number of the last refused line */
	unsigned long refusals;             /* since refusals_ms, told or not */
	int64_t refusals_ms;
	bool ended;            /* of input, or as a signal said */
	bool failed;           /* nothing more can be done */
	int64_t deadline_ms;   /* after the end of input: when to stop trying */
	sigset_t signals_open; /* to be open to while waiting */
	char text[RENDER_MAX];
	char reason[REASON_MAX];  /* of the last step that failed */
	char problem[REASON_MAX]; /* that was logged last, and is not over */
};

/*
 * Works until the end of input, or TERM or INT. Everything is open and the sandbox closed.
 * Returns the exit status: 0 if the last line is in force, else 1.
 */
int updater_run(struct updater *u);

/* Sets up signal handling; call before the sandbox closes. */
void updater_catch_signals(struct updater *u);

#endif
