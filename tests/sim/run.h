/*
 * One run: a world, the engine that the daemon uses, and a virtual clock between them. It keeps
 * count, and stops at the first broken invariant.
 */
#ifndef NAT64HEALTH_SIM_RUN_H
#define NAT64HEALTH_SIM_RUN_H

#include "world.h"

#include <stdbool.h>
#include <stdint.h>

/* Detection times by size: each bucket is 1% longer than the one before, from 10 ms on. */
#define RUN_BUCKETS 1600

struct run_config {
	struct world_config world;
	double interval; /* seconds */
	unsigned min, max;
	double slack;     /* seconds */
	unsigned drained; /* how many prefixes, counted from the last */
	unsigned tiers;   /* prefix i is of tier i modulo this, if it is not 0 */
	bool verbose, quiet;
	uint64_t lasts_us;
};

struct run_result {
	double prefix_days, days;
	uint64_t false_removals;
	uint64_t episodes, missed;
	uint64_t detected[RUN_BUCKETS];
	double detected_most;
	uint64_t changes, changes_hour_most;
	uint64_t probes, busiest;    /* busiest: most probes within one second */
	uint64_t sets, first_set_us; /* first_set_us: the latest of all */
	uint64_t broken;
	uint64_t seed_broken;
};

/* Adds what happened to the result. Returns false if an invariant was broken: it was printed. */
bool run(const struct run_config *config, uint64_t seed, struct run_result *result);

void run_result_add(struct run_result *sum, const struct run_result *part);

/* The time within which the share of all episodes was detected; infinite if they were not. */
double run_detected(const struct run_result *result, double share);

#endif
