/*
 * What the prober has counted since it started, whatever became of the prefix file meanwhile.
 */
#ifndef NAT64HEALTH_COUNTERS_H
#define NAT64HEALTH_COUNTERS_H

#include <stdint.h>

struct counters {
	uint64_t started_us; /* since 1970, as below */
	uint64_t probes, answers;
	uint64_t ups, downs;  /* verdicts */
	uint64_t sets;        /* set lines written, repeated ones too */
	uint64_t set_changes; /* the first set is one */
	uint64_t set_changed_us;
	uint64_t reloads, reloads_taken; /* of the prefix file: asked for, and good ones */
};

#endif
