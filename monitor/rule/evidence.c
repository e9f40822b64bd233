/*
 * Evidence: what failures and answers say of a prefix, and when it is enough for a verdict. The
 * constants were chosen by simulation: see docs/architecture.md.
 */
#include "state.h"

#include <math.h>

#define EVIDENCE_DOWN 16.9
#define EVIDENCE_NEW  5.0 /* of a prefix that was never up: no user loses it */
#define LATE_CONTROL  0.5 /* what a failure counts if its control was asked for only afterwards */
#define LINGER_US     (3 * SECOND_US) /* after sending: how long a late answer is waited for */
#define OUTAGE_US     (1400 * MS_US)  /* a shorter one has most often ended by itself */
#define DOUBT_LONG_US (6 * SECOND_US) /* in doubt this long, it is no single short outage */
#define REPEATS_MAX   2U    /* failures of one target that count before another one fails */
#define LOST_ROW      4U    /* confirmed failures in a row that make a target a lost one ... */
#define LOST_EVIDENCE 6.0   /* ... more, where all lose much ... */
#define LOST_MS       5000U /* ... if they took this long */
#define TARGET_QUIET  3U    /* failures in a row of channels that others answered: it is dead */
#define SURE_SETBACK  5U    /* more: all lose next to nothing */
#define SOME_SHARE    0.5F

static unsigned bits_count(uint64_t bits)
{
	return (unsigned)__builtin_popcountll(bits);
}

/*
 * A target that fails while the channel's other targets answer says more about itself (it blocks
 * this prefix, or limits its rate, or is lost) than about the prefix.
 */
static bool target_counts(struct channel *c, const struct target_state *t, uint64_t bit,
                          uint64_t alive)
{
	unsigned others = bits_count(c->answered_targets & ~bit);
	unsigned failed = bits_count(c->answered_targets & c->failed_targets & ~bit);

	c->repeats = c->repeated == bit ? c->repeats + 1 : 0;
	c->repeated = bit;
	if (c->repeats >= REPEATS_MAX && alive != bit)
		return false;
	return others == 0 || c->answered_targets & bit || t->row * others <= failed;
}

/* Failed again and again, for a while, and other prefixes reach it: lost. */
static void target_suspect(struct channel *c, struct target_state *t, uint64_t bit,
                           uint32_t sent_ms, double weight)
{
	if (t->row == 0) {
		t->failing_ms = sent_ms;
		c->suspect_next = false; /* it is asked next */
	}
	if (t->row < UINT8_MAX)
		t->row++;
	if (t->row >= LOST_ROW && t->row * weight >= LOST_EVIDENCE &&
	    sent_ms - t->failing_ms >= LOST_MS)
		c->lost |= bit;
	c->suspects = (c->suspects | bit) & ~c->lost;
}

/*
 * Enough evidence, and not all of it from one short outage. Methods that were not answered at all
 * since their doubts began speak with one voice.
 */
static bool is_dead(const struct engine *e, const struct pending_probe *p, uint64_t now_us)
{
	const struct channel *own = p->channel, *c = prefix_of(e, own)->channels;
	bool outlasts = p->sent_us >= own->failing_us + OUTAGE_US;
	double sum = own->evidence;

	if (prefix_of(e, own)->state == PREFIX_NEW)
		return sum >= EVIDENCE_NEW && outlasts;
	for (unsigned m = 0; own->answered_us < own->doubted_us && m < e->config.methods; m++) {
		if (m != own->method && c[m].misses > 0 && c[m].answered_us < c[m].doubted_us)
			sum += c[m].evidence;
	}
	return sum >= EVIDENCE_DOWN &&
	       ((own->misses > 0 && outlasts) || now_us - own->doubted_us >= DOUBT_LONG_US);
}

static void channel_judge(struct engine *e, const struct pending_probe *p, uint64_t alive,
                          uint64_t now_us)
{
	const struct channel *c = p->channel;
	unsigned lost = bits_count(c->lost & alive);
	double share = c->counted / fmax(1, c->counted + c->answered);

	if (lost >= 2 && lost * 10 >= bits_count(alive) * 3)
		verdict_down(e, p, CAUSE_TARGETS, share, now_us);
	else if (is_dead(e, p, now_us))
		verdict_down(e, p,
		             share >= (double)DEAD_SHARE                 ? CAUSE_SILENCE
		             : (c->failed_targets & c->answered_targets) ? CAUSE_LOSS
		                                                         : CAUSE_TARGETS,
		             share, now_us);
	else if (loss_is_more((double)c->loss, &e->methods[c->method].common))
		verdict_down(e, p, CAUSE_LOSS, (double)c->loss, now_us);
}

/* A failure that a control probe has shown to be the prefix's own. */
void evidence_count(struct engine *e, struct pending_probe *failed, uint64_t now_us)
{
	struct channel *c = failed->channel;
	struct prefix_health *prefix = prefix_of(e, c);
	struct target_state *t = &targets_of(e, c)[failed->target];
	const struct common_loss *common = &e->methods[c->method].common;
	double weight = loss_evidence_of_failure(common_loss_now(common, now_us));
	uint64_t bit = 1ULL << failed->target, alive = e->methods[c->method].alive;

	if (prefix->state == PREFIX_DOWN) {
		uint32_t undone = loss_setback(common, now_us);
		if (c->run > 0 && undone > SURE_SETBACK) /* it is not simply dead */
			prefix->lost_share = fminf(prefix->lost_share, SOME_SHARE);
		c->run -= SOONER(undone, c->run);
		return;
	}
	if (c->evidence <= 0 && c->suspects == 0) { /* a new doubt */
		c->failed_targets = c->answered_targets = 0;
		c->counted = c->answered = 0;
		c->doubted_us = now_us;
	}
	if (target_counts(c, t, bit, alive)) {
		failed->counted = (float)((failed->has_control ? 1 : LATE_CONTROL) * weight);
		c->evidence += (double)failed->counted;
		c->counted++;
		if (!failed->is_control && !failed->again)
			loss_learn(&c->loss, true);
	}
	target_suspect(c, t, bit, (uint32_t)(failed->sent_us / MS_US), weight);
	c->failed_targets |= bit;
	channel_judge(e, failed, alive, now_us);
}

/* What fails by one method most often fails by the others: they are asked now. */
static void methods_ask(struct engine *e, const struct channel *own, uint64_t now_us)
{
	for (unsigned m = 0; m < e->config.methods; m++) {
		const struct channel *c = &prefix_of(e, own)->channels[m];
		if (c == own || (!is_in_doubt(c) && c->waiting == 0))
			channel_due(e, c, now_us);
	}
}

void evidence_fail(struct engine *e, uint32_t id, enum probe_failure failure, uint64_t now_us)
{
	struct pending_probe *p = &e->pending.probes[id];
	struct channel *c = p->channel;
	bool down = prefix_of(e, c)->state == PREFIX_DOWN;

	p->failed = true;
	p->failure = failure;
	heap_set(&e->due, id, p->sent_us + LINGER_US);
	c->waiting--;
	c->failures++;
	if (!engine_target_alive(e, c->method, p->target))
		return;
	e->methods[c->method].failures++;
	if (!down && c->lost >> p->target & 1)
		return; /* that is known */
	c->controls_lost += p->is_control;
	c->last_failed = 1ULL << p->target;
	if (c->misses++ == 0)
		c->failing_us = p->sent_us;
	if (p->control != ENGINE_NO_PREFIX)
		evidence_count(e, p, now_us);
	else if (!p->has_control && (!down || c->run > 0))
		control_probe_request(e, c, p->target, now_us);
	if (prefix_of(e, c)->state != PREFIX_DOWN && c->misses == 1 && c->ration > 0 &&
	    method_silence_us(e, c->method, now_us) == 0)
		methods_ask(e, c, now_us);
}

static void target_answers(struct engine *e, struct channel *c, unsigned target)
{
	struct method_activity *m = &e->methods[c->method];
	uint64_t bit = 1ULL << target;

	/* A failure that nothing has explained was the target's: the channel works. */
	if (c->last_failed != 0 && c->last_failed != bit &&
	    ++m->targets[__builtin_ctzll(c->last_failed)].unanswered >= TARGET_QUIET)
		m->alive &= ~c->last_failed;
	c->last_failed = 0;
	m->targets[target].unanswered = 0;
	m->alive |= bit;
	targets_of(e, c)[target].row = 0;
	c->answered_targets |= bit;
	c->suspects &= ~bit;
	c->lost &= ~bit;
}

void evidence_answer(struct engine *e, uint32_t id, uint64_t now_us)
{
	struct pending_probe *p = &e->pending.probes[id];
	struct channel *c = p->channel;
	struct method_activity *m = &e->methods[c->method];
	uint64_t sample = now_us - p->sent_us;
	/* If a copy was answered, the probe itself was lost. */
	bool copy = rtt_is_ambiguous(&c->path, sample, e->config.retransmit_us[c->method]);
	bool down = prefix_of(e, c)->state == PREFIX_DOWN, doubt = is_in_doubt(c);

	c->waiting -= !p->failed;
	if (sample <= LINGER_US) /* else this host slept meanwhile */
		rtt_learn(&c->path, &targets_of(e, c)[p->target].rtt, (uint32_t)sample, copy);
	m->answered_us = now_us;
	m->failures = 0;
	m->recent[m->recent_next++ % RECENT_MAX] = c->prefix;
	c->answers++;
	c->answered_us = now_us;
	c->misses = 0;
	c->run += p->routine && !copy;
	for (; c->controls_lost > 0; c->controls_lost--)
		common_loss_add(&m->common, true, now_us);
	if (p->is_control && !copy)
		common_loss_add(&m->common, false, now_us);
	target_answers(e, c, p->target);
	if (!copy && !down) {
		double less = loss_evidence_of_answer() + (double)p->counted; /* late is not lost */
		c->evidence = fmax(0, c->evidence - less);
		c->counted -= p->counted > 0 && c->counted > 0;
		c->answered++;
		if (!p->is_control && !p->again)
			loss_learn(&c->loss, false);
	}
	if (doubt && !down && !is_in_doubt(c))
		schedule_routine(e, c, now_us);
	verdict_try_up(e, prefix_of(e, c), now_us);
	if (!copy)
		control_probe_confirm(e, p, now_us);
}
