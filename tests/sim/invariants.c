/*
 * What must not be, whatever the world does: a dead prefix that stays in the set, a set that breaks
 * its own rules or changes without end.
 */
#include "run_state.h"

#include <stdio.h>

#define DEAD_MAX_US  (15 * SECOND_US)      /* how long a dead prefix may stay in the set */
#define FINE_LONG_US (25 * 60 * SECOND_US) /* so long fine, it must have come back */
#define CHANGES_HOUR 12

bool run_is_drained(const struct run *r, uint32_t prefix)
{
	return prefix + r->config->drained >= r->prefixes;
}

/* Whether the world lets the monitor see who is dead, and there are enough others to turn to. */
static bool others_work(const struct run *r)
{
	unsigned healthy = 0, fine = 0, targets = 0;

	for (unsigned t = 0; t < r->world.config.targets; t++)
		targets += !r->world.target_dead[t];
	for (uint32_t i = 0; i < r->prefixes; i++) {
		const struct world_prefix *p = &r->world.prefixes[i];
		if (run_is_drained(r, i) || p->wrong)
			continue;
		healthy += score_view(r, i).state == PREFIX_UP;
		fine += r->now_us - p->fine_since_us > FINE_LONG_US &&
		        r->now_us - r->world.uplink_back_us > FINE_LONG_US;
	}
	return (healthy >= r->config->min || fine >= r->config->min) && targets > 0 &&
	       !r->world.uplink_down && r->world.uplink_loss <= 0;
}

void invariants_second(struct run *r)
{
	const struct engine_set *set = engine_set(r->engine);
	uint64_t most = DEAD_MAX_US + (uint64_t)(r->config->interval * 2.0 * (double)SECOND_US);

	if (!others_work(r)) {
		r->alone_us = r->now_us;
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct world_prefix *p = &r->world.prefixes[r->listing[set->members[i]]];
		uint64_t since = LATER(p->dead_since_us, r->alone_us);
		if (p->dead_all && r->now_us - since > most)
			timeline_break(
				r, "the set holds prefix %u, dead for %.1f s, though others work",
				set->members[i], (double)(r->now_us - since) / (double)SECOND_US);
	}
}

void invariants_set(struct run *r)
{
	const struct engine_set *set = engine_set(r->engine);
	bool filling = false;

	if (set->count == 0)
		return;
	if (set->count < r->config->min || set->count > r->config->max)
		timeline_break(r, "the set has %zu members", set->count);
	for (size_t i = 0; i < set->count; i++) {
		uint32_t prefix = r->listing[set->members[i]];
		bool filler = score_view(r, prefix).filler;
		if (run_is_drained(r, prefix))
			timeline_break(r, "the set holds prefix %u, which is drained", prefix);
		if (filling && !filler)
			timeline_break(r, "prefix %u is healthy, and stands behind a filler",
			               prefix);
		filling |= filler;
		for (size_t j = 0; j < i; j++) {
			if (set->members[i] == set->members[j])
				timeline_break(r, "the set holds prefix %u twice", prefix);
		}
	}
}

/*
 * Each turn of a fault may cost two changes within the next hour, and the rest is bounded. Of
 * hundreds that die together, some more are chosen in passing, before they are found.
 */
static void changes_check(struct run *r)
{
	unsigned changes = times_last_hour(r->hour_us, COUNT(r->hour_us), r->now_us);
	unsigned turns = times_last_hour(r->turns_us, COUNT(r->turns_us), r->now_us);
	unsigned a_turn = 2 + r->config->world.faults[0].count / 50;

	r->result->changes_hour_max = LATER(r->result->changes_hour_max, changes);
	if (changes > CHANGES_HOUR + a_turn * turns)
		timeline_break(r, "%u changes of the set within an hour", changes);
}

void invariants_changed(struct run *r)
{
	const struct engine_set *set = engine_set(r->engine);
	char members[TIMELINE_LINE / 2];
	size_t at = 0;
	bool alive = false;

	members[0] = '\0';
	for (size_t i = 0; i < set->count; i++) {
		uint32_t prefix = r->listing[set->members[i]];
		at += (size_t)snprintf(members + at, sizeof(members) - at, " %u", prefix);
		alive |= score_view(r, prefix).state == PREFIX_UP;
	}
	timeline_say(r, "set:%s", members);
	if (!alive)
		timeline_break(r, "a set went out while nothing was healthy");
	invariants_set(r);
	score_set(r);
	if (r->result->sets++ == 0 || set->count == 0) {
		r->result->first_set_us = LATER(r->result->first_set_us, r->now_us);
		return;
	}
	r->result->changes++;
	r->hour_us[r->change_count++ % COUNT(r->hour_us)] = r->now_us;
	changes_check(r);
}
