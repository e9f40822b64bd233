/* The updater at work: lines come in, and the file, BIND and the log follow. */
#pragma once

#include "converge.h"
#include "feed.h"
#include "install.h"
#include "named.h"
#include "render.h"
#include "update_metrics.h"
#include "update_options.h"
#include "verify.h"

struct updater {
	const struct update_options *options;
	/* Opened by the caller. */
	struct install install;
	struct named named;
	struct verify verify;
	struct prefix_file allow; /* empty: every prefix may be in a set */
	struct feed feed;
	struct update_metrics metrics;
	int signal_fd; /* signals that are blocked come in by it */
	/* Its own. */
	struct converge converge;
	struct prefix_set wanted, filed, in_force; /* count 0: none yet */
	uint64_t wanted_us;                        /* since when it is wanted */
	bool replaced;                             /* the file was, since the last reload */
	struct answer answer;                      /* BIND's last */
	struct prefix_set reloaded;                /* what it served before the last reload */
	uint64_t stamp;                            /* of its configuration then */
	bool ending, failed;                       /* told to end; nothing more can be done */
	uint64_t read_us;                          /* lines are not read before */
	uint64_t deadline_us;                      /* after the end of input; UINT64_MAX before */
	struct log_problem problem;                /* that is in the way of the set */
	char text[RENDER_MAX];
};

/*
 * Works until the end of input, or a signal. Everything is open and the sandbox closed.
 * Returns the exit status: 0 if what the last line asked for is in force, else 1.
 */
int updater_run(struct updater *u);
