/*
 * The health rule: evidence per channel, witnesses, doubt, recovery. It sends nothing and asks no
 * clock: the prober and the simulator do that, with the same object code.
 */
#include "health.h"

#include "heap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US 1000000ULL

/* Page's test tells these two loss rates apart: not worth using, and the least that is expected. */
#define LOSS_BAD           0.25
#define LOSS_LEAST         0.02
#define LOSS_PRIOR         0.03 /* expected of a channel until its history says otherwise */
#define LOSS_EXPECTED_MOST 0.10 /* so that one which always lost much can still be seen to die */
#define EVIDENCE_DOWN      19.0 /* chosen by simulation: see docs/architecture.md */
#define EVIDENCE_NEW       5.0  /* of one not judged yet: nobody is taken away from anybody */
#define EVIDENCE_SERIOUS   2.0  /* more than one lost probe: from here on, all are accompanied */
#define UNACCOMPANIED      0.5  /* what a failure counts if its witness was asked only afterwards */
#define HISTORY_US         (1800 * SECOND_US)
#define HISTORY_PRIOR      20 /* probes that the prior is worth */
#define PAIR_GAIN          (1.0 / 32)
#define WEATHER_GAIN       (1.0 / 12)
#define WEATHER_US         (30 * SECOND_US)

/* RFC 6298, with bounds for a probe instead of a connection. */
#define TIMEOUT_FIRST_US (1 * SECOND_US)
#define TIMEOUT_LEAST_US 300000U
#define MARGIN_LEAST_US  100000U
#define TIMEOUT_MOST_US  2000000U
#define LINGER_US        (3 * SECOND_US) /* after sending: how long a late answer is waited for */

#define DENSE_US         20000U          /* between the routine probes of two channels */
#define DOUBT_GAP_US     200000U         /* between two probes of a channel in doubt */
#define OUTAGE_US        1400000U        /* a shorter one has most often ended by itself */
#define DOUBT_LONG_US    (6 * SECOND_US) /* in doubt this long, it is no single short outage */
#define COMPANION_US     100000U         /* probes this close in time saw the same network */
#define WITNESS_FRESH_US 500000U         /* answered this recently, one witness is enough */
#define WITNESS_QUEUE    1024U
#define RECENT           8U /* prefixes per method that were answered last */

#define SILENCE_US       SECOND_US
#define SILENCE_FAILURES 8U
#define STALL_US         300000U /* called this late, the host slept or this process did */
#define QUIET_FAILURES   3U /* in a row, of channels that others answered: the target is dead */

#define RUN_BASE     5U  /* answers in a row on every channel before a prefix is taken back */
#define RUN_SETBACK  10U /* answers that one failure undoes */
#define RUN_MOST_US  (600 * SECOND_US)
#define FLAPS        8U
#define FLAP_HOUR_US (3600 * SECOND_US)

#define TARGET_LEAD 2U /* failures that a target may be ahead of any that answered */
#define GROUP       16U
#define NONE        UINT32_MAX

enum flight_state { FLIGHT_FREE, FLIGHT_WAITING, FLIGHT_VOID, FLIGHT_FAILED, FLIGHT_CHARGED };

struct rtt {
	uint32_t srtt_us, rttvar_us; /* 0: never answered */
};

struct pair {
	struct rtt rtt;
	float loss;
	uint16_t episode; /* the channel's, that the two counts belong to */
	uint8_t failed, answered;
};

struct channel {
	struct health_channel seen;
	struct rtt rtt;     /* over all its targets: what to expect of one that was not asked yet */
	uint32_t excess_us; /* what its last answers took beyond what was expected of them */
	uint64_t answered_us;
	uint64_t failing_us; /* when the first of the misses was sent */
	uint64_t doubted_us; /* since when there is evidence */
	uint64_t failed_targets;
	uint32_t witness;
	uint32_t run;
	uint32_t misses; /* failures since the last answer */
	uint32_t open;   /* flights that wait */
	uint16_t episode;
	uint16_t learnt; /* probes that the history is made of */
	bool stumbled;   /* failed as a companion; if it is answered next, that was the weather */
	uint8_t target_next;
	uint8_t suspect; /* 1 + target of the last failure, 0 if the channel was answered since */
};

struct prefix_state {
	enum health_state state;
	bool drained;
	uint8_t flap_next;
	uint64_t flaps_us[FLAPS];
	uint64_t failed_us;
};

struct target {
	uint32_t flights; /* list of the flights to it */
	uint32_t quiet;   /* failures since the last answer, of channels that others answered */
	uint32_t companion;
	uint64_t companion_us;
};

/* The share of companions that failed lately, though their prefix is well: everybody's loss. */
struct weather {
	double loss;
	uint64_t at_us;
};

struct flight {
	enum flight_state state;
	uint32_t prefix, next, previous;
	uint8_t method, target;
	bool routine, accompanied, companion, witnessed;
	uint32_t witness, timeout_us;
	float charge;
	uint64_t sent_us;
};

struct question {
	uint32_t prefix;
	uint8_t method, target;
};

struct health {
	struct health_config config;
	size_t channel_count;
	struct channel *channels; /* by method, then prefix */
	struct pair *pairs;       /* by method, then prefix, then target */
	struct prefix_state *prefixes;
	struct flight *flights;
	uint32_t flight_free;
	struct target targets[HEALTH_METHODS_MAX][HEALTH_TARGETS_MAX];
	uint32_t recent[HEALTH_METHODS_MAX][RECENT];
	struct weather weather[HEALTH_METHODS_MAX];
	struct heap due; /* ids: channels, then flights */
	struct question questions[WITNESS_QUEUE];
	uint32_t question_first, question_count;
	struct health_verdict *verdicts;
	size_t verdict_first, verdict_count;
	size_t healthy;   /* up and not drained */
	size_t unsettled; /* new */
	uint64_t answered_us;
	uint64_t failures; /* since anybody was answered */
	uint64_t promised_us;
};

static struct channel *channel_of(const struct health *h, uint32_t prefix, unsigned method)
{
	return &h->channels[method * h->config.prefixes + prefix];
}

static uint32_t channel_id(const struct health *h, const struct channel *c)
{
	(void)h;
	return (uint32_t)(c - h->channels);
}

static struct pair *pair_of(const struct health *h, uint32_t prefix, unsigned method,
                            unsigned target)
{
	size_t base = 0;

	for (unsigned m = 0; m < method; m++)
		base += h->config.prefixes * h->config.targets[m];
	return &h->pairs[base + (size_t)prefix * h->config.targets[method] + target];
}

/*
 * Each channel has its own place in the interval, and a prefix's methods are far apart in it. Where
 * it gets dense, two neighbours share one: to wake up costs more than to probe.
 */
static uint64_t channel_phase_us(const struct health *h, uint32_t id)
{
	uint64_t interval = h->config.interval_us;

	if (interval / h->channel_count < DENSE_US)
		id -= id % 2;
	return interval * id / h->channel_count;
}

static uint64_t routine_next_us(const struct health *h, uint32_t id, uint64_t now)
{
	uint64_t interval = h->config.interval_us;
	uint64_t phase = channel_phase_us(h, id);

	return now < phase ? phase : phase + ((now - phase) / interval + 1) * interval;
}

static bool is_routine(const struct health *h, uint32_t id, uint64_t due)
{
	uint64_t phase = channel_phase_us(h, id);

	return due >= phase && (due - phase) % h->config.interval_us == 0;
}

static void flight_list_add(struct health *h, uint32_t id)
{
	struct flight *f = &h->flights[id];
	struct target *t = &h->targets[f->method][f->target];

	f->previous = NONE;
	f->next = t->flights;
	if (f->next != NONE)
		h->flights[f->next].previous = id;
	t->flights = id;
}

static void flight_release(struct health *h, uint32_t id)
{
	struct flight *f = &h->flights[id];

	if (f->next != NONE)
		h->flights[f->next].previous = f->previous;
	if (f->previous != NONE)
		h->flights[f->previous].next = f->next;
	else
		h->targets[f->method][f->target].flights = f->next;
	heap_remove(&h->due, (uint32_t)h->channel_count + id);
	f->state = FLIGHT_FREE;
	f->next = h->flight_free;
	h->flight_free = id;
}

static uint32_t timeout_us(const struct pair *pair, const struct channel *c)
{
	const struct rtt *rtt = pair->rtt.srtt_us != 0 ? &pair->rtt : &c->rtt;

	if (rtt->srtt_us == 0)
		return TIMEOUT_FIRST_US;
	uint64_t margin = 4ULL * rtt->rttvar_us;
	uint64_t timeout =
		rtt->srtt_us + (margin > MARGIN_LEAST_US ? margin : MARGIN_LEAST_US) + c->excess_us;
	if (timeout < TIMEOUT_LEAST_US)
		return TIMEOUT_LEAST_US;
	return timeout > TIMEOUT_MOST_US ? TIMEOUT_MOST_US : (uint32_t)timeout;
}

/* RFC 6298, section 2. */
static void rtt_measure(struct rtt *rtt, uint64_t sample_us)
{
	uint32_t sample = sample_us > LINGER_US ? (uint32_t)LINGER_US : (uint32_t)sample_us;

	if (sample == 0)
		sample = 1;
	if (rtt->srtt_us == 0) {
		*rtt = (struct rtt){.srtt_us = sample, .rttvar_us = sample / 2};
		return;
	}
	uint32_t deviation = sample > rtt->srtt_us ? sample - rtt->srtt_us : rtt->srtt_us - sample;
	rtt->rttvar_us = (uint32_t)((3ULL * rtt->rttvar_us + deviation) / 4);
	rtt->srtt_us = (uint32_t)((7ULL * rtt->srtt_us + sample + 7) / 8);
}

/* A path that became slower is slower to all targets: the next ones are waited for, too. */
static void rtt_learn(struct channel *c, struct pair *pair, uint64_t sample)
{
	uint64_t expected = pair->rtt.srtt_us;
	uint64_t excess = expected != 0 && sample > expected ? sample - expected : 0;

	c->excess_us -= c->excess_us / 8;
	if (excess > c->excess_us)
		c->excess_us = (uint32_t)(excess < TIMEOUT_MOST_US ? excess : TIMEOUT_MOST_US);
	rtt_measure(&pair->rtt, sample);
	rtt_measure(&c->rtt, sample);
}

/* The counts of an episode start anew when the channel's evidence has been back at zero. */
static void pair_enter_episode(struct pair *pair, const struct channel *c)
{
	if (pair->episode == c->episode)
		return;
	pair->episode = c->episode;
	pair->failed = pair->answered = 0;
}

static void weather_add(struct weather *weather, double outcome, uint64_t now)
{
	if (now - weather->at_us > WEATHER_US)
		weather->loss = 0;
	weather->loss += WEATHER_GAIN * (outcome - weather->loss);
	weather->at_us = now;
}

static double weather_loss(const struct weather *weather, uint64_t now)
{
	return now - weather->at_us > WEATHER_US ? 0 : weather->loss;
}

static double expected_loss(const struct channel *c, const struct pair *pair)
{
	return fmin(LOSS_EXPECTED_MOST, fmax(LOSS_LEAST, fmax(c->seen.loss, (double)pair->loss)));
}

/* A pair that fails often, of a channel whose other targets answer, is blocked: that is no news. */
static bool pair_is_blocked(const struct health *h, const struct flight *f)
{
	unsigned count = h->config.targets[f->method], good = 0;

	if ((double)pair_of(h, f->prefix, f->method, f->target)->loss < LOSS_BAD)
		return false;
	for (unsigned t = 0; t < count; t++)
		good += (double)pair_of(h, f->prefix, f->method, t)->loss < LOSS_BAD;
	return good * 2 >= count;
}

static void history_update(struct health *h, const struct flight *f, double outcome)
{
	struct channel *c = channel_of(h, f->prefix, f->method);
	struct pair *pair = pair_of(h, f->prefix, f->method, f->target);
	double gain = fmax((double)h->config.interval_us / (double)HISTORY_US,
	                   1.0 / (HISTORY_PRIOR + c->learnt));

	if (c->learnt < UINT16_MAX)
		c->learnt++;
	pair->loss += (float)(PAIR_GAIN * (outcome - (double)pair->loss));
	if ((double)pair->loss < LOSS_BAD)
		c->seen.loss += gain * (outcome - c->seen.loss);
}

bool health_silent(const struct health *h, uint64_t now)
{
	return h->failures >= SILENCE_FAILURES && now - h->answered_us >= SILENCE_US;
}

static bool channel_in_doubt(const struct health *h, uint32_t prefix, const struct channel *c,
                             uint64_t now)
{
	return h->prefixes[prefix].state != HEALTH_DOWN &&
	       (c->misses > 0 || c->seen.evidence > 0) && !health_silent(h, now);
}

static bool question_add(struct health *h, uint32_t prefix, unsigned method, unsigned target)
{
	if (h->question_count == WITNESS_QUEUE)
		return false;
	uint32_t place = (h->question_first + h->question_count++) % WITNESS_QUEUE;
	h->questions[place] = (struct question){prefix, (uint8_t)method, (uint8_t)target};
	return true;
}

/*
 * Has other prefixes ask the same target by the same method, those that were answered last first.
 * If that was a while ago they may be dead themselves, so then two are asked.
 */
static bool witness_ask(struct health *h, uint32_t prefix, unsigned method, unsigned target,
                        uint64_t now)
{
	struct target *t = &h->targets[method][target];
	unsigned asked = 0;

	if (health_silent(h, now))
		return false;
	/* One companion serves all that ask the same target at the same time. */
	if (t->companion_us != 0 && t->companion != prefix &&
	    now - t->companion_us <= COMPANION_US / 2)
		return true;
	for (unsigned i = 0; i < RECENT && asked < 2; i++) {
		uint32_t other = h->recent[method][i];
		if (other == NONE)
			break;
		const struct channel *c = channel_of(h, other, method);
		if (other == prefix || c->misses > 0 || c->open > 1)
			continue;
		if (!question_add(h, other, method, target))
			break;
		asked++;
		t->companion = other;
		t->companion_us = now;
		if (now - c->answered_us < WITNESS_FRESH_US)
			break;
	}
	return asked > 0;
}

static uint32_t run_needed(const struct health *h, uint32_t prefix, uint64_t now)
{
	uint64_t most = RUN_MOST_US / h->config.interval_us;
	unsigned flaps = health_prefix_flaps(h, prefix, now);
	uint64_t run = RUN_BASE;

	if (h->healthy < h->config.min)
		return 1;
	if (flaps > 1)
		run <<= flaps - 1;
	if (run > most)
		run = most > RUN_BASE ? most : RUN_BASE;
	return (uint32_t)run;
}

static void verdict_add(struct health *h, const struct health_verdict *verdict)
{
	size_t room = h->config.prefixes * 2;

	/* A reader that drains after each call never sees this full; the oldest would be lost. */
	if (h->verdict_count == room) {
		h->verdict_first = (h->verdict_first + 1) % room;
		h->verdict_count--;
	}
	h->verdicts[(h->verdict_first + h->verdict_count++) % room] = *verdict;
}

static void channel_reset(struct health *h, struct channel *c, uint64_t now)
{
	c->seen.evidence = 0;
	c->run = 0;
	c->misses = 0;
	c->suspect = 0;
	heap_set(&h->due, channel_id(h, c), routine_next_us(h, channel_id(h, c), now));
}

static void prefix_set_state(struct health *h, uint32_t prefix, enum health_state state)
{
	struct prefix_state *p = &h->prefixes[prefix];

	if (p->state == HEALTH_NEW)
		h->unsettled--;
	if (p->state == HEALTH_UP && !p->drained)
		h->healthy--;
	if (state == HEALTH_UP && !p->drained)
		h->healthy++;
	p->state = state;
}

static void prefix_up(struct health *h, uint32_t prefix, uint32_t run, uint64_t now)
{
	prefix_set_state(h, prefix, HEALTH_UP);
	for (unsigned m = 0; m < h->config.methods; m++)
		channel_reset(h, channel_of(h, prefix, m), now);
	verdict_add(h, &(struct health_verdict){.prefix = prefix, .state = HEALTH_UP, .run = run});
}

static void prefix_try_up(struct health *h, uint32_t prefix, uint64_t now)
{
	uint32_t needed = run_needed(h, prefix, now);
	uint32_t shortest = NONE;

	for (unsigned m = 0; m < h->config.methods; m++) {
		const struct channel *c = channel_of(h, prefix, m);
		if (c->run < needed || c->misses > 0)
			return;
		if (c->run < shortest)
			shortest = c->run;
	}
	prefix_up(h, prefix, shortest, now);
}

static void prefix_down(struct health *h, uint32_t prefix, unsigned method, uint64_t now)
{
	struct prefix_state *p = &h->prefixes[prefix];
	const struct channel *c = channel_of(h, prefix, method);
	size_t was_healthy = h->healthy;
	struct health_verdict verdict = {
		.prefix = prefix,
		.state = HEALTH_DOWN,
		.method = method,
		.evidence = c->seen.evidence,
		.failed_targets = c->failed_targets,
		.witness = c->witness,
	};

	if (p->state == HEALTH_UP) {
		p->flaps_us[p->flap_next] = now;
		p->flap_next = (uint8_t)((p->flap_next + 1) % FLAPS);
	}
	prefix_set_state(h, prefix, HEALTH_DOWN);
	p->failed_us = now;
	for (unsigned m = 0; m < h->config.methods; m++)
		channel_reset(h, channel_of(h, prefix, m), now);
	verdict_add(h, &verdict);

	/* With too few left, others that were on their way back are needed now. */
	bool crossed = was_healthy >= h->config.min;
	for (uint32_t i = 0; crossed && i < h->config.prefixes && h->healthy < h->config.min; i++) {
		if (i != prefix && h->prefixes[i].state == HEALTH_DOWN)
			prefix_try_up(h, i, now);
	}
}

/*
 * A target that fails while the channel's other targets answer says more about itself (it blocks
 * this prefix, or limits its rate) than about the prefix.
 */
static bool failure_counts(struct health *h, const struct flight *f)
{
	const struct channel *c = channel_of(h, f->prefix, f->method);
	const struct pair *own = pair_of(h, f->prefix, f->method, f->target);
	unsigned others = 0, failed = 0;

	for (unsigned t = 0; t < h->config.targets[f->method]; t++) {
		struct pair *pair = pair_of(h, f->prefix, f->method, t);
		pair_enter_episode(pair, c);
		if (t == f->target || pair->answered == 0)
			continue;
		others++;
		failed += pair->failed;
	}
	return others == 0 || own->failed * others < TARGET_LEAD * (failed + others);
}

/* Enough evidence, and not all of it from one short outage. */
static bool channel_is_bad(const struct health *h, const struct flight *f, uint64_t now)
{
	const struct channel *c = channel_of(h, f->prefix, f->method);

	if (h->prefixes[f->prefix].state == HEALTH_NEW)
		return c->seen.evidence >= EVIDENCE_NEW;
	return c->seen.evidence >= EVIDENCE_DOWN &&
	       ((c->misses > 0 && f->sent_us >= c->failing_us + OUTAGE_US) ||
	        now - c->doubted_us >= DOUBT_LONG_US);
}

/* A failure that somebody else's answer has shown to be the prefix's own. */
static void flight_charge(struct health *h, struct flight *f, uint64_t now)
{
	struct channel *c = channel_of(h, f->prefix, f->method);
	struct pair *pair = pair_of(h, f->prefix, f->method, f->target);

	if (h->prefixes[f->prefix].state == HEALTH_DOWN) {
		c->run = c->run > RUN_SETBACK ? c->run - RUN_SETBACK : 0;
		return;
	}
	if (c->seen.evidence <= 0) {
		c->episode++;
		c->failed_targets = 0;
		c->doubted_us = now;
	}
	double kept = 1 - weather_loss(&h->weather[f->method], now);
	double expected = 1 - (1 - expected_loss(c, pair)) * kept;
	double bad = 1 - (1 - LOSS_BAD) * kept;
	if (failure_counts(h, f))
		f->charge = (float)((f->accompanied ? 1 : UNACCOMPANIED) * log(bad / expected));
	if (pair->failed < UINT8_MAX)
		pair->failed++;
	if (f->routine && h->prefixes[f->prefix].state == HEALTH_UP)
		history_update(h, f, 1);
	f->state = FLIGHT_CHARGED;
	c->failed_targets |= 1ULL << f->target;
	c->witness = f->witness;
	c->seen.evidence += (double)f->charge;
	if (channel_is_bad(h, f, now))
		prefix_down(h, f->prefix, f->method, now);
}

/* Tells every flight to the same target that somebody was answered at its time. */
static void target_corroborate(struct health *h, const struct flight *answered, uint64_t now)
{
	uint32_t id = h->targets[answered->method][answered->target].flights;

	for (struct flight *f; id != NONE; id = f->next) {
		f = &h->flights[id];
		uint64_t window = COMPANION_US + (f->accompanied ? 0 : f->timeout_us);
		if (f->prefix == answered->prefix || f->witnessed ||
		    answered->sent_us + COMPANION_US < f->sent_us ||
		    answered->sent_us > f->sent_us + window)
			continue;
		f->witnessed = true;
		f->witness = answered->prefix;
		if (f->state == FLIGHT_FAILED)
			flight_charge(h, f, now);
	}
}

static void doubt_enter(struct health *h, uint32_t prefix, unsigned method, uint64_t now)
{
	struct channel *c = channel_of(h, prefix, method);

	if (c->misses != 1 || health_silent(h, now))
		return;
	heap_set(&h->due, channel_id(h, c), now);
	/* What killed one channel has most often killed the prefix: ask the others now. */
	for (unsigned m = 0; m < h->config.methods; m++) {
		struct channel *sibling = channel_of(h, prefix, m);
		if (m != method && sibling->misses == 0 && sibling->seen.evidence <= 0 &&
		    sibling->open == 0)
			heap_set(&h->due, channel_id(h, sibling), now);
	}
}

static void flight_fail(struct health *h, uint32_t id, uint64_t now)
{
	struct flight *f = &h->flights[id];
	struct channel *c = channel_of(h, f->prefix, f->method);
	bool down = h->prefixes[f->prefix].state == HEALTH_DOWN;

	f->state = FLIGHT_FAILED;
	heap_set(&h->due, (uint32_t)h->channel_count + id, f->sent_us + LINGER_US);
	c->open--;
	c->seen.failures++;
	h->failures++;
	if (!health_target_alive(h, f->method, f->target))
		return;
	c->stumbled |= f->companion;
	if (c->misses == 0 && pair_is_blocked(h, f)) {
		if (f->routine)
			history_update(h, f, 1);
		return;
	}
	if (c->misses++ == 0)
		c->failing_us = f->sent_us;
	c->suspect = (uint8_t)(f->target + 1);
	if (f->witnessed)
		flight_charge(h, f, now);
	else if (!f->accompanied && (!down || c->run > 0))
		witness_ask(h, f->prefix, f->method, f->target, now);
	if (h->prefixes[f->prefix].state != HEALTH_DOWN)
		doubt_enter(h, f->prefix, f->method, now);
}

static bool flight_open(struct health *h, uint32_t prefix, unsigned method, unsigned target,
                        uint64_t now, struct health_order *order)
{
	uint32_t id = h->flight_free;
	struct channel *c = channel_of(h, prefix, method);

	if (id == NONE)
		return false;
	struct flight *f = &h->flights[id];
	h->flight_free = f->next;
	*f = (struct flight){
		.state = FLIGHT_WAITING,
		.prefix = prefix,
		.method = (uint8_t)method,
		.target = (uint8_t)target,
		.timeout_us = timeout_us(pair_of(h, prefix, method, target), c),
		.sent_us = now,
	};
	flight_list_add(h, id);
	heap_set(&h->due, (uint32_t)h->channel_count + id, now + f->timeout_us);
	c->open++;
	c->seen.probes++;
	*order = (struct health_order){HEALTH_PROBE, id, prefix, method, target};
	return true;
}

/* In doubt, a target that is dead anyway would tell nothing. */
static unsigned target_choose(const struct health *h, struct channel *c, unsigned method)
{
	unsigned count = h->config.targets[method];
	unsigned target = c->target_next;

	for (unsigned i = 0; i < count && !health_target_alive(h, method, target); i++)
		target = (target + 1) % count;
	c->target_next = (uint8_t)((target + 1) % count);
	return target;
}

/*
 * Neighbours ask the same target in the same interval, so that their latencies can be compared;
 * groups of them are spread over the targets.
 */
static unsigned routine_target(const struct health *h, uint32_t prefix, unsigned method,
                               uint64_t due)
{
	return (unsigned)((due / h->config.interval_us + prefix / GROUP) %
	                  h->config.targets[method]);
}

static bool channel_probe(struct health *h, uint32_t id, uint64_t due, uint64_t now,
                          struct health_order *order)
{
	struct channel *c = &h->channels[id];
	uint32_t prefix = (uint32_t)(id % h->config.prefixes);
	unsigned method = (unsigned)(id / h->config.prefixes);
	bool doubt = channel_in_doubt(h, prefix, c, now);

	heap_set(&h->due, id, doubt ? now + DOUBT_GAP_US : routine_next_us(h, id, now));
	bool routine = is_routine(h, id, due);
	unsigned target =
		routine ? routine_target(h, prefix, method, due) : target_choose(h, c, method);
	if (!flight_open(h, prefix, method, target, now, order))
		return false;
	struct flight *f = &h->flights[order->flight];
	f->routine = routine;
	if (doubt && (c->misses > 0 || c->seen.evidence >= EVIDENCE_SERIOUS))
		f->accompanied = witness_ask(h, prefix, method, target, now);
	return true;
}

static bool question_take(struct health *h, uint64_t now, struct health_order *order)
{
	while (h->question_count > 0) {
		struct question q = h->questions[h->question_first];
		h->question_first = (h->question_first + 1) % WITNESS_QUEUE;
		h->question_count--;
		if (!flight_open(h, q.prefix, q.method, q.target, now, order))
			continue;
		/* The probe that it was asked for is its own witness. */
		h->flights[order->flight].accompanied = true;
		h->flights[order->flight].companion = true;
		return true;
	}
	return false;
}

/* Called late, we were not there to hear the answers: what was under way says nothing. */
static void clock_check(struct health *h, uint64_t now)
{
	if (h->promised_us > now || now - h->promised_us < STALL_US)
		return;
	h->promised_us = UINT64_MAX;
	for (uint32_t id = 0; id < h->config.flights; id++) {
		struct flight *f = &h->flights[id];
		if (f->state != FLIGHT_WAITING)
			continue;
		f->state = FLIGHT_VOID;
		channel_of(h, f->prefix, f->method)->open--;
		heap_set(&h->due, (uint32_t)h->channel_count + id, now + f->timeout_us);
	}
	for (uint32_t id = 0; id < h->channel_count; id++)
		heap_set(&h->due, id, routine_next_us(h, id, now));
}

struct health_order health_next(struct health *h, uint64_t now)
{
	struct health_order order;
	const struct heap_item *top;

	clock_check(h, now);
	if (question_take(h, now, &order))
		return order;
	while ((top = heap_top(&h->due)) && top->time_us <= now) {
		if (top->id < h->channel_count) {
			if (channel_probe(h, top->id, top->time_us, now, &order))
				return order;
			continue;
		}
		uint32_t id = top->id - (uint32_t)h->channel_count;
		if (h->flights[id].state == FLIGHT_WAITING) {
			flight_fail(h, id, now);
			if (question_take(h, now, &order))
				return order;
			continue;
		}
		flight_release(h, id);
		return (struct health_order){.kind = HEALTH_CLOSE, .flight = id};
	}
	h->promised_us = top ? top->time_us : UINT64_MAX;
	return (struct health_order){.kind = HEALTH_IDLE};
}

uint64_t health_due(const struct health *h)
{
	const struct heap_item *top = heap_top(&h->due);

	if (h->question_count > 0)
		return 0;
	return top ? top->time_us : UINT64_MAX;
}

static void recent_add(struct health *h, uint32_t prefix, unsigned method)
{
	uint32_t *recent = h->recent[method];
	unsigned place = 0;

	while (place < RECENT - 1 && recent[place] != prefix)
		place++;
	memmove(recent + 1, recent, place * sizeof(*recent));
	recent[0] = prefix;
}

/* The channel was answered, so a failure that nobody has explained was the target's. */
static void suspect_settle(struct health *h, struct channel *c, unsigned method, unsigned target)
{
	if (c->suspect != 0 && c->suspect != target + 1)
		h->targets[method][c->suspect - 1].quiet++;
	c->suspect = 0;
}

static void channel_succeed(struct health *h, const struct flight *f, bool in_doubt, uint64_t now)
{
	struct channel *c = channel_of(h, f->prefix, f->method);
	struct pair *pair = pair_of(h, f->prefix, f->method, f->target);

	if (f->state == FLIGHT_CHARGED)
		c->seen.evidence -= (double)f->charge;
	if (c->seen.evidence > 0)
		c->seen.evidence = fmax(
			0, c->seen.evidence - log((1 - expected_loss(c, pair)) / (1 - LOSS_BAD)));
	pair_enter_episode(pair, c);
	if (pair->answered < UINT8_MAX)
		pair->answered++;
	if (f->routine && h->prefixes[f->prefix].state == HEALTH_UP)
		history_update(h, f, 0);
	if (in_doubt && c->seen.evidence <= 0)
		heap_set(&h->due, channel_id(h, c), routine_next_us(h, channel_id(h, c), now));
}

/* A new prefix is up once each of its methods was answered. */
static void prefix_try_settle(struct health *h, uint32_t prefix, uint64_t now)
{
	for (unsigned m = 0; m < h->config.methods; m++) {
		if (channel_of(h, prefix, m)->seen.answers == 0)
			return;
	}
	prefix_up(h, prefix, 1, now);
}

void health_answer(struct health *h, uint32_t id, uint64_t now)
{
	struct flight *f = &h->flights[id];
	struct channel *c = channel_of(h, f->prefix, f->method);

	clock_check(h, now);
	bool in_doubt = c->misses > 0 || c->seen.evidence > 0;
	if (f->state == FLIGHT_WAITING)
		c->open--;
	if (f->companion || c->stumbled)
		weather_add(&h->weather[f->method], c->stumbled, now);
	c->stumbled = false;
	if (f->state != FLIGHT_VOID)
		rtt_learn(c, pair_of(h, f->prefix, f->method, f->target), now - f->sent_us);
	h->answered_us = now;
	h->failures = 0;
	c->seen.answers++;
	c->answered_us = now;
	c->misses = 0;
	c->run += f->routine || h->healthy < h->config.min;
	suspect_settle(h, c, f->method, f->target);
	h->targets[f->method][f->target].quiet = 0;
	recent_add(h, f->prefix, f->method);

	enum health_state state = h->prefixes[f->prefix].state;
	if (state != HEALTH_DOWN)
		channel_succeed(h, f, in_doubt, now);
	if (state == HEALTH_DOWN)
		prefix_try_up(h, f->prefix, now);
	if (state == HEALTH_NEW)
		prefix_try_settle(h, f->prefix, now);
	target_corroborate(h, f, now);
	flight_release(h, id);
}

void health_failure(struct health *h, uint32_t id, uint64_t now)
{
	clock_check(h, now);
	if (h->flights[id].state == FLIGHT_WAITING)
		flight_fail(h, id, now);
}

void health_unsent(struct health *h, uint32_t id, uint64_t now)
{
	struct flight *f = &h->flights[id];

	clock_check(h, now);
	if (f->state == FLIGHT_WAITING)
		channel_of(h, f->prefix, f->method)->open--;
	flight_release(h, id);
}

bool health_verdict(struct health *h, struct health_verdict *verdict)
{
	if (h->verdict_count == 0)
		return false;
	*verdict = h->verdicts[h->verdict_first];
	h->verdict_first = (h->verdict_first + 1) % (h->config.prefixes * 2);
	h->verdict_count--;
	return true;
}

bool health_settled(const struct health *h)
{
	return h->unsettled == 0;
}

enum health_state health_prefix_state(const struct health *h, uint32_t prefix)
{
	return h->prefixes[prefix].state;
}

bool health_prefix_doubtful(const struct health *h, uint32_t prefix)
{
	for (unsigned m = 0; m < h->config.methods; m++) {
		const struct channel *c = channel_of(h, prefix, m);
		if (c->misses > 0 || c->seen.evidence >= EVIDENCE_SERIOUS)
			return h->prefixes[prefix].state == HEALTH_UP;
	}
	return false;
}

uint64_t health_prefix_failed_us(const struct health *h, uint32_t prefix)
{
	return h->prefixes[prefix].failed_us;
}

/* A few dozen values: cheaper than a call of qsort() for each. */
static void srtt_insert(uint32_t *sorted, size_t count, uint32_t srtt_us)
{
	size_t place = count;

	for (; place > 0 && sorted[place - 1] > srtt_us; place--)
		sorted[place] = sorted[place - 1];
	sorted[place] = srtt_us;
}

uint32_t health_prefix_srtt_us(const struct health *h, uint32_t prefix)
{
	uint32_t sorted[HEALTH_METHODS_MAX * HEALTH_TARGETS_MAX];
	size_t count = 0;

	for (unsigned m = 0; m < h->config.methods; m++) {
		for (unsigned t = 0; t < h->config.targets[m]; t++) {
			const struct pair *pair = pair_of(h, prefix, m, t);
			if (pair->rtt.srtt_us != 0)
				srtt_insert(sorted, count++, pair->rtt.srtt_us);
		}
	}
	return count > 0 ? sorted[count / 2] : 0;
}

unsigned health_prefix_flaps(const struct health *h, uint32_t prefix, uint64_t now)
{
	unsigned flaps = 0;

	for (unsigned i = 0; i < FLAPS; i++) {
		uint64_t at = h->prefixes[prefix].flaps_us[i];
		flaps += at != 0 && now - at < FLAP_HOUR_US;
	}
	return flaps;
}

void health_channel_read(const struct health *h, uint32_t prefix, unsigned method,
                         struct health_channel *channel)
{
	*channel = channel_of(h, prefix, method)->seen;
	channel->srtt_us = channel_of(h, prefix, method)->rtt.srtt_us;
}

bool health_target_alive(const struct health *h, unsigned method, unsigned target)
{
	return h->targets[method][target].quiet < QUIET_FAILURES;
}

void health_set_drained(struct health *h, uint32_t prefix, bool drained)
{
	struct prefix_state *p = &h->prefixes[prefix];

	if (p->drained == drained)
		return;
	p->drained = drained;
	if (p->state == HEALTH_UP)
		h->healthy += drained ? (size_t)-1 : 1;
}

void health_adopt(struct health *h, uint32_t prefix, const struct health *old, uint32_t as)
{
	const struct prefix_state *was = &old->prefixes[as];
	struct prefix_state *p = &h->prefixes[prefix];

	if (was->state != HEALTH_NEW)
		prefix_set_state(h, prefix, was->state);
	memcpy(p->flaps_us, was->flaps_us, sizeof(p->flaps_us));
	p->flap_next = was->flap_next;
	p->failed_us = was->failed_us;
	for (unsigned m = 0; m < h->config.methods; m++) {
		struct channel *c = channel_of(h, prefix, m);
		*c = *channel_of(old, as, m);
		c->open = c->misses = 0;
		c->suspect = 0;
		c->failed_targets = 0;
		memcpy(pair_of(h, prefix, m, 0), pair_of(old, as, m, 0),
		       h->config.targets[m] * sizeof(struct pair));
	}
}

static void health_start(struct health *h)
{
	const struct health_config *config = &h->config;
	uint64_t gap = config->interval_us / h->channel_count;

	if (gap > 1000) /* all are asked within a moment, unless there are thousands */
		gap = 1000;
	for (uint32_t id = 0; id < h->channel_count; id++) {
		struct channel *c = &h->channels[id];
		unsigned method = (unsigned)(id / config->prefixes);
		c->seen.loss = LOSS_PRIOR;
		c->target_next =
			(uint8_t)((id % config->prefixes / GROUP) % config->targets[method]);
		heap_set(&h->due, id, config->now_us + id * gap);
	}
	for (uint32_t id = 0; id < config->flights; id++)
		h->flights[id].next = id + 1 < config->flights ? id + 1 : NONE;
	for (unsigned m = 0; m < HEALTH_METHODS_MAX; m++) {
		for (unsigned t = 0; t < HEALTH_TARGETS_MAX; t++)
			h->targets[m][t].flights = NONE;
		for (unsigned i = 0; i < RECENT; i++)
			h->recent[m][i] = NONE;
	}
	h->unsettled = config->prefixes;
	h->answered_us = config->now_us;
	h->promised_us = UINT64_MAX;
}

struct health *health_new(const struct health_config *config)
{
	struct health *h = calloc(1, sizeof(*h));
	size_t pairs = 0;

	if (!h)
		return NULL;
	h->config = *config;
	h->channel_count = config->prefixes * config->methods;
	for (unsigned m = 0; m < config->methods; m++)
		pairs += config->prefixes * config->targets[m];
	h->channels = calloc(h->channel_count, sizeof(*h->channels));
	h->pairs = calloc(pairs, sizeof(*h->pairs));
	h->prefixes = calloc(config->prefixes, sizeof(*h->prefixes));
	h->flights = calloc(config->flights, sizeof(*h->flights));
	h->verdicts = calloc(config->prefixes * 2, sizeof(*h->verdicts));
	if (!h->channels || !h->pairs || !h->prefixes || !h->flights || !h->verdicts ||
	    heap_init(&h->due, h->channel_count + config->flights) != 0) {
		health_free(h);
		return NULL;
	}
	health_start(h);
	return h;
}

void health_free(struct health *h)
{
	if (!h)
		return;
	heap_free(&h->due);
	free(h->verdicts);
	free(h->flights);
	free(h->prefixes);
	free(h->pairs);
	free(h->channels);
	free(h);
}
