/*
 * The health rule: evidence per channel, witnesses, doubt, recovery. It sends nothing and asks no
 * clock: the prober and the simulator do that, with the same object code.
 */
#include "health.h"

#include "damping.h"
#include "flights.h"
#include "heap.h"
#include "loss.h"
#include "rtt.h"
#include "schedule.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_US 1000000ULL

#define EVIDENCE_DOWN    18.9 /* chosen by simulation: see docs/architecture.md */
#define EVIDENCE_NEW     5.0  /* of one not judged yet: nobody is taken away from anybody */
#define EVIDENCE_SERIOUS 2.0  /* more than one lost probe: from here on, all are accompanied */
#define UNACCOMPANIED    0.5  /* what a failure counts if its witness was asked only afterwards */
#define LINGER_US        (3 * SECOND_US) /* after sending: how long a late answer is waited for */

#define DOUBT_GAP_US     170000U         /* between two probes of a channel in doubt */
#define OUTAGE_US        1200000U        /* a shorter one has most often ended by itself */
#define DOUBT_LONG_US    (6 * SECOND_US) /* in doubt this long, it is no single short outage */
#define COMPANION_US     100000U         /* probes this close in time saw the same network */
#define WITNESS_FRESH_US 500000U         /* answered this recently, one witness is enough */
#define WITNESS_QUEUE    1024U
#define RECENT           8U /* prefixes per method that were answered last */

#define SILENCE_US       SECOND_US
#define SILENCE_FAILURES 8U
#define STALL_US         300000U /* called this late, the host slept or this process did */
#define QUIET_FAILURES   3U /* in a row, of channels that others answered: the target is dead */

#define RUN_SETBACK 10U /* answers that one failure undoes */
#define TARGET_LEAD 2U  /* failures that a target may be ahead of any that answered */
#define NONE        UINT32_MAX

struct pair {
	struct rtt rtt;
	struct loss_pair loss;
	uint16_t episode; /* the channel's, that the two counts belong to */
	uint8_t failed, answered;
};

struct channel {
	struct health_channel seen;
	struct rtt_path path;
	struct loss_history history;
	uint64_t answered_us;
	uint64_t failing_us; /* when the first of the misses was sent */
	uint64_t doubted_us; /* since when there is evidence */
	double usual_loss;   /* as it was known then: a death is not to make itself usual */
	uint64_t failed_targets;
	uint32_t witness;
	uint32_t run;
	uint32_t misses; /* failures since the last answer */
	uint32_t open;   /* flights that wait */
	uint16_t episode;
	bool stumbled; /* failed as a companion; if it is answered next, that was the weather */
	uint8_t target_next;
	uint8_t suspect; /* 1 + target of the last failure, 0 if the channel was answered since */
};

struct prefix_state {
	enum health_state state;
	bool drained;
	struct damping damping;
	uint64_t failed_us;
};

struct target {
	uint32_t quiet; /* failures since the last answer, of channels that others answered */
	uint32_t companion;
	uint64_t companion_us;
};

/* Of everybody, by one method: a firewall may stop that method alone. */
struct heard {
	uint64_t answered_us;
	uint64_t failures; /* since then, of targets that are alive */
};

struct question {
	uint32_t prefix;
	uint8_t method, target;
};

/* What is known of the prefixes of one list. */
struct half {
	struct channel *channels; /* by method, then prefix */
	struct pair *pairs;       /* by method, then prefix, then target */
	struct prefix_state *prefixes;
	size_t touched; /* prefixes that were ever written */
};

struct health {
	struct health_config config; /* prefixes: of the list in force */
	size_t prefixes_max, pairs_each;
	size_t channel_count;
	struct half halves[2]; /* of the list in force, and of the one before */
	unsigned half;
	struct channel *channels; /* of the half in force */
	struct pair *pairs;
	struct prefix_state *prefixes;
	struct schedule schedule;
	struct flights flights;
	struct target targets[HEALTH_METHODS_MAX][HEALTH_TARGETS_MAX];
	uint32_t recent[HEALTH_METHODS_MAX][RECENT];
	struct loss_weather weather[HEALTH_METHODS_MAX];
	struct heap due; /* ids: channels, then flights */
	struct question questions[WITNESS_QUEUE];
	uint32_t question_first, question_count;
	struct health_verdict *verdicts;
	size_t verdict_first, verdict_count;
	size_t healthy;       /* up and not drained */
	size_t unsettled;     /* new */
	uint32_t failed_last; /* the prefix that went down last; may be up again */
	struct heard heard[HEALTH_METHODS_MAX];
	uint64_t promised_us;
};

static struct channel *channel_of(const struct health *h, uint32_t prefix, unsigned method)
{
	return &h->channels[method * h->config.prefixes + prefix];
}

static uint32_t channel_id(const struct health *h, const struct channel *c)
{
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

static uint64_t routine_next_us(const struct health *h, const struct channel *c, uint64_t now)
{
	return schedule_next_us(&h->schedule, channel_id(h, c), now);
}

static void flight_close(struct health *h, uint32_t id)
{
	heap_remove(&h->due, (uint32_t)h->channel_count + id);
	flights_close(&h->flights, id);
}

/* The counts of an episode start anew when the channel's evidence has been back at zero. */
static void pair_enter_episode(struct pair *pair, const struct channel *c)
{
	if (pair->episode == c->episode)
		return;
	pair->episode = c->episode;
	pair->failed = pair->answered = 0;
}

/* A pair that fails often, of a channel whose other targets answer, is blocked: that is no news. */
static bool pair_is_blocked(const struct health *h, const struct flight *f)
{
	unsigned count = h->config.targets[f->method], good = 0;

	if (!loss_pair_is_bad(&pair_of(h, f->prefix, f->method, f->target)->loss))
		return false;
	for (unsigned t = 0; t < count; t++)
		good += !loss_pair_is_bad(&pair_of(h, f->prefix, f->method, t)->loss);
	return good * 2 >= count;
}

static void history_update(struct health *h, const struct flight *f, bool failed)
{
	struct channel *c = channel_of(h, f->prefix, f->method);
	struct pair *pair = pair_of(h, f->prefix, f->method, f->target);

	loss_learn(&c->history, &pair->loss, failed, h->config.interval_us);
}

uint64_t health_silence_us(const struct health *h, unsigned method, uint64_t now)
{
	const struct heard *heard = &h->heard[method];
	bool silent = heard->failures >= SILENCE_FAILURES && now - heard->answered_us >= SILENCE_US;

	return silent ? now - heard->answered_us : 0;
}

bool health_silent(const struct health *h, uint64_t now)
{
	for (unsigned m = 0; m < h->config.methods; m++) {
		if (health_silence_us(h, m, now) == 0)
			return false;
	}
	return true;
}

static bool channel_in_doubt(const struct health *h, uint32_t prefix, unsigned method, uint64_t now)
{
	const struct channel *c = channel_of(h, prefix, method);

	return h->prefixes[prefix].state != HEALTH_DOWN &&
	       (c->misses > 0 || c->seen.evidence > 0) && health_silence_us(h, method, now) == 0;
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

	if (health_silence_us(h, method, now) > 0)
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

/*
 * With too few healthy, one answer will do. Of several that come back together, the one that failed
 * last is let go first: it is still in the set, so that nobody has to turn elsewhere.
 */
static uint32_t run_needed(const struct health *h, uint32_t prefix, uint64_t now)
{
	const struct prefix_state *last = &h->prefixes[h->failed_last];

	if (h->healthy < h->config.min)
		return prefix == h->failed_last || last->state != HEALTH_DOWN || last->drained ? 1
		                                                                               : 2;
	return damping_run(&h->prefixes[prefix].damping, h->config.interval_us, now);
}

static void verdict_add(struct health *h, const struct health_verdict *verdict)
{
	size_t room = h->prefixes_max * 2;

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
	heap_set(&h->due, channel_id(h, c), routine_next_us(h, c, now));
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
		damping_add(&p->damping, now);
		h->failed_last = prefix;
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
		c->usual_loss = c->history.share;
	}
	double evidence = loss_evidence_of_failure(loss_expected(c->usual_loss, &pair->loss),
	                                           loss_weather_now(&h->weather[f->method], now));
	if (failure_counts(h, f))
		f->charge = (float)((f->accompanied ? 1 : UNACCOMPANIED) * evidence);
	if (pair->failed < UINT8_MAX)
		pair->failed++;
	if (f->routine && h->prefixes[f->prefix].state == HEALTH_UP)
		history_update(h, f, true);
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
	uint32_t id = h->flights.first[answered->method][answered->target];

	for (struct flight *f; id != FLIGHTS_NONE; id = f->next) {
		f = &h->flights.all[id];
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

	if (c->misses != 1 || health_silence_us(h, method, now) > 0)
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
	struct flight *f = &h->flights.all[id];
	struct channel *c = channel_of(h, f->prefix, f->method);
	bool down = h->prefixes[f->prefix].state == HEALTH_DOWN;

	f->state = FLIGHT_FAILED;
	heap_set(&h->due, (uint32_t)h->channel_count + id, f->sent_us + LINGER_US);
	c->open--;
	c->seen.failures++;
	if (!health_target_alive(h, f->method, f->target))
		return;
	h->heard[f->method].failures++;
	c->stumbled |= f->companion;
	if (c->misses == 0 && pair_is_blocked(h, f)) {
		if (f->routine)
			history_update(h, f, true);
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
	struct channel *c = channel_of(h, prefix, method);
	const struct pair *pair = pair_of(h, prefix, method, target);
	const struct flight flight = {
		.prefix = prefix,
		.method = (uint8_t)method,
		.target = (uint8_t)target,
		.timeout_us = rtt_timeout_us(&c->path, &pair->rtt),
		.sent_us = now,
	};
	uint32_t id = flights_open(&h->flights, &flight);

	if (id == FLIGHTS_NONE)
		return false;
	heap_set(&h->due, (uint32_t)h->channel_count + id, now + flight.timeout_us);
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
		target = target + 1 < count ? target + 1 : 0;
	c->target_next = (uint8_t)(target + 1 < count ? target + 1 : 0);
	return target;
}

/* Routine probes keep their time: a channel that is never out of doubt is to be learnt, too. */
static uint64_t doubt_next_us(const struct health *h, const struct channel *c, uint64_t now)
{
	uint64_t routine = routine_next_us(h, c, now);

	return routine < now + DOUBT_GAP_US ? routine : now + DOUBT_GAP_US;
}

static bool channel_probe(struct health *h, uint32_t id, uint64_t due, uint64_t now,
                          struct health_order *order)
{
	struct channel *c = &h->channels[id];
	uint32_t prefix = (uint32_t)(id % h->config.prefixes);
	unsigned method = (unsigned)(id / h->config.prefixes);
	bool doubt = channel_in_doubt(h, prefix, method, now);

	heap_set(&h->due, id, doubt ? doubt_next_us(h, c, now) : routine_next_us(h, c, now));
	bool routine = schedule_is_routine(&h->schedule, id, due);
	unsigned target =
		routine ? schedule_target(&h->schedule, id, due) : target_choose(h, c, method);
	if (!flight_open(h, prefix, method, target, now, order))
		return false;
	struct flight *f = &h->flights.all[order->flight];
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
		h->flights.all[order->flight].accompanied = true;
		h->flights.all[order->flight].companion = true;
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
	for (uint32_t id = 0; id < h->flights.used; id++) {
		struct flight *f = &h->flights.all[id];
		if (f->state != FLIGHT_WAITING)
			continue;
		f->state = FLIGHT_VOID;
		channel_of(h, f->prefix, f->method)->open--;
		heap_set(&h->due, (uint32_t)h->channel_count + id, now + f->timeout_us);
	}
	for (uint32_t id = 0; id < h->channel_count; id++)
		heap_set(&h->due, id, routine_next_us(h, &h->channels[id], now));
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
		if (h->flights.all[id].state == FLIGHT_WAITING) {
			flight_fail(h, id, now);
			if (question_take(h, now, &order))
				return order;
			continue;
		}
		flight_close(h, id);
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

static void channel_succeed(struct health *h, const struct flight *f, bool copy, bool in_doubt,
                            uint64_t now)
{
	struct channel *c = channel_of(h, f->prefix, f->method);
	struct pair *pair = pair_of(h, f->prefix, f->method, f->target);

	/* If a copy was answered, the probe itself was lost. */
	if (!copy) {
		double charge = f->state == FLIGHT_CHARGED ? (double)f->charge : 0;
		double answer = loss_evidence_of_answer(loss_expected(c->usual_loss, &pair->loss));
		c->seen.evidence = fmax(0, c->seen.evidence - charge - answer);
		if (f->routine && h->prefixes[f->prefix].state == HEALTH_UP)
			history_update(h, f, false);
	}
	pair_enter_episode(pair, c);
	if (pair->answered < UINT8_MAX)
		pair->answered++;
	if (in_doubt && c->seen.evidence <= 0)
		heap_set(&h->due, channel_id(h, c), routine_next_us(h, c, now));
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
	struct flight *f = &h->flights.all[id];
	struct channel *c = channel_of(h, f->prefix, f->method);

	clock_check(h, now);
	uint64_t sample = now - f->sent_us;
	bool copy = rtt_is_ambiguous(&c->path, sample, h->config.retransmit_us[f->method]);
	bool in_doubt = c->misses > 0 || c->seen.evidence > 0;
	if (f->state == FLIGHT_WAITING)
		c->open--;
	if (f->companion || c->stumbled)
		loss_weather_add(&h->weather[f->method], c->stumbled, now);
	c->stumbled = false;
	if (f->state != FLIGHT_VOID)
		rtt_learn(&c->path, &pair_of(h, f->prefix, f->method, f->target)->rtt, sample,
		          copy);
	h->heard[f->method] = (struct heard){.answered_us = now};
	c->seen.answers++;
	c->answered_us = now;
	c->misses = 0;
	c->run += f->routine || h->healthy < h->config.min;
	suspect_settle(h, c, f->method, f->target);
	h->targets[f->method][f->target].quiet = 0;
	recent_add(h, f->prefix, f->method);

	enum health_state state = h->prefixes[f->prefix].state;
	if (state != HEALTH_DOWN)
		channel_succeed(h, f, copy, in_doubt, now);
	if (state == HEALTH_DOWN)
		prefix_try_up(h, f->prefix, now);
	if (state == HEALTH_NEW)
		prefix_try_settle(h, f->prefix, now);
	if (!copy)
		target_corroborate(h, f, now);
	flight_close(h, id);
}

void health_failure(struct health *h, uint32_t id, uint64_t now)
{
	clock_check(h, now);
	if (h->flights.all[id].state == FLIGHT_WAITING)
		flight_fail(h, id, now);
}

void health_unsent(struct health *h, uint32_t id, uint64_t now)
{
	struct flight *f = &h->flights.all[id];

	clock_check(h, now);
	if (f->state == FLIGHT_WAITING)
		channel_of(h, f->prefix, f->method)->open--;
	flight_close(h, id);
}

bool health_verdict(struct health *h, struct health_verdict *verdict)
{
	if (h->verdict_count == 0)
		return false;
	*verdict = h->verdicts[h->verdict_first];
	h->verdict_first = (h->verdict_first + 1) % (h->prefixes_max * 2);
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
	return damping_flaps(&h->prefixes[prefix].damping, now);
}

void health_channel_read(const struct health *h, uint32_t prefix, unsigned method,
                         struct health_channel *channel)
{
	const struct channel *c = channel_of(h, prefix, method);

	*channel = c->seen;
	channel->loss = c->history.share;
	channel->srtt_us = c->path.all.srtt_us;
}

bool health_target_alive(const struct health *h, unsigned method, unsigned target)
{
	return h->targets[method][target].quiet < QUIET_FAILURES;
}

bool health_target_blocks(const struct health *h, uint32_t prefix, unsigned method, unsigned target)
{
	return pair_is_blocked(h, &(struct flight){.prefix = prefix,
	                                           .method = (uint8_t)method,
	                                           .target = (uint8_t)target});
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

static void prefix_adopt(struct health *h, uint32_t prefix, const struct half *old,
                         size_t old_count, uint32_t as)
{
	const struct prefix_state *was = &old->prefixes[as];
	struct prefix_state *p = &h->prefixes[prefix];
	size_t base = 0;

	if (was->state != HEALTH_NEW)
		prefix_set_state(h, prefix, was->state);
	p->damping = was->damping;
	p->failed_us = was->failed_us;
	if (p->failed_us > h->prefixes[h->failed_last].failed_us)
		h->failed_last = prefix;
	for (unsigned m = 0; m < h->config.methods; m++) {
		struct channel *c = channel_of(h, prefix, m);
		*c = old->channels[m * old_count + as];
		c->open = c->misses = 0;
		c->suspect = 0;
		c->failed_targets = 0;
		memcpy(pair_of(h, prefix, m, 0),
		       &old->pairs[base * old_count + (size_t)as * h->config.targets[m]],
		       h->config.targets[m] * sizeof(struct pair));
		base += h->config.targets[m];
	}
}

/* All are asked within a moment, unless there are thousands. */
static void channels_start(struct health *h, uint64_t now)
{
	uint64_t gap = h->config.interval_us / h->channel_count;

	if (gap > 1000)
		gap = 1000;
	for (uint32_t id = 0; id < h->channel_count; id++) {
		struct channel *c = &h->channels[id];
		loss_history_init(&c->history);
		c->target_next = (uint8_t)schedule_first_target(&h->schedule, id);
		heap_set(&h->due, id, now + id * gap);
	}
}

/* The half that is not in force, empty, comes in force. */
static void half_swap(struct health *h, size_t count)
{
	struct half *half = &h->halves[h->half ^= 1];

	memset(half->channels, 0, half->touched * h->config.methods * sizeof(*half->channels));
	memset(half->pairs, 0, half->touched * h->pairs_each * sizeof(*half->pairs));
	memset(half->prefixes, 0, half->touched * sizeof(*half->prefixes));
	if (count > half->touched)
		half->touched = count;
	h->channels = half->channels;
	h->pairs = half->pairs;
	h->prefixes = half->prefixes;
	h->config.prefixes = count;
	h->channel_count = count * h->config.methods;
}

void health_load(struct health *h, const uint32_t *was, size_t count, uint64_t now)
{
	const struct half *old = &h->halves[h->half];
	size_t old_count = h->config.prefixes;

	heap_clear(&h->due);
	flights_clear(&h->flights);
	half_swap(h, count);
	schedule_init(&h->schedule, &h->config);
	h->question_count = 0;
	h->healthy = 0;
	h->unsettled = count;
	h->failed_last = 0;
	h->promised_us = UINT64_MAX;
	for (unsigned m = 0; m < HEALTH_METHODS_MAX; m++) {
		if (old_count == 0)
			h->heard[m].answered_us = now;
		for (unsigned i = 0; i < RECENT; i++)
			h->recent[m][i] = NONE;
		for (unsigned t = 0; t < HEALTH_TARGETS_MAX; t++)
			h->targets[m][t].companion_us = 0;
	}
	channels_start(h, now);
	for (uint32_t i = 0; was && i < count; i++) {
		if (was[i] != NONE)
			prefix_adopt(h, i, old, old_count, was[i]);
	}
}

static bool half_take(struct health *h, struct half *half)
{
	half->channels = calloc(h->prefixes_max * h->config.methods, sizeof(*half->channels));
	half->pairs = calloc(h->prefixes_max * h->pairs_each, sizeof(*half->pairs));
	half->prefixes = calloc(h->prefixes_max, sizeof(*half->prefixes));
	return half->channels && half->pairs && half->prefixes;
}

struct health *health_new(const struct health_config *config)
{
	struct health *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->config = *config;
	h->config.prefixes = 0;
	h->prefixes_max = config->prefixes;
	for (unsigned m = 0; m < config->methods; m++)
		h->pairs_each += config->targets[m];
	h->verdicts = calloc(h->prefixes_max * 2, sizeof(*h->verdicts));
	if (!half_take(h, &h->halves[0]) || !half_take(h, &h->halves[1]) || !h->verdicts ||
	    flights_init(&h->flights, config->flights) != 0 ||
	    heap_init(&h->due, h->prefixes_max * config->methods + config->flights) != 0) {
		health_free(h);
		return NULL;
	}
	return h;
}

void health_free(struct health *h)
{
	if (!h)
		return;
	heap_free(&h->due);
	free(h->verdicts);
	flights_free(&h->flights);
	for (unsigned i = 0; i < 2; i++) {
		free(h->halves[i].prefixes);
		free(h->halves[i].pairs);
		free(h->halves[i].channels);
	}
	free(h);
}
