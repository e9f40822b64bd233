/*
 * The choice: which of the prefixes make the set. Pure: time and health come in.
 */
#pragma once

#include "engine.h"

struct choice_candidate {
	struct engine_entry entry;
	bool healthy;
	bool doubtful;       /* healthy, but its last probes failed: not the one to turn to now */
	bool answering;      /* its last probes were answered, whether it is healthy or not */
	bool lacks_targets;  /* a few targets are lost through it, and little else */
	uint32_t latency_us; /* 0 when unknown */
	float loss;          /* share of what users would lose through it */
	uint64_t failed_us;  /* when it went down last; UINT64_MAX: it was not judged yet */
};

struct choice {
	unsigned min, max;
	uint32_t slack_us;     /* beyond min, one is at most this much slower than the fastest */
	struct engine_set set; /* in force */
	uint64_t start_us;     /* when the first probe was due */
	bool member_gone;      /* the list lost one: whatever is left is chosen now */
	uint64_t better_us;    /* since when a set that is only better proves itself; 0: none */
};

/*
 * Judges anew. Returns true if the members changed. The first set waits for those not judged yet.
 * While nothing is healthy the set stays as it is, unless a member is not listed any more.
 */
bool choice_review(struct choice *choice, const struct choice_candidate *candidates, size_t count,
                   uint64_t now_us);

/* Another list: members stay, as far as they are listed. */
void choice_renumber(struct choice *choice, const struct choice_candidate *candidates, size_t count,
                     uint64_t now_us);
