/*
 * Health and choice together: from outcomes of probes to the set in force.
 * It knows no addresses: prefixes are numbers, in the order of the file.
 */
#include "judge.h"

#include <errno.h>
#include <stdlib.h>

/* Latencies change slowly: to look at them this often, when there is something to do, is enough. */
#define REVIEW_US 5000000ULL

int judge_init(struct judge *judge, const struct judge_config *config)
{
	struct health_config health = {
		.prefixes = config->file->count,
		.methods = config->methods,
		.interval_us = config->interval_us,
		.min = config->size.min,
		.flights = config->flights,
		.now_us = config->now_us,
	};
	const struct choice_config choice = {
		.size = config->size,
		.slack_us = config->slack_us,
		.start_us = config->now_us,
	};

	for (unsigned m = 0; m < config->methods; m++) {
		health.targets[m] = config->targets[m];
		health.retransmit_us[m] = config->retransmit_us[m];
	}
	*judge = (struct judge){
		.health = health_new(&health),
		.candidates = calloc(config->file->count, sizeof(*judge->candidates)),
		.failures = calloc(config->file->count, sizeof(*judge->failures)),
		.count = config->file->count,
	};
	if (!judge->health || !judge->candidates || !judge->failures) {
		judge_free(judge);
		return -ENOMEM;
	}
	choice_init(&judge->choice, &choice);
	for (uint32_t i = 0; i < judge->count; i++) {
		judge->candidates[i].tier = config->file->entries[i].tier;
		judge->candidates[i].drained = config->file->entries[i].drain;
		health_set_drained(judge->health, i, config->file->entries[i].drain);
	}
	return 0;
}

void judge_free(struct judge *judge)
{
	health_free(judge->health);
	free(judge->candidates);
	free(judge->failures);
	*judge = (struct judge){0};
}

void judge_adopt(struct judge *judge, uint32_t prefix, const struct judge *old, uint32_t as)
{
	health_adopt(judge->health, prefix, old->health, as);
	judge->candidates[prefix].latency_us = health_prefix_srtt_us(judge->health, prefix);
	judge->failures[prefix] = old->failures[as];
	if (choice_holds(&old->choice, as))
		choice_adopt(&judge->choice, prefix);
}

/* Latencies cost more to look at than the rest: after each of a thousand verdicts it would show. */
static void candidates_update(struct judge *judge, bool latencies)
{
	for (uint32_t i = 0; i < judge->count; i++) {
		struct choice_candidate *c = &judge->candidates[i];
		c->healthy = health_prefix_state(judge->health, i) == HEALTH_UP;
		c->doubtful = health_prefix_doubtful(judge->health, i);
		c->failed_us = health_prefix_failed_us(judge->health, i);
		if (latencies)
			c->latency_us = health_prefix_srtt_us(judge->health, i);
	}
}

bool judge_review(struct judge *judge, uint64_t now,
                  void (*listener)(void *context, const struct health_verdict *verdict),
                  void *context)
{
	struct health_verdict verdict;
	bool settled = health_settled(judge->health);
	bool routine =
		now - judge->reviewed_us >= REVIEW_US || (settled && judge->choice.count == 0);
	bool due = routine || now >= choice_due(&judge->choice, now);

	while (health_verdict(judge->health, &verdict)) {
		due = true;
		judge->candidates[verdict.prefix].latency_us =
			health_prefix_srtt_us(judge->health, verdict.prefix);
		if (verdict.state == HEALTH_DOWN)
			judge->failures[verdict.prefix] =
				(struct judge_failure){verdict.method, verdict.failed_targets};
		if (listener)
			listener(context, &verdict);
	}
	if (!due)
		return false;
	if (routine)
		judge->reviewed_us = now;
	candidates_update(judge, routine);
	return choice_review(&judge->choice, judge->candidates, judge->count, settled, now);
}

uint64_t judge_due(const struct judge *judge, uint64_t now)
{
	uint64_t due = health_due(judge->health);
	uint64_t choice = choice_due(&judge->choice, now);

	return choice < due ? choice : due;
}
