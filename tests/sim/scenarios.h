/*
 * What is simulated: the named scenarios with their aims, and random worlds.
 */
#pragma once

#include "aims.h"
#include "run.h"

struct scenario {
	const char *name;
	const char *text;
	struct run_config run;
	bool random;     /* a new world for each seed, made from it */
	double job_days; /* prefix-days of one run */
	double share;    /* of the prefix-days asked for */
	struct aims aims;
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* The configuration of one run of the scenario. */
struct run_config scenario_run(const struct scenario *scenario, uint64_t seed);
