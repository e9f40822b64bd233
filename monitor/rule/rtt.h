/*
 * Round-trip times and timeouts (RFC 6298), with bounds for a probe instead of a connection. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rtt {
	uint32_t srtt_us, rttvar_us; /* 0: never measured */
};

/* What is known of a path to several targets. */
struct rtt_path {
	struct rtt all;     /* for a target that was not measured yet */
	uint32_t excess_us; /* what the last answers took beyond what was expected of them */
	int32_t shift_us;   /* how far the last answers were from it on average, either way */
};

/*
 * True if the answer may be one to a copy of the probe, which the system sends by itself after
 * retransmit_us (0: never): if that is the likelier by what is known of the path. Such an answer
 * measures nothing (Karn's algorithm: RFC 6298, section 3), and the probe itself was lost.
 */
bool rtt_is_ambiguous(const struct rtt_path *path, uint64_t sample_us, uint64_t retransmit_us);

/* The sample is one of the path and, unless it is ambiguous, of this target. */
void rtt_learn(struct rtt_path *path, struct rtt *target, uint32_t sample_us, bool ambiguous);

/* How long to wait for the target's answer: 1 s if nothing is known, else 0.3 s to 2 s. */
uint32_t rtt_timeout_us(const struct rtt_path *path, const struct rtt *target);
