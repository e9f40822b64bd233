/*
 * What is simulated: the named scenarios with their aims, and random worlds.
 */
#ifndef NAT64HEALTH_SIM_SCENARIOS_H
#define NAT64HEALTH_SIM_SCENARIOS_H

#include "run.h"

struct scenario {
	const char *name;
	const char *text;
	struct run_config run;
	bool random;           /* a new world for each seed, made from it */
	double job_days;       /* prefix-days of one run, if not the usual 10 */
	double share;          /* of the prefix-days asked for; 0 is all */
	double removals_most;  /* aim: false removals per prefix-year; 0 is none at all */
	bool removals_free;    /* no aim for them */
	double p50, p99;       /* aim: seconds to detect; 0 is no aim */
	unsigned changes_most; /* aim: changes of the set within any hour; 0 is no aim */
	double cost_most;      /* aim: probes per second, prefix and method; 0 is no aim */
	double busiest_most;   /* aim: probes in the busiest second, per mean second; 0 is no aim */
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* Prefix-days of one run. */
double scenario_job_days(const struct scenario *scenario);

/* The configuration of one run of the scenario. */
struct run_config scenario_run(const struct scenario *scenario, uint64_t seed);

#endif
