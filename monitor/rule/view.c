/*
 * What is known, for people, for metrics and for the choice. It changes nothing.
 */
#include "state.h"

#include <math.h>

#define LOSS_LOST    0.1F  /* what a lost target counts at least: more than users notice */
#define LOSS_BESIDES 0.05F /* of other targets, where targets are lost: that is little */

/*
 * The median over the targets, each of which is asked so seldom that it would show a change late:
 * so it is corrected by how far the last answers were from what was expected.
 */
uint32_t view_latency_us(const struct engine *e, uint32_t prefix)
{
	uint32_t sorted[METHODS_MAX * TARGETS_MAX];
	int32_t shift_us = INT32_MIN;
	size_t count = 0;

	for (unsigned m = 0; m < e->config.methods; m++) {
		const struct channel *c = &e->list->prefixes[prefix].channels[m];
		const struct target_state *targets = targets_of(e, c);
		for (unsigned t = 0; t < e->config.targets[m]; t++) {
			uint32_t srtt_us = targets[t].rtt.srtt_us;
			if (srtt_us == 0)
				continue;
			size_t place = count++; /* of a few dozen: no work for qsort() */
			for (; place > 0 && sorted[place - 1] > srtt_us; place--)
				sorted[place] = sorted[place - 1];
			sorted[place] = srtt_us;
		}
		shift_us = LATER(shift_us, c->path.shift_us);
	}
	if (count == 0)
		return 0;
	int64_t latency_us = (int64_t)sorted[count / 2] + shift_us;
	return latency_us < 1 ? 1 : (uint32_t)latency_us;
}

/*
 * What the choice goes by. A prefix is as lossy as the method that is worst off: by what is lost at
 * random, or with the targets that are lost. One that is not healthy may answer all the same.
 */
void view_candidate(const struct engine *e, uint32_t prefix, uint64_t now_us,
                    struct choice_candidate *look)
{
	const struct prefix_health *p = &e->list->prefixes[prefix];
	bool member = engine_set_holds(&e->choice.set, prefix);
	float missing = 0, besides = 0;

	look->healthy = p->state == PREFIX_UP;
	look->failed_us = p->state == PREFIX_NEW ? UINT64_MAX : p->failed_us;
	look->doubtful = false;
	look->answering = !look->healthy;
	look->loss = 0;
	for (unsigned m = 0; m < e->config.methods; m++) {
		const struct channel *c = &p->channels[m];
		float lost = (float)__builtin_popcountll(c->lost) / (float)e->config.targets[m];
		if (method_silence_us(e, m, now_us) > 0)
			continue;
		look->doubtful |=
			look->healthy && (c->misses > 0 || c->evidence >= EVIDENCE_SERIOUS);
		look->answering &= c->misses < (member ? 3 : 1) && c->run >= (member ? 1 : 3);
		missing = fmaxf(missing, lost);
		besides = fmaxf(besides, c->loss - lost);
		look->loss =
			fmaxf(look->loss, fmaxf(c->loss, lost > 0 ? fmaxf(lost, LOSS_LOST) : 0));
	}
	look->lacks_targets = missing > 0 && besides <= LOSS_BESIDES;
}

static enum engine_supply supply_of(const struct engine *e, const struct engine_summary *s)
{
	if (s->healthy >= e->config.set_min)
		return SUPPLY_ENOUGH;
	if (!s->settled && e->choice.set.count == 0)
		return SUPPLY_PENDING;
	return s->healthy > 0 ? SUPPLY_SHORT : SUPPLY_NONE;
}

struct engine_summary engine_summary(const struct engine *engine, uint64_t now_us)
{
	struct engine_summary summary = {.prefixes = engine->list->count, .silent = true};
	for (uint32_t i = 0; i < engine->list->count; i++) {
		enum prefix_state state = engine->list->prefixes[i].state;
		summary.states[state]++;
		summary.healthy += state == PREFIX_UP && !engine->candidates[i].entry.drain;
	}
	summary.settled = summary.states[PREFIX_NEW] == 0;
	summary.supply = supply_of(engine, &summary);
	for (unsigned m = 0; m < engine->config.methods; m++) {
		summary.method_silent_us[m] = method_silence_us(engine, m, now_us);
		summary.silent &= summary.method_silent_us[m] > 0;
	}
	return summary;
}

struct engine_prefix engine_prefix(const struct engine *engine, uint32_t prefix, uint64_t now_us)
{
	const struct prefix_health *p = &engine->list->prefixes[prefix];
	struct choice_candidate look;

	view_candidate(engine, prefix, now_us, &look);
	struct engine_prefix view = {
		.state = p->state,
		.doubt = look.doubtful,
		.in_set = engine_set_holds(&engine->choice.set, prefix),
		.srtt_us = view_latency_us(engine, prefix),
		.flaps = verdict_flaps(p, now_us),
		.failed_us = p->failed_us,
		.failure = p->failure,
	};
	view.filler = view.in_set && p->state != PREFIX_UP;
	for (unsigned m = 0; m < engine->config.methods; m++) {
		const struct channel *c = &engine->list->prefixes[prefix].channels[m];
		double own = (double)c->loss - engine->methods[m].common.steady;
		view.lost[m] = c->lost & engine->methods[m].alive;
		view.loss = fmax(view.loss, own);
	}
	return view;
}

struct engine_channel engine_channel(const struct engine *engine, uint32_t prefix, unsigned method)
{
	const struct channel *c = &engine->list->prefixes[prefix].channels[method];

	return (struct engine_channel){c->probes,   c->answers,      c->failures,
	                               c->evidence, (double)c->loss, c->path.all.srtt_us};
}
