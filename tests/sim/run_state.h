/*
 * What a run is made of, for its four files: run.c drives it, timeline.c tells of it, score.c keeps
 * count, and invariants.c stops it when what must not be is.
 */
#pragma once

#include "rule/engine.h"
#include "rule/heap.h"
#include "run.h"

#define TIMELINE_RING 48
#define TIMELINE_LINE 160

struct sent {
	struct world_probe probe;
	bool refused;
	bool resends; /* the arrival is none: then the system sends the probe again */
};

struct victim {
	uint64_t since_us; /* NEVER: it is none */
	uint64_t back_us;  /* the fault is over since then, and it is down; NEVER */
	bool found;        /* or cannot be, since it was down already */
	bool was_in_set, looked;
};

struct run {
	const struct run_config *config;
	struct result *result;
	uint64_t seed;
	struct world world;
	struct victim *victims; /* one a prefix */
	struct engine *engine;
	size_t prefixes;   /* of the world */
	size_t listed;     /* of the engine's list */
	uint32_t *listing; /* the prefix of each number in the engine's list */
	uint32_t *numbers; /* the other way round */
	struct heap arrivals;
	size_t probes;
	struct sent *sent; /* each probe under way */
	uint64_t now_us, check_us, reload_us;
	uint64_t alone_us; /* when too few worked, or it could not be told, last */
	uint64_t second, second_probes;
	uint64_t downs_us[64]; /* the last verdicts */
	unsigned downs;
	uint64_t hour_us[256]; /* the last changes */
	uint32_t change_count;
	uint64_t turns; /* of the world's faults */
	uint64_t turns_us[64];
	bool broken;
	char ring[TIMELINE_RING][TIMELINE_LINE];
	unsigned ring_next;
};

/* timeline.c */
void timeline_say(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void timeline_break(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void timeline_verdict(struct run *r, const struct verdict *verdict);
void timeline_fault(struct run *r, const struct world_fault *fault);

/* score.c */
struct engine_prefix score_view(const struct run *r, uint32_t prefix);
void score_fault(struct run *r, const struct world_fault *fault); /* which has turned */
void score_verdict(struct run *r, uint32_t prefix, bool up);
void score_set(struct run *r);
void score_probe(struct run *r, uint32_t prefix);
void score_second(struct run *r);

/* invariants.c */
bool run_is_drained(const struct run *r, uint32_t prefix);
void invariants_second(struct run *r);
void invariants_set(struct run *r);     /* which is in force */
void invariants_changed(struct run *r); /* a new one is in force */
