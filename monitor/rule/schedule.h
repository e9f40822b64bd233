/*
 * When each channel is asked in routine, and which target it asks: spread evenly over the interval
 * and over the targets. Pure.
 */
#ifndef NAT64HEALTH_SCHEDULE_H
#define NAT64HEALTH_SCHEDULE_H

#include "bounds.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule {
	uint64_t interval_us;
	size_t prefixes, channels;
	unsigned targets[METHODS_MAX], steps[METHODS_MAX];
};

void schedule_init(struct schedule *schedule, uint64_t interval_us, size_t prefixes,
                   unsigned methods, const unsigned *targets);

/* The channel's next routine probe after now. */
uint64_t schedule_next_us(const struct schedule *schedule, uint32_t prefix, unsigned method,
                          uint64_t now_us);

/* True if due is one of the channel's routine times. */
bool schedule_is_routine(const struct schedule *schedule, uint32_t prefix, unsigned method,
                         uint64_t due_us);

/* The target of the routine probe at due: each of the method's once in as many intervals. */
unsigned schedule_target(const struct schedule *schedule, uint32_t prefix, unsigned method,
                         uint64_t due_us);

/* The target that the channel's very first probe asks. */
unsigned schedule_first_target(const struct schedule *schedule, uint32_t prefix, unsigned method);

#endif
