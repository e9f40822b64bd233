/*
 * Health and choice together: from outcomes of probes to the set in force.
 * It knows no addresses: prefixes are numbers, in the order of the file.
 */
#include "engine.h"

#include <errno.h>
#include <stdlib.h>

/* Latencies change slowly: to look at them this often, when there is something to do, is enough. */
#define REVIEW_US 5000000ULL

int engine_init(struct engine *engine, const struct engine_config *config)
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
	*engine = (struct engine){
		.health = health_new(&health),
		.candidates = calloc(config->file->count, sizeof(*engine->candidates)),
		.failures = calloc(config->file->count, sizeof(*engine->failures)),
		.count = config->file->count,
	};
	if (!engine->health || !engine->candidates || !engine->failures) {
		engine_free(engine);
		return -ENOMEM;
	}
	choice_init(&engine->choice, &choice);
	for (uint32_t i = 0; i < engine->count; i++) {
		engine->candidates[i].tier = config->file->entries[i].tier;
		engine->candidates[i].drained = config->file->entries[i].drain;
		health_set_drained(engine->health, i, config->file->entries[i].drain);
	}
	return 0;
}

void engine_free(struct engine *engine)
{
	health_free(engine->health);
	free(engine->candidates);
	free(engine->failures);
	*engine = (struct engine){0};
}

void engine_adopt(struct engine *engine, uint32_t prefix, const struct engine *old, uint32_t as)
{
	health_adopt(engine->health, prefix, old->health, as);
	engine->candidates[prefix].latency_us = health_prefix_srtt_us(engine->health, prefix);
	engine->failures[prefix] = old->failures[as];
	if (choice_holds(&old->choice, as))
		choice_adopt(&engine->choice, prefix);
}

/* Latencies cost more to look at than the rest: after each of a thousand verdicts it would show. */
static void candidates_update(struct engine *engine, bool latencies)
{
	for (uint32_t i = 0; i < engine->count; i++) {
		struct choice_candidate *c = &engine->candidates[i];
		c->healthy = health_prefix_state(engine->health, i) == HEALTH_UP;
		c->doubtful = health_prefix_doubtful(engine->health, i);
		c->failed_us = health_prefix_failed_us(engine->health, i);
		if (latencies)
			c->latency_us = health_prefix_srtt_us(engine->health, i);
	}
}

bool engine_review(struct engine *engine, uint64_t now,
                  void (*listener)(void *context, const struct health_verdict *verdict),
                  void *context)
{
	struct health_verdict verdict;
	bool settled = health_settled(engine->health);
	bool routine =
		now - engine->reviewed_us >= REVIEW_US || (settled && engine->choice.count == 0);
	bool due = routine || now >= choice_due(&engine->choice, now);

	while (health_verdict(engine->health, &verdict)) {
		due = true;
		engine->candidates[verdict.prefix].latency_us =
			health_prefix_srtt_us(engine->health, verdict.prefix);
		if (verdict.state == HEALTH_DOWN)
			engine->failures[verdict.prefix] =
				(struct engine_failure_record){verdict.method, verdict.failed_targets};
		if (listener)
			listener(context, &verdict);
	}
	if (!due)
		return false;
	if (routine)
		engine->reviewed_us = now;
	candidates_update(engine, routine);
	return choice_review(&engine->choice, engine->candidates, engine->count, settled, now);
}

uint64_t engine_due(const struct engine *engine, uint64_t now)
{
	uint64_t due = health_due(engine->health);
	uint64_t choice = choice_due(&engine->choice, now);

	return choice < due ? choice : due;
}
