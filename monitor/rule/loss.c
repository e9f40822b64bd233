/*
 * Two loss rates are told apart: a usual one, and one not worth using (Page's test, 1954).
 */
#include "loss.h"

#include <math.h>

#define LOSS_BAD        0.25
#define LOSS_USUAL      0.03
#define LOSS_MARGIN     0.08
#define RUN_EVIDENCE    4.0 /* natural logarithm of 55 */
#define LEARNT_MIN      32U /* probes that a new channel's good name is worth */
#define LEARNT_MAX      128U
#define COMMON_GAIN     (1.0 / 12)
#define STEADY_GAIN     (1.0 / 256)
#define COMMON_FRESH_US 30000000ULL

void loss_learn(struct loss *loss, bool failed)
{
	unsigned worth = LEARNT_MIN + loss->learnt;

	if (worth < LEARNT_MAX)
		loss->learnt++;
	loss->share += ((float)failed - loss->share) / (float)worth;
}

void common_loss_add(struct common_loss *common, bool failed, uint64_t now_us)
{
	common->share = common_loss_now(common, now_us);
	common->share += COMMON_GAIN * (failed - common->share);
	common->steady += STEADY_GAIN * (failed - common->steady);
	common->at_us = now_us;
}

double common_loss_now(const struct common_loss *common, uint64_t now_us)
{
	return now_us - common->at_us > COMMON_FRESH_US ? 0 : common->share;
}

double loss_evidence_of_failure(double common)
{
	double kept = 1 - common;

	return log((1 - (1 - LOSS_BAD) * kept) / (1 - (1 - LOSS_USUAL) * kept));
}

double loss_evidence_of_answer(void)
{
	return log((1 - LOSS_USUAL) / (1 - LOSS_BAD));
}

bool loss_is_more(double share, const struct common_loss *common)
{
	return share >= LOSS_MARGIN + 1.5 * common->steady;
}

uint32_t loss_run(double share)
{
	return share >= 1 ? 1 : (uint32_t)ceil(RUN_EVIDENCE / -log1p(-fmax(share, 0.01)));
}

float loss_setback(double common)
{
	return (float)(loss_evidence_of_failure(common) / loss_evidence_of_answer());
}
