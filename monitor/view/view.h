/*
 * What there is to tell: all that words, the table, the status file and metrics are made of. They
 * read it; the prober writes it.
 */
#pragma once

#include "list.h"
#include "options.h"
#include "output.h"
#include "rule/engine.h"
#include "sockets.h"

/* Counted since the prober started, whatever became of the list meanwhile. */
struct counters {
	uint64_t started_us; /* since 1970, as set_changed_us */
	uint64_t probes, answers;
	uint64_t ups, downs;  /* verdicts */
	uint64_t set_changes; /* the first set is one */
	uint64_t set_changed_us;
	uint64_t reloads, reloads_taken; /* of the list: asked for, and good ones */
};

struct view {
	const struct options *options;
	const struct list *list;
	const struct engine *engine;
	const struct sockets *sockets;
	const struct output *output; /* the set in force */
	struct counters counters;
	struct engine_summary summary;
	uint64_t now_us; /* when the summary was made */
};
