/*
 * Loss: how much is expected of a channel and of its pairs, learnt slowly; what everybody loses
 * just now; and what a failure or an answer therefore says (log-likelihood ratios). Pure.
 */
#ifndef NAT64HEALTH_LOSS_H
#define NAT64HEALTH_LOSS_H

#include <stdbool.h>
#include <stdint.h>

/* Of a channel: the share of routine probes that failed in the last half hour or so. */
struct loss_history {
	double share;
	uint16_t learnt; /* probes that it is made of */
};

/* Of a channel and one target, over fewer probes. */
struct loss_pair {
	float share;
};

/* The share of companions that failed lately, though their prefix is well: everybody's loss. */
struct loss_weather {
	double share;
	uint64_t at_us;
};

void loss_history_init(struct loss_history *history);

/* A routine probe, sent once an interval, was answered or failed. */
void loss_learn(struct loss_history *history, struct loss_pair *pair, bool failed,
                uint64_t interval_us);

/* Of a channel with this share in its history: between 2% and 10%. */
double loss_expected(double share, const struct loss_pair *pair);

/* True if the pair fails so often that its failures are no news. */
bool loss_pair_is_bad(const struct loss_pair *pair);

void loss_weather_add(struct loss_weather *weather, bool failed, uint64_t now_us);

/* What is lost by everybody now; 0 if nobody looked for half a minute. */
double loss_weather_now(const struct loss_weather *weather, uint64_t now_us);

/* How much a failure speaks for a loss not worth using, against the expected one: above 0. */
double loss_evidence_of_failure(double expected, double weather);

/* How much an answer speaks against it: above 0, to be subtracted. */
double loss_evidence_of_answer(double expected);

#endif
