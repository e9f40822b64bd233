/*
 * The choice: tier by tier until MIN, then up to MAX within the slack. Members keep their place
 * until something is wrong with them, or others were clearly better for a while.
 */
#include "choice.h"

#include "units.h"

#include <math.h>

#define FIRST_SET_US   (4 * SECOND_US) /* with a review each second: after 5 s at the latest */
#define BETTER_US      MINUTE_US       /* a better set must stay the better one this long */
#define MUCH_BETTER_US (8 * SECOND_US) /* likewise, if it is better by a lot */
#define MARGIN_US      (10 * MS_US) /* a member counts as this much and a fifth faster than it is */
#define MUCH_US        (250 * MS_US) /* slower by this: a lot */
#define LOSS_NOTICED   0.05F         /* a user notices a difference of this share */

struct view {
	const struct choice *choice;
	const struct choice_candidate *candidates;
	size_t count, healthy;
	float loss_least;
	bool settled;     /* all were judged */
	bool member_lost; /* a member has to go anyway */
	bool member_gone; /* ... even if none is healthy */
};

enum wanted { CERTAIN, HEALTHY, FILLERS }; /* healthy ones without doubt; with; all others */

static bool is_member(const struct view *v, uint32_t candidate)
{
	return engine_set_holds(&v->choice->set, candidate);
}

static bool is_eligible(const struct choice_candidate *c)
{
	return c->healthy && !c->entry.drain;
}

static struct view candidates_view(const struct choice *choice,
                                   const struct choice_candidate *candidates, size_t count)
{
	struct view v = {
		.choice = choice,
		.candidates = candidates,
		.count = count,
		.loss_least = 1,
		.settled = true,
		.member_gone = choice->member_gone,
	};

	for (size_t i = 0; i < count; i++) {
		v.settled &= candidates[i].failed_us != UINT64_MAX;
		if (!is_eligible(&candidates[i]))
			continue;
		v.healthy++;
		v.loss_least = fminf(v.loss_least, candidates[i].loss);
	}
	for (size_t i = 0; i < choice->set.count; i++) {
		const struct choice_candidate *c = &candidates[choice->set.members[i]];
		/* A filler that answers is on its way back: there is no hurry. */
		v.member_lost |= c->entry.drain || !(c->healthy || c->answering);
		v.member_gone |= c->entry.drain;
	}
	return v;
}

/* The latency to compare with: members have an advantage, so that noise moves none. */
static uint32_t rank_us(const struct view *v, uint32_t candidate)
{
	uint32_t latency = v->candidates[candidate].latency_us;
	uint32_t margin = MARGIN_US + latency / 5;

	if (!is_member(v, candidate))
		return latency;
	return latency > margin ? latency - margin : 0;
}

/*
 * 0 up to a loss that users do not notice, and one more each time it doubles. What all lose is no
 * difference, and members have an advantage here, too.
 */
static int candidate_loss(const struct view *v, uint32_t candidate)
{
	float noticed = LOSS_NOTICED + v->loss_least;
	float loss = v->candidates[candidate].loss - v->loss_least;

	if (is_member(v, candidate))
		loss *= 0.8F;
	else if (v->choice->set.count > 0)
		noticed *= 0.6F;
	return loss < noticed ? 0 : 1 + (int)log2f(loss / noticed);
}

static bool is_new_group(const struct view *v, const struct engine_set *pick, uint32_t candidate)
{
	uint32_t group = v->candidates[candidate].entry.group;

	for (size_t i = 0; group != 0 && i < pick->count; i++) {
		if (v->candidates[pick->members[i]].entry.group == group)
			return false;
	}
	return true;
}

/*
 * Whether a is to be picked before b. Healthy ones: by tier, by group, by loss, by latency. Of the
 * others, one that answers, then one that is in the set already, since a dead one for a dead one
 * would be a change for nothing; else the one that failed last, which is the likeliest to work
 * again.
 */
static bool is_better(const struct view *v, const struct engine_set *pick, uint32_t a, uint32_t b)
{
	const struct choice_candidate *x = &v->candidates[a], *y = &v->candidates[b];

	if (is_eligible(x) != is_eligible(y))
		return is_eligible(x);
	if (!is_eligible(x) && x->answering != y->answering)
		return x->answering;
	if (!is_eligible(x))
		return is_member(v, a) != is_member(v, b) ? is_member(v, a)
		                                          : x->failed_us > y->failed_us;
	if (x->entry.tier != y->entry.tier)
		return x->entry.tier < y->entry.tier;
	if (is_new_group(v, pick, a) != is_new_group(v, pick, b))
		return is_new_group(v, pick, a);
	if (candidate_loss(v, a) != candidate_loss(v, b))
		return candidate_loss(v, a) < candidate_loss(v, b);
	return rank_us(v, a) < rank_us(v, b);
}

/*
 * Doubtful ones are left out, unless these will do: where one has died, others often die with it. A
 * member in doubt keeps its place, but not when another has to go anyway: one change is better than
 * two.
 */
static bool is_open(const struct view *v, uint32_t candidate, enum wanted wanted)
{
	const struct choice_candidate *c = &v->candidates[candidate];

	if (c->entry.drain || c->healthy == (wanted == FILLERS))
		return false;
	return wanted != CERTAIN || !c->doubtful || (!v->member_lost && is_member(v, candidate));
}

/* The best that is not picked yet, of a tier up to tier_max; ENGINE_NO_PREFIX if there is none. */
static uint32_t best_of(const struct view *v, const struct engine_set *pick, enum wanted wanted,
                        unsigned tier_max)
{
	uint32_t best = ENGINE_NO_PREFIX;

	for (uint32_t i = 0; i < v->count; i++) {
		if (!is_open(v, i, wanted) || v->candidates[i].entry.tier > tier_max ||
		    engine_set_holds(pick, i))
			continue;
		if (best == ENGINE_NO_PREFIX || is_better(v, pick, i, best))
			best = i;
	}
	return best;
}

static struct engine_set pick_best(const struct view *v)
{
	const struct choice *c = v->choice;
	struct engine_set pick = {.count = 0};
	uint32_t next, fastest = UINT32_MAX;
	unsigned tier = 0;

	while (pick.count < c->min &&
	       ((next = best_of(v, &pick, CERTAIN, UINT8_MAX)) != ENGINE_NO_PREFIX ||
	        (next = best_of(v, &pick, HEALTHY, UINT8_MAX)) != ENGINE_NO_PREFIX)) {
		pick.members[pick.count++] = next;
		tier = v->candidates[next].entry.tier;
		fastest = SOONER(fastest, v->candidates[next].latency_us);
	}
	while (pick.count >= c->min && pick.count < c->max &&
	       (next = best_of(v, &pick, CERTAIN, tier)) != ENGINE_NO_PREFIX &&
	       (candidate_loss(v, next) == 0 || v->candidates[next].lacks_targets) &&
	       rank_us(v, next) <= (uint64_t)fastest + c->slack_us)
		pick.members[pick.count++] = next;
	while (pick.count < c->min &&
	       (next = best_of(v, &pick, FILLERS, UINT8_MAX)) != ENGINE_NO_PREFIX)
		pick.members[pick.count++] = next;
	return pick;
}

/*
 * How long the picked set has to stay the better one before it is taken; 0 if the old one will not
 * do, or is smaller, or a better tier has come.
 */
static uint64_t wait_us(const struct view *v, const struct engine_set *pick)
{
	const struct choice *c = v->choice;
	const struct engine_set none = {.count = 0};
	uint32_t leaving = ENGINE_NO_PREFIX;  /* the worst */
	uint32_t entering = ENGINE_NO_PREFIX; /* the best */

	for (size_t i = 0; i < c->set.count; i++) {
		if (!engine_set_holds(pick, c->set.members[i]) &&
		    (leaving == ENGINE_NO_PREFIX ||
		     is_better(v, &none, leaving, c->set.members[i])))
			leaving = c->set.members[i];
	}
	for (size_t i = pick->count; i-- > 0;) {
		if (!engine_set_holds(&c->set, pick->members[i]))
			entering = pick->members[i];
	}
	if (c->set.count < c->min || v->member_lost || leaving == ENGINE_NO_PREFIX ||
	    pick->count > c->set.count)
		return 0;
	bool enters = entering != ENGINE_NO_PREFIX;
	if (enters && v->candidates[entering].entry.tier < v->candidates[leaving].entry.tier)
		return 0;
	if (candidate_loss(v, leaving) > (enters ? candidate_loss(v, entering) : 0))
		return MUCH_BETTER_US;
	return enters && rank_us(v, leaving) > rank_us(v, entering) + MUCH_US ? MUCH_BETTER_US
	                                                                      : BETTER_US;
}

bool choice_review(struct choice *choice, const struct choice_candidate *candidates, size_t count,
                   uint64_t now_us)
{
	const struct view v = candidates_view(choice, candidates, count);
	bool early = !v.member_gone && !v.settled && now_us - choice->start_us < FIRST_SET_US;
	uint64_t better_us = choice->better_us ? choice->better_us : now_us;

	choice->better_us = 0;
	if (choice->set.count == 0 ? v.healthy == 0 || early : v.healthy == 0 && !v.member_gone)
		return false;
	struct engine_set pick = pick_best(&v);
	bool same = pick.count == choice->set.count;
	for (size_t i = 0; i < pick.count; i++)
		same &= engine_set_holds(&choice->set, pick.members[i]);
	if (!same && now_us - better_us < wait_us(&v, &pick)) {
		choice->better_us = better_us;
		return false;
	}
	choice->member_gone = false;
	choice->set = pick;
	return !same;
}

void choice_renumber(struct choice *choice, const struct choice_candidate *candidates, size_t count,
                     uint64_t now_us)
{
	const struct engine_set old = choice->set;

	choice->start_us = now_us;
	choice->better_us = 0;
	choice->set.count = 0;
	for (size_t m = 0; m < old.count; m++) {
		for (uint32_t i = 0; i < count; i++) {
			if (candidates[i].entry.was == old.members[m])
				choice->set.members[choice->set.count++] = i;
		}
	}
	choice->member_gone = choice->set.count < old.count;
}
