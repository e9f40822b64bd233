/*
 * Keeps count of a run: how soon victims of faults are found and leave the set, what is removed
 * though nothing is wrong with it, and what it costs. It only looks: what happens is up to the
 * world and the engine.
 */
#include "run_state.h"

#include <math.h>

#define WRONG_ECHO_US (5 * SECOND_US)  /* found this late, a fault that is over was still found */
#define LOOK_US       (60 * SECOND_US) /* until then a victim is to be out of the set, or named */

static double seconds_since(const struct run *r, uint64_t since_us)
{
	return (double)(r->now_us - since_us) / (double)SECOND_US;
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

struct engine_prefix score_view(const struct run *r, uint32_t prefix)
{
	if (r->numbers[prefix] == ENGINE_NO_PREFIX)
		return (struct engine_prefix){.state = PREFIX_NEW};
	return engine_prefix(r->engine, r->numbers[prefix], r->now_us);
}

static bool is_in_set(const struct run *r, uint32_t prefix)
{
	return engine_set_holds(engine_set(r->engine), r->numbers[prefix]);
}

/* Whether what is wrong with it is to be found, or to be avoided at least. */
static bool is_harmed(const struct run *r, const struct world_fault *fault, uint32_t prefix)
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
		return world_targets_lost(&r->world, prefix) > 0;
	default:
		return false;
	}
}

static void victim_begin(struct run *r, uint32_t prefix, bool findable)
{
	bool up = score_view(r, prefix).state == PREFIX_UP;

	r->victims[prefix] = (struct victim){
		.since_us = r->now_us,
		.back_us = NEVER,
		.found = !up || !findable,
		.was_in_set = is_in_set(r, prefix),
	};
}

static void victim_end(struct run *r, uint32_t prefix)
{
	struct victim *v = &r->victims[prefix];

	r->result->found.never += !v->found;
	r->result->gone.never += v->was_in_set && is_in_set(r, prefix);
	if (score_view(r, prefix).state == PREFIX_DOWN)
		v->back_us = r->now_us;
	v->since_us = NEVER;
}

void score_fault(struct run *r, const struct world_fault *fault)
{
	for (uint32_t i = 0; i < r->world.config.prefixes; i++) {
		if (!fault->victims[i])
			continue;
		if (!fault->active && r->victims[i].since_us != NEVER)
			victim_end(r, i);
		else if (fault->active && fault->started_us == r->now_us && is_harmed(r, fault, i))
			victim_begin(r, i,
			             r->world.prefixes[i].wrong || fault->plan.kind == FAULT_HASH);
	}
}

void score_verdict(struct run *r, uint32_t prefix, bool up)
{
	const struct world_prefix *p = &r->world.prefixes[prefix];
	struct victim *v = &r->victims[prefix];

	if (up) {
		if (v->since_us != NEVER && p->wrong)
			r->result->returns++;
		if (v->back_us != NEVER)
			times_add(&r->result->back, seconds_since(r, v->back_us));
		v->back_us = NEVER;
		return;
	}
	r->downs_us[r->downs++ % COUNT(r->downs_us)] = r->now_us;
	r->result->downs_hour_max =
		LATER(r->result->downs_hour_max,
	              times_last_hour(r->downs_us, COUNT(r->downs_us), r->now_us));
	if (!p->wrong && (p->wrong_last_us == 0 || r->now_us >= p->wrong_last_us + WRONG_ECHO_US)) {
		r->result->false_removals++;
		timeline_say(r, "prefix %u: FALSE REMOVAL", prefix);
	} else if (v->since_us != NEVER && !v->found) {
		v->found = true;
		times_add(&r->result->found, seconds_since(r, v->since_us));
		timeline_say(r, "prefix %u: found after %.2f s", prefix,
		             seconds_since(r, v->since_us));
	}
}

void score_set(struct run *r)
{
	for (uint32_t i = 0; i < r->world.config.prefixes; i++) {
		struct victim *v = &r->victims[i];
		if (v->since_us == NEVER || !v->was_in_set || is_in_set(r, i))
			continue;
		v->was_in_set = false;
		times_add(&r->result->gone, seconds_since(r, v->since_us));
	}
}

void score_probe(struct run *r, uint32_t prefix)
{
	uint64_t since_us = r->victims[prefix].since_us;

	if (since_us != NEVER && r->now_us - since_us > LOOK_US)
		r->result->victim_probes++;
}

static void victim_look(struct run *r, uint32_t prefix)
{
	struct engine_prefix view = score_view(r, prefix);
	bool named = view.state == PREFIX_DOWN || view.loss > 0;

	for (unsigned m = 0; m < r->world.config.methods; m++)
		named |= view.lost[m] != 0;
	r->victims[prefix].looked = true;
	r->result->looked++;
	r->result->kept += is_in_set(r, prefix);
	r->result->unnamed += !named;
}

void score_second(struct run *r)
{
	for (uint32_t i = 0; i < r->world.config.prefixes; i++) {
		struct victim *v = &r->victims[i];
		if (v->since_us == NEVER)
			continue;
		if (r->now_us - v->since_us < HOUR_US) {
			r->result->stay_s++;
			r->result->stayed_s += is_in_set(r, i);
		}
		if (r->now_us - v->since_us <= LOOK_US)
			continue;
		r->result->victim_usual += r->config->world.methods / r->config->interval;
		if (!v->looked)
			victim_look(r, i);
	}
}
