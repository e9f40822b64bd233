/*
 * What a run is judged by, or many of them.
 */
#pragma once

#include "times.h"

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
