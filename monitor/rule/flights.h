/*
 * The probes under way, found by number and by target. No allocation after flights_init. Pure.
 */
#ifndef NAT64HEALTH_FLIGHTS_H
#define NAT64HEALTH_FLIGHTS_H

#include "health.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLIGHTS_NONE UINT32_MAX

enum flight_state { FLIGHT_FREE, FLIGHT_WAITING, FLIGHT_VOID, FLIGHT_FAILED, FLIGHT_CHARGED };

struct flight {
	enum flight_state state;
	uint32_t prefix, next, previous; /* next: to the same target */
	uint8_t method, target;
	bool routine, accompanied, companion, witnessed;
	uint32_t witness, timeout_us;
	float charge;
	uint64_t sent_us;
};

struct flights {
	struct flight *all;
	size_t count, used; /* used: how many were ever taken, so that the others stay untouched */
	uint32_t free;
	uint32_t first[HEALTH_METHODS_MAX]
		      [HEALTH_TARGETS_MAX]; /* to each target, the newest first */
};

/* Returns 0 or -ENOMEM; flights_free is right after either. */
int flights_init(struct flights *flights, size_t count);
void flights_free(struct flights *flights);

/* All are closed. */
void flights_clear(struct flights *flights);

/* Takes the flight in, waiting; its links are set. Returns its number, FLIGHTS_NONE if all fly. */
uint32_t flights_open(struct flights *flights, const struct flight *flight);

/* Its number may be given to another from now on. */
void flights_close(struct flights *flights, uint32_t id);

#endif
