/*
 * The probes under way, found by number and by target. It judges nothing; no allocation after
 * pending_init.
 */
#ifndef NAT64HEALTH_PENDING_H
#define NAT64HEALTH_PENDING_H

#include "bounds.h"
#include "engine.h"

#define PENDING_NONE UINT32_MAX

enum pending_state { PENDING_FREE, PENDING_WAITING, PENDING_FAILED, PENDING_COUNTED };

struct pending_probe {
	enum pending_state state;
	uint32_t prefix, next, previous; /* next: to the same target, an older one */
	uint8_t method, target;
	bool routine;     /* of the timetable */
	bool again;       /* its target failed just now */
	bool is_control;  /* sent because a probe through another prefix asked for it */
	bool has_control; /* a control probe was sent along with it */
	bool confirmed;   /* a control probe was answered */
	float counted;    /* as that much evidence */
	uint32_t control; /* through this prefix */
	uint32_t timeout_us;
	enum probe_failure failure;
	uint64_t sent_us;
};

struct pending {
	struct pending_probe *probes;
	size_t max, used; /* numbers from used on were never given: their pages are untouched */
	uint32_t free;
	uint32_t first[METHODS_MAX][TARGETS_MAX]; /* to each target, the newest first */
};

/* Returns 0 or -ENOMEM; pending_free is right after either. */
int pending_init(struct pending *pending, size_t max);
void pending_free(struct pending *pending);

/* Forgets all. */
void pending_clear(struct pending *pending);

/* Takes the probe in, waiting. Returns its number, PENDING_NONE if the table is full. */
uint32_t pending_open(struct pending *pending, const struct pending_probe *probe);

/* Its number may be given to another from now on. */
void pending_close(struct pending *pending, uint32_t id);

#endif
