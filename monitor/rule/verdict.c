/*
 * Verdicts: a prefix goes down on evidence, and comes back after a run of answers that would have
 * shown the loss that it went down for.
 */
#include "state.h"

#include <math.h>

#define DEAD_SHARE 0.9 /* lost more than this, it did not lose some: it was dead */
#define RUN_MIN    5U
#define LOSS_AFTER 0.07F /* of one that is back after loss: others are preferred for a while */

static void state_set(struct engine *e, uint32_t prefix, enum prefix_state state)
{
	struct prefix_health *p = &e->list->prefixes[prefix];
	bool drained = e->candidates[prefix].drained;

	e->states[p->state]--;
	e->states[state]++;
	if (!drained)
		e->healthy += (size_t)(state == PREFIX_UP) - (size_t)(p->state == PREFIX_UP);
	p->state = state;
	e->review_due = true;
}

static void channel_reset(struct engine *e, uint32_t prefix, unsigned method, uint64_t now_us)
{
	struct channel *c = channel_of(e, prefix, method);

	c->evidence = 0;
	c->run = 0;
	c->misses = 0;
	c->suspects = 0;
	c->last_failed_target = 0;
	doubt_leave(e, prefix, method, now_us);
}

/* A share of its probes was lost, the last of them just now. */
void verdict_down(struct engine *e, const struct pending_probe *last, enum verdict_cause cause,
                  double share, uint64_t now_us)
{
	uint32_t prefix = last->prefix;
	struct prefix_health *p = &e->list->prefixes[prefix];
	const struct channel *c = channel_of(e, prefix, last->method);

	p->lost_share = (float)share;
	p->failed_us = now_us;
	p->failure = (struct verdict){
		.prefix = prefix,
		.state = PREFIX_DOWN,
		.cause = cause,
		.method = last->method,
		.failure = (enum probe_failure)c->failure,
		.targets = cause == CAUSE_TARGETS && c->lost != 0 ? c->lost : c->failed_targets,
		.control = c->control,
		.loss = share,
		.common_loss = e->common[last->method].steady,
	};
	if (p->state == PREFIX_UP)
		damping_add(&p->damping, now_us);
	state_set(e, prefix, PREFIX_DOWN);
	for (unsigned m = 0; m < e->config.methods; m++)
		channel_reset(e, prefix, m, now_us);
	if (e->config.on_verdict)
		e->config.on_verdict(e->config.context, &p->failure);
}

/* Whatever it was, a full round of the targets would meet it, unless all was lost. */
static uint32_t run_needed(const struct engine *e, uint32_t prefix, uint64_t now_us)
{
	const struct prefix_health *p = &e->list->prefixes[prefix];
	uint32_t run = RUN_MIN;

	if (p->state == PREFIX_NEW)
		return 1;
	if (p->lost_share < DEAD_SHARE) {
		run = loss_run(p->lost_share);
		for (unsigned m = 0; m < e->config.methods; m++) {
			if (run < e->config.targets[m])
				run = e->config.targets[m];
		}
	}
	return damping_run(&p->damping, run, e->config.interval_us, now_us);
}

static void prefix_up(struct engine *e, uint32_t prefix, uint32_t run, uint64_t now_us)
{
	const struct verdict verdict = {
		.prefix = prefix, .state = PREFIX_UP, .cause = CAUSE_ANSWERS, .run = run};

	bool lossy = e->list->prefixes[prefix].failure.cause == CAUSE_LOSS;

	state_set(e, prefix, PREFIX_UP);
	for (unsigned m = 0; m < e->config.methods; m++) {
		channel_reset(e, prefix, m, now_us);
		struct channel *c = channel_of(e, prefix, m);
		c->lost = 0;
		c->loss.share = lossy ? fminf(c->loss.share, LOSS_AFTER) : 0;
		for (unsigned t = 0; t < e->config.targets[m]; t++)
			target_of(e, prefix, m, t)->row = 0;
	}
	if (e->config.on_verdict)
		e->config.on_verdict(e->config.context, &verdict);
}

/* A method that no prefix is answered by holds nothing back. */
void verdict_try_up(struct engine *e, uint32_t prefix, uint64_t now_us)
{
	enum prefix_state state = e->list->prefixes[prefix].state;
	uint32_t shortest = UINT32_MAX;

	if (state == PREFIX_UP)
		return;
	uint32_t needed = run_needed(e, prefix, now_us);

	for (unsigned m = 0; m < e->config.methods; m++) {
		const struct channel *c = channel_of(e, prefix, m);
		if (method_silence_us(e, m, now_us) > 0)
			continue;
		uint32_t run = state == PREFIX_NEW ? c->answers > 0 : c->run;
		if (run < needed || (state == PREFIX_DOWN && c->misses > 0))
			return;
		if (run < shortest)
			shortest = run;
	}
	prefix_up(e, prefix, shortest, now_us);
}
