/*
 * Verdicts: a prefix goes down on evidence, and comes back after a run of answers that would have
 * shown the loss that it went down for. Each flap doubles it, as routers damp routes (RFC 2439).
 */
#include "state.h"

#include <math.h>

#define LOSS_AFTER 0.07F /* of one that is back after loss: others are preferred for a while */
#define RUN_MIN    5U
#define RUN_MAX_US (10 * MINUTE_US)

/* Doubts and runs begin anew. */
static void state_set(struct engine *e, struct prefix_health *p, enum prefix_state state,
                      uint64_t now_us)
{
	p->state = state;
	e->review_due |= state == PREFIX_UP || e->choice.set.count == 0 ||
	                 engine_set_holds(&e->choice.set, p->channels[0].prefix);
	for (unsigned m = 0; m < e->config.methods; m++) {
		struct channel *c = &p->channels[m];
		c->evidence = 0;
		c->run = c->misses = 0;
		c->suspects = c->last_failed = 0;
		schedule_routine(e, c, now_us);
	}
}

/* Of its probes by the channel, a share was lost; the last that counted was this one. */
void verdict_down(struct engine *e, const struct pending_probe *failed, enum verdict_cause cause,
                  double share, uint64_t now_us)
{
	const struct channel *c = failed->channel;
	struct prefix_health *p = prefix_of(e, c);

	p->lost_share = (float)share;
	p->failed_us = now_us;
	p->failure = (struct verdict){
		.prefix = c->prefix,
		.state = PREFIX_DOWN,
		.cause = cause,
		.method = c->method,
		.failure = failed->failure,
		.targets = cause == CAUSE_TARGETS && c->lost != 0 ? c->lost : c->failed_targets,
		.control = failed->control,
		.loss = share,
		.common_loss = e->methods[c->method].common.steady,
	};
	if (p->state == PREFIX_UP)
		p->flaps_us[p->flap_next++ % FLAPS_MAX] = now_us;
	state_set(e, p, PREFIX_DOWN, now_us);
	e->config.on_verdict(e->config.context, &p->failure);
}

/* How often it went down within the last hour, as far as is remembered. */
unsigned verdict_flaps(const struct prefix_health *p, uint64_t now_us)
{
	unsigned flaps = 0;

	for (unsigned i = 0; i < FLAPS_MAX; i++)
		flaps += p->flaps_us[i] != 0 && now_us - p->flaps_us[i] < HOUR_US;
	return flaps;
}

/* A full round of the targets would meet whatever it was, unless all was lost. */
static uint32_t run_needed(const struct engine *e, const struct prefix_health *p, uint64_t now_us)
{
	uint64_t run = RUN_MIN, max = LATER(RUN_MAX_US / e->config.interval_us, RUN_MIN);
	unsigned flaps = verdict_flaps(p, now_us);

	if (p->state == PREFIX_NEW)
		return 1;
	if (p->lost_share < DEAD_SHARE) {
		run = loss_run((double)p->lost_share);
		for (unsigned m = 0; m < e->config.methods; m++)
			run = LATER(run, e->config.targets[m]);
	}
	run <<= flaps > 1 ? flaps - 1 : 0;
	return (uint32_t)SOONER(run, max);
}

/* A method that no prefix is answered by holds nothing back. */
void verdict_try_up(struct engine *e, struct prefix_health *p, uint64_t now_us)
{
	struct verdict verdict = {p->channels[0].prefix, PREFIX_UP, .run = UINT32_MAX};

	if (p->state == PREFIX_UP)
		return;
	uint32_t needed = run_needed(e, p, now_us);
	for (unsigned m = 0; m < e->config.methods; m++) {
		const struct channel *c = &p->channels[m];
		uint32_t run = p->state == PREFIX_NEW ? c->answers > 0 : c->run;
		if (method_silence_us(e, m, now_us) > 0)
			continue;
		if (run < needed || (p->state == PREFIX_DOWN && c->misses > 0))
			return;
		verdict.run = SOONER(run, verdict.run);
	}
	state_set(e, p, PREFIX_UP, now_us);
	for (unsigned m = 0; m < e->config.methods; m++) {
		struct channel *c = &p->channels[m];
		c->lost = 0;
		c->loss = p->failure.cause == CAUSE_LOSS ? fminf(c->loss, LOSS_AFTER) : 0;
		for (unsigned t = 0; t < e->config.targets[m]; t++)
			targets_of(e, c)[t].row = 0;
	}
	e->config.on_verdict(e->config.context, &verdict);
}
