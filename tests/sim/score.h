/*
 * What a run is judged by: how soon victims of faults are found and leave the set, what is removed
 * though nothing is wrong with it, and what it costs.
 */
#ifndef NAT64HEALTH_SIM_SCORE_H
#define NAT64HEALTH_SIM_SCORE_H

#include "rule/engine.h"
#include "times.h"
#include "world.h"

struct result {
	double prefix_days, days;
	uint64_t false_removals;
	struct times found;             /* from a fault to the verdict */
	struct times gone;              /* from a fault until its victim is out of the set */
	struct times back;              /* from the end of a fault until its victim is up again */
	uint64_t returns;               /* victims that came back although the fault lasted */
	uint64_t looked, kept, unnamed; /* victims a minute after, in the set, without a reason */
	double stayed_s, stay_s;        /* of a victim's first hour: in the set, and in all */
	double victim_probes, victim_usual; /* after a minute, and what is usual */
	uint64_t changes, changes_hour_max, downs_hour_max;
	uint64_t probes, busiest;           /* busiest: most probes within one second */
	uint64_t sets, first_set_us, unset; /* the latest first set; runs without any */
	uint64_t broken, seed_broken;
};

void result_add(struct result *sum, const struct result *part);

struct victim {
	uint64_t since_us; /* NEVER: it is none */
	uint64_t back_us;  /* the fault is over since then, and it is down; NEVER */
	bool found;        /* or cannot be, since it was down already */
	bool was_in_set, looked;
};

struct score {
	struct result *result;
	const struct engine *engine;
	const struct world *world;
	const uint32_t *numbers; /* of each prefix, in the engine's list */
	double usual;            /* probes a second of one prefix */
	struct victim *victims;  /* one a prefix */
	uint64_t downs_us[64];
	unsigned downs;
};

void score_init(struct score *score, size_t prefixes);
void score_free(struct score *score);

/* A fault has turned. */
void score_fault(struct score *score, const struct world_fault *fault, uint64_t now_us);

/* Returns the words for it: a time, a false removal; or NULL. */
const char *score_verdict(struct score *score, uint32_t prefix, bool up, uint64_t now_us);
void score_set(struct score *score, uint64_t now_us);
void score_probe(struct score *score, uint32_t prefix, uint64_t now_us);

/* Once a second. */
void score_second(struct score *score, uint64_t now_us);

struct engine_prefix score_view(const struct score *score, uint32_t prefix, uint64_t now_us);

#endif
