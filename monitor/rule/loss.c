/*
 * Loss expected and evidence of more. Page's test tells two loss rates apart: the one expected, and
 * one not worth using.
 */
#include "loss.h"

#include <math.h>

#define LOSS_BAD      0.25
#define LOSS_LEAST    0.02
#define LOSS_PRIOR    0.03 /* expected of a channel until its history says otherwise */
#define EXPECTED_MOST 0.10 /* so that one which always lost much can still be seen to die */
#define HISTORY_US    1800000000ULL
#define HISTORY_PRIOR 20 /* probes that the prior is worth */
#define PAIR_GAIN     (1.0 / 32)
#define WEATHER_GAIN  (1.0 / 12)
#define WEATHER_US    30000000ULL

void loss_history_init(struct loss_history *history)
{
	*history = (struct loss_history){.share = LOSS_PRIOR};
}

bool loss_pair_is_bad(const struct loss_pair *pair)
{
	return (double)pair->share >= LOSS_BAD;
}

void loss_learn(struct loss_history *history, struct loss_pair *pair, bool failed,
                uint64_t interval_us)
{
	double gain = fmax((double)interval_us / (double)HISTORY_US,
	                   1.0 / (HISTORY_PRIOR + history->learnt));

	if (history->learnt < UINT16_MAX)
		history->learnt++;
	pair->share += (float)(PAIR_GAIN * (failed - (double)pair->share));
	if (!loss_pair_is_bad(pair)) /* the target's doing, not the channel's */
		history->share += gain * (failed - history->share);
}

double loss_expected(double share, const struct loss_pair *pair)
{
	return fmin(EXPECTED_MOST, fmax(LOSS_LEAST, fmax(share, (double)pair->share)));
}

void loss_weather_add(struct loss_weather *weather, bool failed, uint64_t now_us)
{
	weather->share = loss_weather_now(weather, now_us);
	weather->share += WEATHER_GAIN * (failed - weather->share);
	weather->at_us = now_us;
}

double loss_weather_now(const struct loss_weather *weather, uint64_t now_us)
{
	return now_us - weather->at_us > WEATHER_US ? 0 : weather->share;
}

double loss_evidence_of_failure(double expected, double weather)
{
	double kept = 1 - weather;

	return log((1 - (1 - LOSS_BAD) * kept) / (1 - (1 - expected) * kept));
}

double loss_evidence_of_answer(double expected)
{
	return log((1 - expected) / (1 - LOSS_BAD));
}
