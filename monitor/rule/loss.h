/*
 * Loss: what a channel loses, what all lose alike, and what a failure or an answer says of it.
 * Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The share of control probes that was lost lately though their prefix is well. */
struct common_loss {
	double share;  /* of the last dozen: a storm is seen at once */
	double steady; /* of hundreds */
	uint64_t at_us;
	unsigned learnt; /* that steady is made of */
};

/* Of the last hundred probes or so of a channel, the share that was lost. */
void loss_learn(float *share, bool failed);

/* What all lose now, 0 if no control probe was sent for half a minute; or over a longer time. */
void common_loss_add(struct common_loss *common, bool failed, uint64_t now_us);
double common_loss_now(const struct common_loss *common, uint64_t now_us);
double common_loss_max(const struct common_loss *common, uint64_t now_us);

/*
 * Log likelihood ratio of a loss not worth using (25%) to a usual one (3%): what a failure adds to
 * the evidence, and what an answer takes from it. Common loss explains a part of the failures.
 */
double loss_evidence_of_failure(double common);
double loss_evidence_of_answer(void);

/* Whether it is so much more than what all lose that the prefix is not worth using. */
bool loss_is_more(double share, const struct common_loss *common);

/* As many answers in a row as a channel that loses this share gives once in 50 times. */
uint32_t loss_run(double share);

/* How many of them a failure undoes. */
uint32_t loss_setback(const struct common_loss *common, uint64_t now_us);
