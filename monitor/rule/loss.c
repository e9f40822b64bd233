/*
 * Two loss rates are told apart: a usual one, and one not worth using (Page's test, 1954).
 */
#include "loss.h"

#include "units.h"

#include <math.h>

#define LOSS_BAD        0.25
#define LOSS_USUAL      0.03
#define LOSS_MARGIN     0.1
#define LOSS_GAIN       (1.0F / 128)
#define RUN_EVIDENCE    4.0 /* natural logarithm of 55 */
#define COMMON_GAIN     (1.0 / 12)
#define COMMON_FRESH_US (30 * SECOND_US)
#define STEADY_MIN      16U /* probes that make it; at first it learns faster */
#define STEADY_MAX      256U

void loss_learn(float *share, bool failed)
{
	*share += LOSS_GAIN * ((float)failed - *share);
}

void common_loss_add(struct common_loss *common, bool failed, uint64_t now_us)
{
	common->share = common_loss_now(common, now_us);
	common->share += COMMON_GAIN * (failed - common->share);
	common->learnt += STEADY_MIN + common->learnt < STEADY_MAX;
	common->steady += (failed - common->steady) / (STEADY_MIN + common->learnt);
	common->at_us = now_us;
}

double common_loss_now(const struct common_loss *common, uint64_t now_us)
{
	return now_us - common->at_us > COMMON_FRESH_US ? 0 : common->share;
}

double common_loss_max(const struct common_loss *common, uint64_t now_us)
{
	return fmax(common->steady, common_loss_now(common, now_us));
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
	return share >= fmax(LOSS_MARGIN + common->steady, 3 * common->steady);
}

uint32_t loss_run(double share)
{
	return share >= 1 ? 1 : (uint32_t)ceil(RUN_EVIDENCE / -log1p(-fmax(share, 0.01)));
}

uint32_t loss_setback(const struct common_loss *common, uint64_t now_us)
{
	double evidence = loss_evidence_of_failure(common_loss_max(common, now_us));

	return (uint32_t)(evidence / loss_evidence_of_answer());
}
