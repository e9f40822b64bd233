/*
 * What time it is, in microseconds.
 */
#include "clock.h"

#include "units.h"

#include <time.h>

static uint64_t clock_read_us(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * SECOND_US + (uint64_t)now.tv_nsec / 1000;
}

uint64_t clock_us(void)
{
	return clock_read_us(CLOCK_BOOTTIME);
}

uint64_t clock_wall_us(void)
{
	return clock_read_us(CLOCK_REALTIME);
}
