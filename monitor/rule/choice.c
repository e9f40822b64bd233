/*
 * The choice: tier by tier until MIN, then up to MAX within the slack. Members keep their place
 * until something is wrong with them, or another was clearly faster for a while.
 */
#include "choice.h"

#include <string.h>

#define FIRST_SET_US  5000000ULL  /* the first set waits no longer for those who do not answer */
#define FASTER_FOR_US 60000000ULL /* a faster set must stay the faster one this long */
#define MARGIN_US     10000U      /* a member counts as this much and a fifth faster than it is */

struct view {
	const struct choice *choice;
	const struct choice_candidate *candidates;
	size_t count;
	bool broken; /* a member has to go anyway */
};

struct pick {
	uint32_t members[SET_MEMBERS_MAX];
	size_t count;
};

void choice_init(struct choice *choice, const struct choice_config *config)
{
	*choice = (struct choice){.config = *config};
}

static bool pick_holds(const uint32_t *members, size_t count, uint32_t candidate)
{
	for (size_t i = 0; i < count; i++) {
		if (members[i] == candidate)
			return true;
	}
	return false;
}

bool choice_holds(const struct choice *choice, uint32_t candidate)
{
	return pick_holds(choice->members, choice->count, candidate);
}

static void pick_add(struct pick *pick, uint32_t candidate)
{
	size_t place = pick->count++;

	for (; place > 0 && pick->members[place - 1] > candidate; place--)
		pick->members[place] = pick->members[place - 1];
	pick->members[place] = candidate;
}

void choice_adopt(struct choice *choice, uint32_t candidate)
{
	struct pick pick = {.count = choice->count};

	if (choice->count == SET_MEMBERS_MAX)
		return;
	memcpy(pick.members, choice->members, sizeof(pick.members));
	pick_add(&pick, candidate);
	memcpy(choice->members, pick.members, sizeof(pick.members));
	choice->count = pick.count;
}

static bool is_eligible(const struct choice_candidate *c)
{
	return c->healthy && !c->drained;
}

/* The latency to compare with: members have an advantage, so that noise moves nobody. */
static uint32_t rank_us(const struct view *v, uint32_t candidate)
{
	uint32_t latency = v->candidates[candidate].latency_us;
	uint32_t margin = MARGIN_US + latency / 5;

	if (!choice_holds(v->choice, candidate))
		return latency;
	return latency > margin ? latency - margin : 0;
}

/*
 * The best eligible candidate that is not picked yet, of a tier up to most; -1 if there is none.
 * Unless doubtful ones will do, they are left out: where one has died, others often die with it. A
 * member in doubt keeps its place, but not when another has to go anyway: one change is better than
 * two.
 */
static int64_t best_healthy(const struct view *v, const struct pick *pick, unsigned tier_most,
                            bool doubtful)
{
	int64_t best = -1;

	for (uint32_t i = 0; i < v->count; i++) {
		const struct choice_candidate *c = &v->candidates[i];
		if (!is_eligible(c) || c->tier > tier_most ||
		    (c->doubtful && !doubtful && (v->broken || !choice_holds(v->choice, i))) ||
		    pick_holds(pick->members, pick->count, i))
			continue;
		if (best < 0 || c->tier < v->candidates[best].tier ||
		    (c->tier == v->candidates[best].tier &&
		     rank_us(v, i) < rank_us(v, (uint32_t)best)))
			best = i;
	}
	return best;
}

/*
 * Of those that are down: one that is in the set already, since a dead one for a dead one would be
 * a change for nothing; else the one that failed last, which is the likeliest to work again.
 */
static int64_t best_filler(const struct view *v, const struct pick *pick)
{
	int64_t best = -1;
	bool best_holds = false;

	for (uint32_t i = 0; i < v->count; i++) {
		const struct choice_candidate *c = &v->candidates[i];
		bool holds = choice_holds(v->choice, i);
		if (c->healthy || c->drained || pick_holds(pick->members, pick->count, i))
			continue;
		if (best < 0 || holds > best_holds ||
		    (holds == best_holds && c->failed_us > v->candidates[best].failed_us)) {
			best = i;
			best_holds = holds;
		}
	}
	return best;
}

static struct pick pick_best(const struct view *v)
{
	const struct choice_config *config = &v->choice->config;
	struct pick pick = {.count = 0};
	uint32_t fastest = UINT32_MAX;
	unsigned tier = 0;
	int64_t next;

	while (pick.count < config->min &&
	       ((next = best_healthy(v, &pick, UINT8_MAX, false)) >= 0 ||
	        (next = best_healthy(v, &pick, UINT8_MAX, true)) >= 0)) {
		pick_add(&pick, (uint32_t)next);
		tier = v->candidates[next].tier;
		if (v->candidates[next].latency_us < fastest)
			fastest = v->candidates[next].latency_us;
	}
	while (pick.count >= config->min && pick.count < config->max &&
	       (next = best_healthy(v, &pick, tier, false)) >= 0 &&
	       rank_us(v, (uint32_t)next) <= (uint64_t)fastest + config->slack_us)
		pick_add(&pick, (uint32_t)next);
	while (pick.count < config->min && (next = best_filler(v, &pick)) >= 0)
		pick_add(&pick, (uint32_t)next);
	return pick;
}

static size_t count_healthy(const struct choice_candidate *candidates, size_t count)
{
	size_t healthy = 0;

	for (size_t i = 0; i < count; i++)
		healthy += is_eligible(&candidates[i]);
	return healthy;
}

/* True if the new set is no more than a faster one: everybody could stay, and no tier is bettered.
 */
static bool only_faster(const struct view *v, const struct pick *pick)
{
	const struct choice *c = v->choice;
	unsigned worst_leaving = 0, best_entering = UINT8_MAX, leaving = 0;

	if (c->count < c->config.min)
		return false;
	for (size_t i = 0; i < c->count; i++) {
		const struct choice_candidate *member = &v->candidates[c->members[i]];
		if (!is_eligible(member))
			return false;
		if (pick_holds(pick->members, pick->count, c->members[i]))
			continue;
		leaving++;
		if (member->tier > worst_leaving)
			worst_leaving = member->tier;
	}
	for (size_t i = 0; i < pick->count; i++) {
		unsigned tier = v->candidates[pick->members[i]].tier;
		if (!choice_holds(c, pick->members[i]) && tier < best_entering)
			best_entering = tier;
	}
	return leaving > 0 && best_entering >= worst_leaving;
}

static bool pick_equals(const struct pick *pick, const uint32_t *members, size_t count)
{
	return pick->count == count &&
	       memcmp(pick->members, members, count * sizeof(*members)) == 0;
}

/* True once a faster set was wanted for long enough, be it this one or another all the while. */
static bool wanted_long_enough(struct choice *choice, uint64_t now)
{
	if (!choice->wanted)
		choice->wanted_since_us = now;
	choice->wanted = true;
	return now - choice->wanted_since_us >= FASTER_FOR_US;
}

static bool is_broken(const struct choice *choice, const struct choice_candidate *candidates)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (!is_eligible(&candidates[choice->members[i]]))
			return true;
	}
	return false;
}

bool choice_review(struct choice *choice, const struct choice_candidate *candidates, size_t count,
                   bool settled, uint64_t now)
{
	const struct view v = {choice, candidates, count, is_broken(choice, candidates)};

	choice->healthy = count_healthy(candidates, count);
	if (choice->healthy == 0) {
		choice->wanted = false;
		return false;
	}
	if (choice->count == 0 && (choice->healthy < choice->config.min ||
	                           (!settled && now - choice->config.start_us < FIRST_SET_US)))
		return false;

	struct pick pick = pick_best(&v);
	if (pick_equals(&pick, choice->members, choice->count)) {
		choice->wanted = false;
		return false;
	}
	if (only_faster(&v, &pick) && !wanted_long_enough(choice, now))
		return false;
	memcpy(choice->members, pick.members, sizeof(choice->members));
	choice->count = pick.count;
	choice->wanted = false;
	return true;
}

uint64_t choice_due(const struct choice *choice, uint64_t now)
{
	uint64_t first_set = choice->config.start_us + FIRST_SET_US;

	if (choice->count == 0) /* the first set may be due although nothing happens any more */
		return now < first_set ? first_set : UINT64_MAX;
	return choice->wanted ? choice->wanted_since_us + FASTER_FOR_US : UINT64_MAX;
}
