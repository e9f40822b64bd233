/* What time it is, in microseconds. */
#pragma once

#include "units.h"

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

/* Since the host was booted: never goes back, and goes on while the host sleeps. */
static inline uint64_t clock_us(void)
{
	return clock_read_us(CLOCK_BOOTTIME);
}

/* Since 1970, for people and for Prometheus; it may be set. */
static inline uint64_t clock_wall_us(void)
{
	return clock_read_us(CLOCK_REALTIME);
}
