/*
 * One run: a world, the engine that the daemon uses, and a virtual clock between them. It keeps
 * count, and stops at the first broken invariant.
 */
#pragma once

#include "score.h"
#include "world.h"

#include <stdbool.h>
#include <stdint.h>

struct run_config {
	struct world_config world;
	double interval; /* seconds */
	unsigned min, max;
	double slack;     /* seconds */
	unsigned drained; /* how many prefixes, counted from the last */
	unsigned tiers;   /* prefix i is of tier i modulo this, if it is not 0 */
	double reload; /* seconds after which a member that is down is taken from the list, or 0 */
	bool verbose, quiet;
	uint64_t lasts_us;
};

/* Adds what happened to the result. Returns false if an invariant was broken: it was printed. */
bool run(const struct run_config *config, uint64_t seed, struct result *result);
