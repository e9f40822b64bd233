/*
 * The choice: which 2 or 3 of the healthy prefixes make the set. Pure: time and health come in.
 */
#ifndef NAT64HEALTH_CHOICE_H
#define NAT64HEALTH_CHOICE_H

#include "bounds.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct choice_candidate {
	bool healthy;
	bool doubtful;       /* healthy, but its last probes failed: not the one to turn to now */
	bool drained;        /* never chosen */
	uint8_t tier;        /* a lower one is preferred as long as it is healthy */
	uint32_t latency_us; /* 0 when unknown */
	uint64_t failed_us;  /* when it went down last, 0 if never */
};

struct choice_config {
	unsigned min, max;
	uint32_t slack_us; /* beyond MIN, one is taken only if at most this much slower than the
	                      fastest */
	uint64_t start_us; /* when the first probe was due */
};

struct choice {
	struct choice_config config;
	uint32_t members[SET_MEMBERS_MAX]; /* ascending; the set in force */
	size_t count;                      /* 0: none was chosen yet */
	size_t healthy;                    /* candidates that may be chosen, of the last review */
	bool wanted;                       /* a set that is only faster waits to prove itself */
	uint64_t wanted_since_us;
};

void choice_init(struct choice *choice, const struct choice_config *config);

/*
 * Judges anew; settled says that every candidate was judged. Returns true if the set changed.
 * While nothing is healthy, and before the first MIN are, the set stays as it is.
 */
bool choice_review(struct choice *choice, const struct choice_candidate *candidates, size_t count,
                   bool settled, uint64_t now_us);

/* Makes the candidate a member, as it was in the list before. */
void choice_adopt(struct choice *choice, uint32_t candidate);

bool choice_holds(const struct choice *choice, uint32_t candidate);

/* When choice_review could decide otherwise although no candidate changed; UINT64_MAX for never. */
uint64_t choice_due(const struct choice *choice, uint64_t now_us);

#endif
