/*
 * Flap damping: how many answers in a row a prefix needs before it is taken back, by how often it
 * went down lately. Pure.
 */
#ifndef NAT64HEALTH_DAMPING_H
#define NAT64HEALTH_DAMPING_H

#include <stdint.h>

#define DAMPING_FLAPS 8U

struct damping {
	uint64_t flaps_us[DAMPING_FLAPS]; /* 0: none */
	uint8_t next;
};

/* It went down now. */
void damping_add(struct damping *damping, uint64_t now_us);

/* How often it went down within the last hour, as far as is remembered: the last 8 times. */
unsigned damping_flaps(const struct damping *damping, uint64_t now_us);

/* The run of answers, doubled by each flap but the first, up to 10 minutes' worth. */
uint32_t damping_run(const struct damping *damping, uint32_t run, uint64_t interval_us,
                     uint64_t now_us);

#endif
