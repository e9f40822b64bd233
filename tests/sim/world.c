/*
 * The simulated network. Everything random comes from one seed, so that every run can be replayed.
 */
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JITTER_US   3000.0 /* mean of an exponential */
#define SPIKE_SHARE 0.003  /* of answers, that are held up somewhere */
#define SPIKE_US    150000.0
#define REFUSAL_US  8000ULL
#define OUTAGE_US   (6 * SECOND_US / 5) /* a burst this long is no background: nothing works */
#define USELESS_S   1.5                 /* nobody waits for a path this slow */

void *memory_take(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory) {
		perror("sim");
		exit(1);
	}
	return memory;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

double random_unit(struct random *random)
{
	return (double)(random_next(random) >> 11) * 0x1p-53;
}

static double random_exponential(struct random *random, double mean)
{
	return -mean * log1p(-random_unit(random));
}

static uint64_t seconds_us(double seconds)
{
	return (uint64_t)(seconds * (double)SECOND_US);
}

static uint64_t pause_us(struct world *w, const struct fault_plan *plan)
{
	return seconds_us(plan->every * (0.5 + random_unit(&w->random)));
}

static void fault_init(struct world *w, struct world_fault *f, const struct fault_plan *plan)
{
	*f = (struct world_fault){
		.plan = *plan,
		.victims = memory_take(w->config.prefixes, sizeof(*f->victims)),
		.pairs = memory_take(w->config.prefixes, sizeof(*f->pairs)),
		.turn_us = plan->kind == FAULT_NONE ? NEVER
	                   : plan->from_start       ? 0
	                                            : pause_us(w, plan),
		.end_us = NEVER,
	};
}

void world_init(struct world *w, const struct world_config *config, uint64_t seed)
{
	*w = (struct world){.config = *config, .random = {seed}};
	w->prefixes = memory_take(config->prefixes, sizeof(*w->prefixes));
	for (unsigned t = 0; t < config->targets; t++)
		w->target_rtt_us[t] = (uint32_t)seconds_us(
			config->rtt_min *
			pow(config->rtt_max / config->rtt_min, random_unit(&w->random)));
	for (size_t i = 0; i < config->prefixes; i++) {
		struct world_prefix *p = &w->prefixes[i];
		p->extra_us = (uint32_t)seconds_us(config->extra * random_unit(&w->random));
		p->burst_turn_us =
			config->burst_every > 0
				? seconds_us(random_exponential(&w->random, config->burst_every))
				: NEVER;
		p->drift_us = config->drift_every > 0
		                      ? seconds_us(config->drift_every * random_unit(&w->random))
		                      : NEVER;
		p->silence_slot = NEVER;
	}
	w->due_us = NEVER;
	for (unsigned i = 0; i < WORLD_FAULTS_MAX; i++) {
		fault_init(w, &w->faults[i], &config->faults[i]);
		w->due_us = SOONER(w->due_us, w->faults[i].turn_us);
	}
}

void world_free(struct world *w)
{
	for (unsigned i = 0; i < WORLD_FAULTS_MAX; i++) {
		free(w->faults[i].victims);
		free(w->faults[i].pairs);
	}
	free(w->prefixes);
}

/* Selection sampling (Knuth, algorithm S): each choice of so many bits is equally likely. */
static uint64_t bits_choose(struct world *w, unsigned wanted, unsigned all)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < all && wanted > 0; i++) {
		bool chosen = random_unit(&w->random) < wanted / (double)(all - i);
		bits |= (uint64_t)chosen << i;
		wanted -= chosen;
	}
	return bits;
}

/* The targets that the fault takes from a victim. */
static uint64_t pairs_choose(struct world *w, const struct fault_plan *plan)
{
	unsigned targets = w->config.targets;
	uint64_t bits = 0;

	if (plan->kind != FAULT_HASH)
		return bits_choose(
			w, plan->kind == FAULT_PAIR ? (unsigned)fmax(1, plan->amount) : 1, targets);
	for (unsigned t = 0; t < targets; t++)
		bits |= (uint64_t)(random_unit(&w->random) * plan->amount < 1) << t;
	return bits;
}

static void victims_choose(struct world *w, struct world_fault *f)
{
	size_t prefixes = w->config.prefixes;
	size_t wanted = f->plan.count == 0 || f->plan.count > prefixes ? prefixes : f->plan.count;

	memset(f->victims, 0, prefixes * sizeof(*f->victims));
	for (size_t i = 0; i < prefixes; i++) {
		double chance = (double)wanted / (double)(prefixes - i);
		f->victims[i] = f->plan.provider ? wanted > 0 : random_unit(&w->random) < chance;
		wanted -= f->victims[i];
		f->pairs[i] = pairs_choose(w, &f->plan);
	}
	f->targets = bits_choose(w, f->plan.count == 0 ? w->config.targets : f->plan.count,
	                         w->config.targets);
}

/* One that flaps is wrong all the time. */
static void fault_apply_prefix(struct world_prefix *p, const struct world_fault *f, uint32_t index)
{
	switch (f->plan.kind) {
	case FAULT_DEAD:
	case FAULT_FULL:
	case FAULT_REFUSED:
		p->wrong = true;
		if (!f->on)
			break;
		p->old_flows = f->plan.kind == FAULT_FULL;
		for (unsigned m = 0; m < WORLD_METHODS_MAX; m++) {
			if (f->plan.methods != 0 && !(f->plan.methods & 1U << m))
				continue;
			p->dead[m] = true;
			p->refused[m] = f->plan.kind == FAULT_REFUSED;
		}
		break;
	case FAULT_LOSS:
		p->loss = fmax(p->loss, f->plan.amount);
		p->wrong = true;
		break;
	case FAULT_SLOW:
		p->slow_us += (uint32_t)seconds_us(f->plan.amount);
		p->wrong |= f->plan.amount > USELESS_S;
		break;
	case FAULT_PORTS:
		p->nodes = (unsigned)f->plan.amount;
		p->wrong = true;
		break;
	case FAULT_RATE:
		p->limited |= f->pairs[index];
		p->limit_us = seconds_us(f->plan.amount);
		break;
	default: /* FAULT_PAIR, FAULT_HASH */
		p->blocked |= f->pairs[index];
	}
}

static bool is_death(enum fault_kind kind)
{
	return kind == FAULT_DEAD || kind == FAULT_FULL || kind == FAULT_REFUSED;
}

static void fault_apply(struct world *w, const struct world_fault *f)
{
	if (!f->on && !(f->active && is_death(f->plan.kind)))
		return;
	switch (f->plan.kind) {
	case FAULT_UPLINK:
		w->uplink_down = true;
		break;
	case FAULT_UPLINK_LOSS:
		w->uplink_loss = fmax(w->uplink_loss, f->plan.amount);
		break;
	case FAULT_TARGET:
		for (unsigned t = 0; t < w->config.targets; t++)
			w->target_dead[t] |= f->targets >> t & 1;
		break;
	case FAULT_FILTER:
		for (unsigned m = 0; m < w->config.methods; m++)
			w->filtered[m] |= f->plan.methods >> m & 1;
		break;
	default:
		for (uint32_t i = 0; i < w->config.prefixes; i++) {
			if (f->victims[i])
				fault_apply_prefix(&w->prefixes[i], f, i);
		}
	}
}

unsigned world_targets_lost(const struct world *w, uint32_t prefix)
{
	const struct world_prefix *p = &w->prefixes[prefix];
	unsigned lost = 0;

	for (unsigned t = 0; t < w->config.targets; t++)
		lost += !w->target_dead[t] && ((p->blocked | p->limited) >> t & 1);
	return lost;
}

/* Two or more of the living targets, and at least three in ten: users would notice. */
static bool is_refused_by_many(const struct world *w, const struct world_prefix *p)
{
	unsigned alive = 0, lost = world_targets_lost(w, (uint32_t)(p - w->prefixes));

	for (unsigned t = 0; t < w->config.targets; t++)
		alive += !w->target_dead[t];
	return (lost >= 2 && lost * 10 >= alive * 3) || (lost > 0 && lost * 2 >= alive);
}

static void prefix_clear(struct world_prefix *p, uint64_t now)
{
	if (p->wrong)
		p->wrong_last_us = p->fine_since_us = now;
	memset(p->dead, 0, sizeof(p->dead));
	memset(p->refused, 0, sizeof(p->refused));
	p->loss = 0;
	p->slow_us = 0;
	p->blocked = p->limited = 0;
	p->nodes = 0;
	p->wrong = p->old_flows = false;
}

static void prefix_note(const struct world *w, struct world_prefix *p, uint64_t now)
{
	bool dead_all = true;

	for (unsigned m = 0; m < w->config.methods; m++)
		dead_all &= p->dead[m];
	if (dead_all && !p->dead_all)
		p->dead_since_us = now;
	p->dead_all = dead_all;
	p->wrong |= is_refused_by_many(w, p);
	if (p->wrong)
		p->fine_since_us = now;
}

/* The state of the world is what the faults that are on now make of it. */
static void world_rebuild(struct world *w, uint64_t now)
{
	bool was_down = w->uplink_down;

	w->uplink_down = false;
	w->uplink_loss = 0;
	memset(w->target_dead, 0, sizeof(w->target_dead));
	memset(w->filtered, 0, sizeof(w->filtered));
	for (size_t i = 0; i < w->config.prefixes; i++)
		prefix_clear(&w->prefixes[i], now);
	for (unsigned f = 0; f < WORLD_FAULTS_MAX; f++)
		fault_apply(w, &w->faults[f]);
	for (size_t i = 0; i < w->config.prefixes; i++)
		prefix_note(w, &w->prefixes[i], now);
	if (was_down && !w->uplink_down)
		w->uplink_back_us = now;
}

static void fault_turn(struct world *w, struct world_fault *f, uint64_t now)
{
	if (!f->active) {
		victims_choose(w, f);
		f->active = f->on = true;
		f->started_us = now;
		f->end_us = f->plan.lasts > 0 ? now + seconds_us(f->plan.lasts) : NEVER;
	} else if (now >= f->end_us) {
		f->active = f->on = false;
		f->turn_us = now + pause_us(w, &f->plan);
		return;
	} else {
		f->on = !f->on;
	}
	f->turn_us = f->end_us;
	if (f->plan.period > 0 && now + seconds_us(f->plan.period / 2) < f->end_us)
		f->turn_us = now + seconds_us(f->plan.period / 2);
}

const struct world_fault *world_turn(struct world *w, uint64_t now)
{
	struct world_fault *turned = NULL;

	if (now < w->due_us)
		return NULL;
	for (unsigned i = 0; i < WORLD_FAULTS_MAX && !turned; i++) {
		if (w->faults[i].turn_us <= now)
			turned = &w->faults[i];
	}
	if (turned && turned->plan.kind == FAULT_SUSPEND) {
		w->sleep_us = seconds_us(turned->plan.lasts);
		turned->turn_us = now + w->sleep_us + pause_us(w, &turned->plan);
	} else if (turned) {
		fault_turn(w, turned, now);
		world_rebuild(w, now);
	}
	w->due_us = NEVER;
	for (unsigned i = 0; i < WORLD_FAULTS_MAX; i++)
		w->due_us = SOONER(w->due_us, w->faults[i].turn_us);
	return turned;
}

static bool is_silent(struct world *w, struct world_prefix *p, uint64_t now)
{
	uint64_t every = seconds_us(w->config.silence_every);
	uint64_t lasts = seconds_us(w->config.silence_lasts);

	if (every == 0)
		return false;
	if (now / every != p->silence_slot) {
		p->silence_slot = now / every;
		/* Never at both ends of neighbouring slots: two in a row would be one of 2 s. */
		p->silence_start_us =
			p->silence_slot * every + random_next(&w->random) % (every / 2);
	}
	return now >= p->silence_start_us && now - p->silence_start_us < lasts;
}

static bool is_burst_loss(struct world *w, struct world_prefix *p, uint64_t now)
{
	while (now >= p->burst_turn_us) {
		p->bursting = !p->bursting;
		uint64_t lasts = 1 + seconds_us(random_exponential(
					     &w->random, p->bursting ? w->config.burst_lasts
								     : w->config.burst_every));
		p->burst_turn_us += lasts;
		if (p->bursting && lasts > OUTAGE_US)
			p->wrong_last_us = p->burst_turn_us;
	}
	return p->bursting && random_unit(&w->random) < w->config.burst_loss;
}

static uint64_t path_delay_us(struct world *w, struct world_prefix *p, unsigned target,
                              uint64_t now)
{
	double jitter = random_exponential(&w->random, JITTER_US);

	if (now >= p->drift_us) {
		p->drift_us = now + seconds_us(w->config.drift_every);
		p->extra_us = (uint32_t)seconds_us(w->config.extra * random_unit(&w->random));
	}
	if (random_unit(&w->random) < SPIKE_SHARE)
		jitter += random_exponential(&w->random, SPIKE_US);
	return w->target_rtt_us[target] + p->extra_us + p->slow_us + (uint64_t)jitter;
}

enum world_fate world_probe(struct world *w, const struct world_probe *probe, uint64_t now,
                            uint64_t *delay)
{
	struct world_prefix *p = &w->prefixes[probe->prefix];
	bool silent = is_silent(w, p, now);
	bool burst = is_burst_loss(w, p, now);

	*delay = REFUSAL_US;
	if (w->uplink_down || w->filtered[probe->method])
		return FATE_LOST;
	if (p->dead[probe->method])
		return p->refused[probe->method] ? FATE_REFUSED : FATE_LOST;
	double kept = (1 - w->config.loss) * (1 - p->loss) * (1 - w->uplink_loss);
	if (silent || burst || w->target_dead[probe->target] || p->blocked >> probe->target & 1 ||
	    (p->nodes > 0 && probe->flow % p->nodes == 0) || /* its node is the dead one */
	    random_unit(&w->random) >= kept)
		return FATE_LOST;
	if (p->limited >> probe->target & 1) {
		if (now < p->limited_next_us)
			return FATE_LOST;
		p->limited_next_us = now + p->limit_us;
	}
	*delay = path_delay_us(w, p, probe->target, now);
	return FATE_ANSWERED;
}

bool world_delivers(const struct world *w, uint32_t prefix, unsigned method)
{
	const struct world_prefix *p = &w->prefixes[prefix];

	return !w->uplink_down && !w->filtered[method] && (!p->dead[method] || p->old_flows);
}

const char *fault_name(enum fault_kind kind)
{
	static const char *const names[] = {
		[FAULT_NONE] = "nothing",
		[FAULT_DEAD] = "dead",
		[FAULT_FULL] = "full",
		[FAULT_REFUSED] = "refused",
		[FAULT_LOSS] = "loss",
		[FAULT_SLOW] = "slow",
		[FAULT_TARGET] = "target dead",
		[FAULT_PAIR] = "targets blocked",
		[FAULT_HASH] = "a node dead, by address",
		[FAULT_PORTS] = "a node dead, by port",
		[FAULT_FILTER] = "method filtered",
		[FAULT_RATE] = "pair rate-limited",
		[FAULT_UPLINK] = "uplink down",
		[FAULT_UPLINK_LOSS] = "uplink lossy",
		[FAULT_SUSPEND] = "host asleep",
	};

	return names[kind];
}
