/*
 * What time it is, in microseconds.
 */
#ifndef NAT64HEALTH_CLOCK_H
#define NAT64HEALTH_CLOCK_H

#include <stdint.h>

/* Since the host was booted: never goes back, and goes on while the host sleeps. */
uint64_t clock_us(void);

/* Since 1970, for people and for Prometheus; it may be set. */
uint64_t clock_wall_us(void);

#endif
