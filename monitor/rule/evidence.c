/*
 * Evidence: what failures and answers say of a prefix, and when it is enough for a verdict. The
 * constants were chosen by simulation: see docs/architecture.md.
 */
#include "state.h"

#include "units.h"

#include <math.h>

#define EVIDENCE_DOWN 18.9
#define EVIDENCE_NEW  5.0 /* of a prefix that was never up: no user loses it */
#define LATE_CONTROL  0.5 /* what a failure counts if its control was asked for only afterwards */
#define LINGER_US     (3 * SECOND_US) /* after sending: how long a late answer is waited for */
#define OUTAGE_US     (1450 * MS_US)  /* a shorter one has most often ended by itself */
#define DOUBT_LONG_US (6 * SECOND_US) /* in doubt this long, it is no single short outage */
#define TARGET_LEAD   2U              /* failures that a target may be ahead of any that answered */
#define LOST_ROW      4U    /* confirmed failures in a row that make a target a lost one ... */
#define LOST_EVIDENCE 6.0   /* ... more, where all lose much ... */
#define LOST_MS       5000U /* ... if they took this long */
#define LOST_MIN      2U
#define SURE_SETBACK  5U /* more: all lose next to nothing */
#define SOME_SHARE    0.5F
#define SPLIT_SHARE   0.9 /* more is lost: it is dead */

static void doubt_number(struct channel *c, uint64_t now_us)
{
	c->doubt++;
	c->failed_targets = 0;
	c->counted = c->answered = 0;
	c->doubted_us = now_us;
}

/* The counts of a target start anew with each doubt of its channel. */
static struct target_state *target_enter(struct engine *e, const struct pending_probe *p,
                                         unsigned target)
{
	struct target_state *t = target_of(e, p->prefix, p->method, target);
	const struct channel *c = pending_channel(e, p);

	if (t->doubt != c->doubt) {
		t->doubt = c->doubt;
		t->failed = t->answered = 0;
	}
	return t;
}

/*
 * A target that fails while the channel's other targets answer says more about itself (it blocks
 * this prefix, or limits its rate, or is lost) than about the prefix: the more so, if it has not
 * answered at all in this doubt.
 */
static bool target_counts(struct engine *e, const struct pending_probe *p)
{
	const struct target_state *own = target_enter(e, p, p->target);
	unsigned others = 0, failed = 0;

	for (unsigned i = 0; i < e->config.targets[p->method]; i++) {
		const struct target_state *t = target_enter(e, p, i);
		if (i == p->target || t->answered == 0)
			continue;
		others++;
		failed += t->failed;
	}
	if (others == 0 || own->failed == 0)
		return true;
	if (own->answered == 0)
		return own->failed * others <= failed;
	return own->failed * others < TARGET_LEAD * (failed + others);
}

/* Failed again and again, for a while, and others reach it: lost. */
static void target_suspect(struct engine *e, const struct pending_probe *p, double weight)
{
	struct target_state *t = target_enter(e, p, p->target);
	struct channel *c = pending_channel(e, p);
	uint32_t sent_ms = (uint32_t)(p->sent_us / MS_US);
	uint64_t bit = 1ULL << p->target;

	if (t->failed < UINT8_MAX)
		t->failed++;
	if (t->row == 0) {
		t->failing_ms = sent_ms;
		c->suspect_next = false; /* it is asked next */
	}
	if (t->row < UINT8_MAX)
		t->row++;
	c->suspects |= bit;
	if (t->row < LOST_ROW || t->row * weight < LOST_EVIDENCE ||
	    sent_ms - t->failing_ms < LOST_MS)
		return;
	c->suspects &= ~bit;
	c->lost |= bit;
}

/* Of the targets that answer others, two or more and at least three in ten. */
static bool targets_missing(const struct engine *e, const struct pending_probe *p)
{
	uint64_t alive = engine_targets_alive(e, p->method);
	unsigned all = (unsigned)__builtin_popcountll(alive);
	unsigned lost = (unsigned)__builtin_popcountll(pending_channel(e, p)->lost & alive);

	return lost >= LOST_MIN && lost * 10 >= all * 3;
}

/* Methods that were not answered at all since their doubts began speak with one voice. */
static double evidence_sum(const struct engine *e, const struct pending_probe *p)
{
	const struct channel *own = pending_channel(e, p);
	double sum = own->evidence;

	for (unsigned m = 0; own->answered_us < own->doubted_us && m < e->config.methods; m++) {
		const struct channel *c = channel_of(e, p->prefix, m);
		if (m != p->method && c->misses > 0 && c->answered_us < c->doubted_us)
			sum += c->evidence;
	}
	return sum;
}

/* Enough evidence, and not all of it from one short outage. */
static bool evidence_suffices(const struct engine *e, const struct pending_probe *p,
                              uint64_t now_us)
{
	const struct channel *c = pending_channel(e, p);

	if (e->list->prefixes[p->prefix].state == PREFIX_NEW)
		return c->evidence >= EVIDENCE_NEW;
	return evidence_sum(e, p) >= EVIDENCE_DOWN &&
	       ((c->misses > 0 && p->sent_us >= c->failing_us + OUTAGE_US) ||
	        now_us - c->doubted_us >= DOUBT_LONG_US);
}

/* Some targets fail always, the others never. */
static bool targets_split(struct engine *e, const struct pending_probe *p)
{
	for (unsigned i = 0; i < e->config.targets[p->method]; i++) {
		const struct target_state *t = target_enter(e, p, i);
		if (t->failed > 0 && t->answered > 0)
			return false;
	}
	return true;
}

static void channel_judge(struct engine *e, const struct pending_probe *p, uint64_t now_us)
{
	struct channel *c = pending_channel(e, p);
	uint32_t all = c->counted + c->answered;
	double share = all > 0 ? c->counted / (double)all : 1;

	if (targets_missing(e, p))
		verdict_down(e, p, CAUSE_TARGETS, share, now_us);
	else if (!evidence_suffices(e, p, now_us) &&
	         loss_is_more((double)c->loss.share, &e->common[p->method]))
		verdict_down(e, p, CAUSE_LOSS, (double)c->loss.share, now_us);
	else if (evidence_suffices(e, p, now_us))
		verdict_down(e, p,
		             share >= SPLIT_SHARE  ? CAUSE_SILENCE
		             : targets_split(e, p) ? CAUSE_TARGETS
		                                   : CAUSE_LOSS,
		             share, now_us);
}

/* A target that fails time and again is no random loss. */
static bool is_another_target(const struct engine *e, const struct pending_probe *p)
{
	struct channel *c = pending_channel(e, p);
	bool another = c->loss_target != p->target + 1 || e->config.targets[p->method] == 1;

	c->loss_target = (uint8_t)(p->target + 1);
	return another;
}

/* A failure that a control probe has shown to be the prefix's own. */
void evidence_count(struct engine *e, struct pending_probe *p, uint64_t now_us)
{
	struct prefix_health *prefix = &e->list->prefixes[p->prefix];
	struct channel *c = pending_channel(e, p);
	double weight = loss_evidence_of_failure(common_loss_now(&e->common[p->method], now_us));

	p->state = PENDING_COUNTED;
	if (prefix->state == PREFIX_DOWN) {
		uint32_t undone = loss_setback(&e->common[p->method], now_us);
		if (c->run > 0 && undone > SURE_SETBACK) /* it is not simply dead */
			prefix->lost_share = fminf(prefix->lost_share, SOME_SHARE);
		c->run -= undone < c->run ? undone : c->run;
		return;
	}
	if (c->evidence <= 0 && c->suspects == 0)
		doubt_number(c, now_us);
	if (target_counts(e, p)) {
		p->counted = (float)((p->has_control ? 1 : LATE_CONTROL) * weight);
		c->evidence += (double)p->counted;
		c->counted++;
		if (!p->is_control && !p->again && is_another_target(e, p))
			loss_learn(&c->loss, true);
	}
	target_suspect(e, p, weight);
	c->failed_targets |= 1ULL << p->target;
	c->control = p->control;
	c->failure = (uint8_t)p->failure;
	channel_judge(e, p, now_us);
}

void evidence_fail(struct engine *e, uint32_t id, enum probe_failure failure, uint64_t now_us)
{
	struct pending_probe *p = &e->pending.probes[id];
	struct channel *c = pending_channel(e, p);
	bool down = e->list->prefixes[p->prefix].state == PREFIX_DOWN;

	p->state = PENDING_FAILED;
	p->failure = failure;
	heap_set(&e->due, id, p->sent_us + LINGER_US);
	c->waiting--;
	c->failures++;
	if (!engine_target_alive(e, p->method, p->target))
		return;
	e->activity[p->method].failures++;
	if (!down && c->lost >> p->target & 1)
		return; /* that is known */
	if (p->is_control && c->controls_lost < UINT8_MAX)
		c->controls_lost++;
	if (c->misses++ == 0)
		c->failing_us = p->sent_us;
	c->last_failed_target = (uint8_t)(p->target + 1);
	if (p->confirmed)
		evidence_count(e, p, now_us);
	else if (!p->has_control && (!down || c->run > 0))
		control_probe_request(e, p->prefix, p->method, p->target, now_us);
	if (e->list->prefixes[p->prefix].state != PREFIX_DOWN)
		doubt_begin(e, p->prefix, p->method, now_us);
}

/* The channel was answered, so a failure that nothing has explained was the target's. */
static void target_answers(struct engine *e, const struct pending_probe *p)
{
	struct channel *c = pending_channel(e, p);
	uint64_t bit = 1ULL << p->target;

	if (c->last_failed_target != 0 && c->last_failed_target != p->target + 1)
		e->targets[p->method][c->last_failed_target - 1].unanswered++;
	c->last_failed_target = 0;
	e->targets[p->method][p->target].unanswered = 0;
	struct target_state *t = target_enter(e, p, p->target);
	t->row = 0;
	if (t->answered < UINT8_MAX)
		t->answered++;
	c->suspects &= ~bit;
	c->lost &= ~bit;
}

/* If a copy was answered, the probe itself was lost. */
static void channel_answers(struct engine *e, const struct pending_probe *p, bool copy,
                            bool in_doubt, uint64_t now_us)
{
	struct channel *c = pending_channel(e, p);

	if (!copy) {
		c->evidence -= loss_evidence_of_answer() + (double)p->counted;
		c->evidence = fmax(0, c->evidence);
		c->answered++;
		if (p->counted > 0 && c->counted > 0)
			c->counted--; /* late is not lost */
		if (!p->is_control && !p->again)
			loss_learn(&c->loss, false);
	}
	if (in_doubt && c->evidence <= 0 && c->suspects == 0)
		doubt_leave(e, p->prefix, p->method, now_us);
}

void evidence_answer(struct engine *e, uint32_t id, uint64_t now_us)
{
	struct pending_probe *p = &e->pending.probes[id];
	struct channel *c = pending_channel(e, p);
	uint64_t sample = now_us - p->sent_us;
	bool copy = rtt_is_ambiguous(&c->path, sample, e->config.retransmit_us[p->method]);
	bool in_doubt = c->misses > 0 || c->evidence > 0 || c->suspects != 0;

	if (p->state == PENDING_WAITING)
		c->waiting--;
	for (; c->controls_lost > 0; c->controls_lost--)
		common_loss_add(&e->common[p->method], true, now_us);
	if (p->is_control && !copy)
		common_loss_add(&e->common[p->method], false, now_us);
	if (sample <= LINGER_US) /* else this host slept meanwhile */
		rtt_learn(&c->path, &target_of(e, p->prefix, p->method, p->target)->rtt, sample,
		          copy);
	e->activity[p->method] = (struct method_activity){.answered_us = now_us};
	c->answers++;
	c->answered_us = now_us;
	c->misses = 0;
	c->run += p->routine && !copy;
	target_answers(e, p);
	control_probe_recent(e, p->prefix, p->method);
	if (e->list->prefixes[p->prefix].state != PREFIX_DOWN)
		channel_answers(e, p, copy, in_doubt, now_us);
	verdict_try_up(e, p->prefix, now_us);
	if (!copy)
		control_probe_confirm(e, p, now_us);
}
