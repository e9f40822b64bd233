/*
 * Health and choice together: from outcomes of probes to the set in force.
 * It knows no addresses: prefixes are numbers, in the order of the list.
 */
#include "engine.h"

#include "choice.h"
#include "health.h"

#include <stdlib.h>
#include <string.h>

/* Latencies change slowly: to look at them this often, when there is something to do, is enough. */
#define REVIEW_US 5000000ULL

struct engine {
	struct engine_config config;
	struct health *health;
	struct choice choice;
	struct engine_set set;
	struct choice_candidate *candidates; /* one a prefix */
	struct verdict *failures[2]; /* likewise; of the list in force, and the one before */
	unsigned half;               /* which list is in force */
	uint32_t *was;               /* room for engine_load */
	size_t count;
	uint64_t reviewed_us;
	bool judged; /* a verdict fell since the last review */
};

static struct health *health_make(const struct engine_config *config)
{
	struct health_config health = {
		.prefixes = config->prefixes_max,
		.methods = config->methods,
		.interval_us = config->interval_us,
		.min = config->set_min,
		.flights = config->probes_max,
	};

	for (unsigned m = 0; m < config->methods; m++) {
		health.targets[m] = config->targets[m];
		health.retransmit_us[m] = config->retransmit_us[m];
	}
	return health_new(&health);
}

struct engine *engine_new(const struct engine_config *config)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->config = *config;
	e->health = health_make(config);
	e->candidates = calloc(config->prefixes_max, sizeof(*e->candidates));
	e->failures[0] = calloc(config->prefixes_max, sizeof(*e->failures[0]));
	e->failures[1] = calloc(config->prefixes_max, sizeof(*e->failures[1]));
	e->was = calloc(config->prefixes_max, sizeof(*e->was));
	if (!e->health || !e->candidates || !e->failures[0] || !e->failures[1] || !e->was) {
		engine_free(e);
		return NULL;
	}
	return e;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	health_free(e->health);
	free(e->candidates);
	free(e->failures[0]);
	free(e->failures[1]);
	free(e->was);
	free(e);
}

/* Latencies cost more to look at than the rest: after each of a thousand verdicts it would show. */
static void candidates_update(struct engine *e, bool latencies)
{
	for (uint32_t i = 0; i < e->count; i++) {
		struct choice_candidate *c = &e->candidates[i];
		c->healthy = health_prefix_state(e->health, i) == HEALTH_UP;
		c->doubtful = health_prefix_doubtful(e->health, i);
		c->failed_us = health_prefix_failed_us(e->health, i);
		if (latencies)
			c->latency_us = health_prefix_srtt_us(e->health, i);
	}
}

static bool member_precedes(const struct engine *e, uint32_t a, uint32_t b)
{
	const struct choice_candidate *x = &e->candidates[a], *y = &e->candidates[b];

	if (x->healthy != y->healthy)
		return x->healthy;
	if (x->healthy && x->tier != y->tier)
		return x->tier < y->tier;
	return x->healthy && x->latency_us < y->latency_us;
}

/* The best first, those that only fill up last. */
static void set_order(struct engine *e)
{
	struct engine_set *set = &e->set;

	set->count = e->choice.count;
	for (size_t i = 0; i < set->count; i++) {
		size_t place = i;
		for (;
		     place > 0 && member_precedes(e, e->choice.members[i], set->members[place - 1]);
		     place--)
			set->members[place] = set->members[place - 1];
		set->members[place] = e->choice.members[i];
	}
}

static void choice_renumber(struct engine *e, size_t old_count, uint64_t now)
{
	const struct choice old = e->choice;

	choice_init(&e->choice, &(struct choice_config){e->config.set_min, e->config.set_max,
	                                                e->config.slack_us, now});
	for (uint32_t i = 0; old_count > 0 && i < e->count; i++) {
		if (e->was[i] != ENGINE_NO_PREFIX && choice_holds(&old, e->was[i]))
			choice_adopt(&e->choice, i);
	}
	/* Too few members left: a new first set is due, once enough have answered. */
	if (e->choice.count < e->config.set_min)
		e->choice.count = 0;
}

void engine_load(struct engine *e, const struct engine_entry *entries, size_t count, uint64_t now)
{
	const struct verdict *old = e->failures[e->half];
	struct verdict *failures = e->failures[e->half ^= 1];
	size_t old_count = e->count;

	for (size_t i = 0; i < count; i++) {
		e->was[i] = old_count > 0 ? entries[i].was : ENGINE_NO_PREFIX;
		failures[i] = e->was[i] == ENGINE_NO_PREFIX ? (struct verdict){0} : old[e->was[i]];
	}
	e->count = count;
	health_load(e->health, e->was, count, now);
	for (uint32_t i = 0; i < count; i++) {
		e->candidates[i] = (struct choice_candidate){.tier = entries[i].tier,
		                                             .drained = entries[i].drain};
		health_set_drained(e->health, i, entries[i].drain);
	}
	choice_renumber(e, old_count, now);
	candidates_update(e, true);
	set_order(e);
	e->judged = true;
}

static void verdicts_tell(struct engine *e)
{
	struct health_verdict from;

	while (health_verdict(e->health, &from)) {
		struct verdict verdict = {
			.prefix = from.prefix,
			.state = (enum prefix_state)from.state,
			.cause = from.state == HEALTH_UP ? CAUSE_ANSWERS : CAUSE_SILENCE,
			.method = from.method,
			.targets = from.failed_targets,
			.control = from.witness,
			.run = from.run,
		};
		e->judged = true;
		e->candidates[from.prefix].latency_us =
			health_prefix_srtt_us(e->health, from.prefix);
		if (from.state == HEALTH_DOWN)
			e->failures[e->half][from.prefix] = verdict;
		if (e->config.on_verdict)
			e->config.on_verdict(e->config.context, &verdict);
	}
}

struct engine_order engine_next(struct engine *e, uint64_t now)
{
	const struct health_order order = health_next(e->health, now);

	verdicts_tell(e);
	return (struct engine_order){(enum engine_order_kind)order.kind, order.flight, order.prefix,
	                             order.method, order.target};
}

uint64_t engine_due(const struct engine *e, uint64_t now)
{
	uint64_t due = health_due(e->health);
	uint64_t choice = choice_due(&e->choice, now);

	if (e->judged)
		return now;
	return choice < due ? choice : due;
}

void engine_answer(struct engine *e, uint32_t probe, uint64_t now)
{
	health_answer(e->health, probe, now);
	verdicts_tell(e);
}

void engine_failure(struct engine *e, uint32_t probe, enum probe_failure failure, uint64_t now)
{
	(void)failure;
	health_failure(e->health, probe, now);
	verdicts_tell(e);
}

void engine_unsent(struct engine *e, uint32_t probe, uint64_t now)
{
	health_unsent(e->health, probe, now);
}

bool engine_review(struct engine *e, uint64_t now)
{
	bool settled = health_settled(e->health);
	bool routine = now - e->reviewed_us >= REVIEW_US || (settled && e->choice.count == 0);

	if (!routine && !e->judged && now < choice_due(&e->choice, now))
		return false;
	e->judged = false;
	if (routine)
		e->reviewed_us = now;
	candidates_update(e, routine);
	if (!choice_review(&e->choice, e->candidates, e->count, settled, now))
		return false;
	set_order(e);
	return true;
}

const struct engine_set *engine_set(const struct engine *e)
{
	return &e->set;
}

static enum engine_supply supply_of(const struct engine *e, size_t healthy)
{
	if (healthy >= e->config.set_min)
		return SUPPLY_ENOUGH;
	if (!health_settled(e->health))
		return SUPPLY_PENDING;
	return healthy > 0 ? SUPPLY_SHORT : SUPPLY_NONE;
}

void engine_summary(const struct engine *e, uint64_t now, struct engine_summary *summary)
{
	*summary = (struct engine_summary){
		.prefixes = e->count,
		.settled = health_settled(e->health),
		.silent = health_silent(e->health, now),
	};
	for (uint32_t i = 0; i < e->count; i++) {
		enum health_state state = health_prefix_state(e->health, i);
		summary->states[state]++;
		summary->healthy += state == HEALTH_UP && !e->candidates[i].drained;
	}
	summary->supply = supply_of(e, summary->healthy);
	for (unsigned m = 0; m < e->config.methods; m++)
		summary->method_silent_us[m] = health_silence_us(e->health, m, now);
}

void engine_prefix(const struct engine *e, uint32_t prefix, uint64_t now,
                   struct engine_prefix *view)
{
	struct engine_channel channel;

	*view = (struct engine_prefix){
		.state = (enum prefix_state)health_prefix_state(e->health, prefix),
		.doubt = health_prefix_doubtful(e->health, prefix),
		.in_set = choice_holds(&e->choice, prefix),
		.srtt_us = health_prefix_srtt_us(e->health, prefix),
		.flaps = health_prefix_flaps(e->health, prefix, now),
		.failed_us = health_prefix_failed_us(e->health, prefix),
		.failure = e->failures[e->half][prefix],
	};
	view->filler = view->in_set && view->state != PREFIX_UP;
	for (unsigned m = 0; m < e->config.methods; m++) {
		engine_channel(e, prefix, m, &channel);
		if (channel.loss > view->loss)
			view->loss = channel.loss;
		for (unsigned t = 0; t < e->config.targets[m]; t++) {
			if (health_target_alive(e->health, m, t) &&
			    health_target_blocks(e->health, prefix, m, t))
				view->lost[m] |= 1ULL << t;
		}
	}
}

void engine_channel(const struct engine *e, uint32_t prefix, unsigned method,
                    struct engine_channel *view)
{
	struct health_channel c;

	health_channel_read(e->health, prefix, method, &c);
	*view = (struct engine_channel){c.probes,   c.answers, c.failures,
	                                c.evidence, c.loss,    c.srtt_us};
}

bool engine_target_alive(const struct engine *e, unsigned method, unsigned target)
{
	return health_target_alive(e->health, method, target);
}
