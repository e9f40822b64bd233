/*
 * Keeps count of a run. It only looks: what happens is up to the world and the engine.
 */
#include "score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define WRONG_ECHO_US (5 * SECOND_US)  /* found this late, a fault that is over was still found */
#define LOOK_US       (60 * SECOND_US) /* until then a victim is to be out of the set, or named */

static double seconds_since(uint64_t since_us, uint64_t now_us)
{
	return (double)(now_us - since_us) / (double)SECOND_US;
}

void result_add(struct result *sum, const struct result *part)
{
	sum->prefix_days += part->prefix_days;
	sum->days += part->days;
	sum->false_removals += part->false_removals;
	times_merge(&sum->found, &part->found);
	times_merge(&sum->gone, &part->gone);
	times_merge(&sum->back, &part->back);
	sum->returns += part->returns;
	sum->looked += part->looked;
	sum->kept += part->kept;
	sum->unnamed += part->unnamed;
	sum->stayed_s += part->stayed_s;
	sum->stay_s += part->stay_s;
	sum->victim_probes += part->victim_probes;
	sum->victim_usual += part->victim_usual;
	sum->changes += part->changes;
	sum->changes_hour_max = LATER(sum->changes_hour_max, part->changes_hour_max);
	sum->downs_hour_max = LATER(sum->downs_hour_max, part->downs_hour_max);
	sum->probes += part->probes;
	sum->busiest = LATER(sum->busiest, part->busiest);
	sum->sets += part->sets;
	sum->unset += part->unset;
	sum->first_set_us = LATER(sum->first_set_us, part->first_set_us);
	sum->broken += part->broken;
	if (part->broken > 0)
		sum->seed_broken = part->seed_broken;
}

void score_init(struct score *s, size_t prefixes)
{
	s->victims = memory_take(prefixes, sizeof(*s->victims));
	for (size_t i = 0; i < prefixes; i++)
		s->victims[i] = (struct victim){.since_us = NEVER, .back_us = NEVER};
}

void score_free(struct score *s)
{
	free(s->victims);
}

struct engine_prefix score_view(const struct score *s, uint32_t prefix, uint64_t now_us)
{
	struct engine_prefix view = {.state = PREFIX_NEW};

	if (s->numbers[prefix] != ENGINE_NO_PREFIX)
		engine_prefix(s->engine, s->numbers[prefix], now_us, &view);
	return view;
}

static bool is_in_set(const struct score *s, uint32_t prefix)
{
	return engine_set_holds(engine_set(s->engine), s->numbers[prefix]);
}

/* Whether what is wrong with it is to be found, or to be avoided at least. */
static bool is_harmed(const struct score *s, const struct world_fault *fault, uint32_t prefix)
{
	switch (fault->plan.kind) {
	case FAULT_DEAD:
	case FAULT_FULL:
	case FAULT_REFUSED:
	case FAULT_LOSS:
	case FAULT_PORTS:
	case FAULT_SLOW:
		return true;
	case FAULT_PAIR:
	case FAULT_HASH:
		return world_targets_lost(s->world, prefix) > 0;
	default:
		return false;
	}
}

static void victim_begin(struct score *s, uint32_t prefix, bool findable, uint64_t now_us)
{
	bool up = score_view(s, prefix, now_us).state == PREFIX_UP;

	s->victims[prefix] = (struct victim){
		.since_us = now_us,
		.back_us = NEVER,
		.found = !up || !findable,
		.was_in_set = is_in_set(s, prefix),
	};
}

static void victim_end(struct score *s, uint32_t prefix, uint64_t now_us)
{
	struct victim *v = &s->victims[prefix];

	s->result->found.never += !v->found;
	s->result->gone.never += v->was_in_set && is_in_set(s, prefix);
	if (score_view(s, prefix, now_us).state == PREFIX_DOWN)
		v->back_us = now_us;
	v->since_us = NEVER;
}

void score_fault(struct score *s, const struct world_fault *fault, uint64_t now_us)
{
	for (uint32_t i = 0; i < s->world->config.prefixes; i++) {
		if (!fault->victims[i])
			continue;
		if (!fault->active && s->victims[i].since_us != NEVER)
			victim_end(s, i, now_us);
		else if (fault->active && fault->started_us == now_us && is_harmed(s, fault, i))
			victim_begin(s, i,
			             s->world->prefixes[i].wrong || fault->plan.kind == FAULT_HASH,
			             now_us);
	}
}

const char *score_verdict(struct score *s, uint32_t prefix, bool up, uint64_t now_us)
{
	static char words[64];
	const struct world_prefix *p = &s->world->prefixes[prefix];
	struct victim *v = &s->victims[prefix];

	if (up) {
		if (v->since_us != NEVER && p->wrong)
			s->result->returns++;
		if (v->back_us != NEVER)
			times_add(&s->result->back, seconds_since(v->back_us, now_us));
		v->back_us = NEVER;
		return NULL;
	}
	s->downs_us[s->downs++ % COUNT(s->downs_us)] = now_us;
	s->result->downs_hour_max = LATER(s->result->downs_hour_max,
	                                  times_last_hour(s->downs_us, COUNT(s->downs_us), now_us));
	if (!p->wrong && (p->wrong_last_us == 0 || now_us >= p->wrong_last_us + WRONG_ECHO_US)) {
		s->result->false_removals++;
		return "FALSE REMOVAL";
	}
	if (v->since_us == NEVER || v->found)
		return NULL;
	v->found = true;
	times_add(&s->result->found, seconds_since(v->since_us, now_us));
	snprintf(words, sizeof(words), "found after %.2f s", seconds_since(v->since_us, now_us));
	return words;
}

void score_set(struct score *s, uint64_t now_us)
{
	for (uint32_t i = 0; i < s->world->config.prefixes; i++) {
		struct victim *v = &s->victims[i];
		if (v->since_us == NEVER || !v->was_in_set || is_in_set(s, i))
			continue;
		v->was_in_set = false;
		times_add(&s->result->gone, seconds_since(v->since_us, now_us));
	}
}

void score_probe(struct score *s, uint32_t prefix, uint64_t now_us)
{
	uint64_t since_us = s->victims[prefix].since_us;

	if (since_us != NEVER && now_us - since_us > LOOK_US)
		s->result->victim_probes++;
}

static void victim_look(struct score *s, uint32_t prefix, uint64_t now_us)
{
	struct engine_prefix view = score_view(s, prefix, now_us);
	bool named = view.state == PREFIX_DOWN || view.loss > 0;

	for (unsigned m = 0; m < s->world->config.methods; m++)
		named |= view.lost[m] != 0;
	s->victims[prefix].looked = true;
	s->result->looked++;
	s->result->kept += is_in_set(s, prefix);
	s->result->unnamed += !named;
}

void score_second(struct score *s, uint64_t now_us)
{
	for (uint32_t i = 0; i < s->world->config.prefixes; i++) {
		struct victim *v = &s->victims[i];
		if (v->since_us == NEVER)
			continue;
		if (now_us - v->since_us < HOUR_US) {
			s->result->stay_s++;
			s->result->stayed_s += is_in_set(s, i);
		}
		if (now_us - v->since_us <= LOOK_US)
			continue;
		s->result->victim_usual += s->usual;
		if (!v->looked)
			victim_look(s, i, now_us);
	}
}
