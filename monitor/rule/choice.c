/*
 * The choice: tier by tier until MIN, then up to MAX within the slack. Members keep their place
 * until something is wrong with them, or others were clearly better for a while.
 */
#include "choice.h"

#include "units.h"

#include <math.h>
#include <string.h>

#define FIRST_SET_US   (5 * SECOND_US) /* the first set waits no longer for those without answer */
#define BETTER_US      MINUTE_US       /* a better set must stay the better one this long */
#define MUCH_BETTER_US (8 * SECOND_US) /* likewise, if it is better by a lot */
#define MARGIN_US      (10 * MS_US) /* a member counts as this much and a fifth faster than it is */
#define MUCH_US        (250 * MS_US) /* slower by this: a lot */
#define LOSS_NOTICED   0.05F         /* a user notices a difference of this share */

struct view {
	const struct choice *choice;
	const struct choice_candidate *candidates;
	size_t count;
	float loss_least;
	bool member_lost; /* a member has to go anyway */
};

struct pick {
	uint32_t members[SET_MEMBERS_MAX];
	size_t count;
};

static bool is_among(const uint32_t *members, size_t count, uint32_t candidate)
{
	for (size_t i = 0; i < count; i++) {
		if (members[i] == candidate)
			return true;
	}
	return false;
}

bool choice_holds(const struct choice *choice, uint32_t candidate)
{
	return is_among(choice->members, choice->count, candidate);
}

static bool is_eligible(const struct choice_candidate *c)
{
	return c->healthy && !c->drained;
}

/* The latency to compare with: members have an advantage, so that noise moves none. */
static uint32_t rank_us(const struct view *v, uint32_t candidate)
{
	uint32_t latency = v->candidates[candidate].latency_us;
	uint32_t margin = MARGIN_US + latency / 5;

	if (!choice_holds(v->choice, candidate))
		return latency;
	return latency > margin ? latency - margin : 0;
}

/*
 * 0 up to a loss that users do not notice, and one more each time it doubles. What all lose is no
 * difference, and members have an advantage here, too.
 */
static int loss_class(const struct view *v, uint32_t candidate)
{
	float noticed = LOSS_NOTICED + v->loss_least;
	float loss = v->candidates[candidate].loss - v->loss_least;

	if (choice_holds(v->choice, candidate))
		loss *= 0.8F;
	else if (v->choice->count > 0)
		noticed *= 0.6F;
	return loss < noticed ? 0 : 1 + (int)log2f(loss / noticed);
}

static bool is_new_group(const struct view *v, const struct pick *pick, uint32_t candidate)
{
	uint32_t group = v->candidates[candidate].group;

	for (size_t i = 0; group != 0 && i < pick->count; i++) {
		if (v->candidates[pick->members[i]].group == group)
			return false;
	}
	return true;
}

/* Whether a is to be picked before b: by tier, by group, by loss, by latency. */
static bool is_better(const struct view *v, const struct pick *pick, uint32_t a, uint32_t b)
{
	int tier_a = v->candidates[a].tier, tier_b = v->candidates[b].tier;
	bool new_a = is_new_group(v, pick, a), new_b = is_new_group(v, pick, b);
	int class_a = loss_class(v, a), class_b = loss_class(v, b);

	if (tier_a != tier_b)
		return tier_a < tier_b;
	if (new_a != new_b)
		return new_a;
	if (class_a != class_b)
		return class_a < class_b;
	return rank_us(v, a) < rank_us(v, b);
}

/*
 * The best eligible candidate that is not picked yet, of a tier up to tier_max; -1 if there is
 * none. Unless doubtful ones will do, they are left out: where one has died, others often die with
 * it. A member in doubt keeps its place, but not when another has to go anyway: one change is
 * better than two.
 */
static int64_t best_healthy(const struct view *v, const struct pick *pick, unsigned tier_max,
                            bool doubtful)
{
	int64_t best = -1;

	for (uint32_t i = 0; i < v->count; i++) {
		const struct choice_candidate *c = &v->candidates[i];
		if (!is_eligible(c) || c->tier > tier_max ||
		    (c->doubtful && !doubtful && (v->member_lost || !choice_holds(v->choice, i))) ||
		    is_among(pick->members, pick->count, i))
			continue;
		if (best < 0 || is_better(v, pick, i, (uint32_t)best))
			best = i;
	}
	return best;
}

/*
 * Of those that are not healthy: one that answers, then one that is in the set already, since a
 * dead one for a dead one would be a change for nothing, then one that was not judged yet; else the
 * one that failed last, which is the likeliest to work again.
 */
static bool is_better_filler(const struct view *v, uint32_t a, uint32_t b)
{
	const struct choice_candidate *x = &v->candidates[a], *y = &v->candidates[b];
	bool holds_a = choice_holds(v->choice, a), holds_b = choice_holds(v->choice, b);

	if (x->answering != y->answering)
		return x->answering;
	if (holds_a != holds_b)
		return holds_a;
	if (x->judged != y->judged)
		return !x->judged;
	return x->failed_us > y->failed_us;
}

static int64_t best_filler(const struct view *v, const struct pick *pick)
{
	int64_t best = -1;

	for (uint32_t i = 0; i < v->count; i++) {
		const struct choice_candidate *c = &v->candidates[i];
		if (c->healthy || c->drained || is_among(pick->members, pick->count, i))
			continue;
		if (best < 0 || is_better_filler(v, i, (uint32_t)best))
			best = i;
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
		pick.members[pick.count++] = (uint32_t)next;
		tier = v->candidates[next].tier;
		if (v->candidates[next].latency_us < fastest)
			fastest = v->candidates[next].latency_us;
	}
	while (pick.count >= config->min && pick.count < config->max &&
	       (next = best_healthy(v, &pick, tier, false)) >= 0 &&
	       loss_class(v, (uint32_t)next) == 0 &&
	       rank_us(v, (uint32_t)next) <= (uint64_t)fastest + config->slack_us)
		pick.members[pick.count++] = (uint32_t)next;
	while (pick.count < config->min && (next = best_filler(v, &pick)) >= 0)
		pick.members[pick.count++] = (uint32_t)next;
	return pick;
}

/* Whether a stands before b in the set. */
static bool precedes(const struct view *v, uint32_t a, uint32_t b)
{
	const struct pick none = {.count = 0};

	if (is_eligible(&v->candidates[a]) != is_eligible(&v->candidates[b]))
		return is_eligible(&v->candidates[a]);
	return is_eligible(&v->candidates[a]) && is_better(v, &none, a, b);
}

static void members_sort(const struct view *v, uint32_t *members, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint32_t member = members[i];
		size_t place = i;
		for (; place > 0 && precedes(v, member, members[place - 1]); place--)
			members[place] = members[place - 1];
		members[place] = member;
	}
}

/* It is well, or it only fills up and is on its way back: there is no hurry to replace it. */
static bool may_stay(const struct choice_candidate *c)
{
	return !c->drained && (c->healthy || c->answering);
}

static bool is_member_lost(const struct choice *choice, const struct choice_candidate *candidates)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (!may_stay(&candidates[choice->members[i]]))
			return true;
	}
	return false;
}

static bool is_member_drained(const struct choice *choice,
                              const struct choice_candidate *candidates)
{
	for (size_t i = 0; i < choice->count; i++) {
		if (candidates[choice->members[i]].drained)
			return true;
	}
	return false;
}

/*
 * How long the new set has to stay the better one before it is taken; 0 if the old one will not do,
 * or a better tier has come.
 */
static uint64_t wait_us(const struct view *v, const struct pick *pick)
{
	const struct choice *c = v->choice;
	unsigned worst_tier = 0, best_tier = UINT8_MAX;
	int worst_loss = 0, best_loss = INT32_MAX;
	uint32_t slowest = 0, fastest = UINT32_MAX;

	if (c->count < c->config.min || v->member_lost)
		return 0;
	for (size_t i = 0; i < c->count; i++) {
		uint32_t m = c->members[i];
		if (is_among(pick->members, pick->count, m))
			continue;
		worst_tier =
			worst_tier > v->candidates[m].tier ? worst_tier : v->candidates[m].tier;
		worst_loss = worst_loss > loss_class(v, m) ? worst_loss : loss_class(v, m);
		slowest = slowest > rank_us(v, m) ? slowest : rank_us(v, m);
	}
	for (size_t i = 0; i < pick->count; i++) {
		uint32_t m = pick->members[i];
		if (choice_holds(c, m))
			continue;
		best_tier = best_tier < v->candidates[m].tier ? best_tier : v->candidates[m].tier;
		best_loss = best_loss < loss_class(v, m) ? best_loss : loss_class(v, m);
		fastest = fastest < rank_us(v, m) ? fastest : rank_us(v, m);
	}
	if (best_tier < worst_tier || pick->count > c->count)
		return 0;
	if (best_loss == INT32_MAX) /* one goes, and none comes */
		best_loss = 0;
	return worst_loss > best_loss || (slowest > MUCH_US && slowest - MUCH_US > fastest)
	               ? MUCH_BETTER_US
	               : BETTER_US;
}

static bool pick_equals(const struct pick *pick, const struct choice *choice)
{
	for (size_t i = 0; i < pick->count; i++) {
		if (!choice_holds(choice, pick->members[i]))
			return false;
	}
	return pick->count == choice->count;
}

static struct view view_make(const struct choice *choice, const struct choice_candidate *candidates,
                             size_t count, size_t *healthy)
{
	struct view v = {choice, candidates, count, 1, is_member_lost(choice, candidates)};

	*healthy = 0;
	for (size_t i = 0; i < count; i++) {
		if (!is_eligible(&candidates[i]))
			continue;
		++*healthy;
		v.loss_least = fminf(v.loss_least, candidates[i].loss);
	}
	return v;
}

bool choice_review(struct choice *c, const struct choice_candidate *candidates, size_t count,
                   bool settled, uint64_t now_us)
{
	size_t healthy;
	const struct view v = view_make(c, candidates, count, &healthy);
	bool gone = c->member_gone || is_member_drained(c, candidates);
	bool waits = c->count == 0 &&
	             (healthy == 0 || (!gone && !settled && now_us - c->start_us < FIRST_SET_US));

	if (waits || (healthy == 0 && !gone)) {
		c->better_pending = false;
		return false;
	}
	struct pick pick = pick_best(&v);
	bool same = pick_equals(&pick, c);
	if (!same && !c->better_pending)
		c->better_since_us = now_us;
	c->better_pending = !same;
	if (!same && now_us - c->better_since_us < wait_us(&v, &pick)) {
		members_sort(&v, c->members, c->count);
		return false;
	}
	c->better_pending = false;
	c->member_gone = false;
	members_sort(&v, pick.members, pick.count);
	memcpy(c->members, pick.members, sizeof(c->members));
	c->count = pick.count;
	return !same;
}

void choice_renumber(struct choice *c, const uint32_t *was, size_t count, uint64_t now_us)
{
	const struct choice old = *c;

	c->count = 0;
	c->start_us = now_us;
	c->better_pending = false;
	for (size_t m = 0; m < old.count; m++) {
		for (uint32_t i = 0; i < count; i++) {
			if (was[i] == old.members[m])
				c->members[c->count++] = i;
		}
	}
	c->member_gone = c->count < old.count;
}

uint64_t choice_due(const struct choice *c, uint64_t now_us)
{
	uint64_t first_set = c->start_us + FIRST_SET_US;

	if (c->count == 0) /* the first set may be due although nothing happens any more */
		return now_us < first_set ? first_set : UINT64_MAX;
	if (!c->better_pending)
		return UINT64_MAX;
	uint64_t soon = c->better_since_us + MUCH_BETTER_US;
	return now_us < soon ? soon : c->better_since_us + BETTER_US;
}
