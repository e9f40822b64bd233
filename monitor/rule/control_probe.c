/*
 * Control probes: through other prefixes, to the same target by the same method at about the same
 * time. An answer to one shows that a failure is the prefix's own.
 */
#include "state.h"

/* Asks through one that was answered lately. */
bool control_probe_request(struct engine *e, const struct channel *failing, unsigned target,
                           uint64_t now_us)
{
	struct method_activity *m = &e->methods[failing->method];
	struct target_health *t = &m->targets[target];

	if (method_silence_us(e, failing->method, now_us) > 0)
		return false;
	/* One control probe serves all that ask the same target at the same time. */
	if (t->control_us != 0 && t->control != failing->prefix &&
	    now_us - t->control_us <= COMMON_TIME_US / 2)
		return true;
	for (uint32_t i = 1; i <= RECENT_MAX; i++) {
		uint32_t recent = m->recent[(m->recent_next - i) % RECENT_MAX];
		if (recent == ENGINE_NO_PREFIX)
			return false;
		struct channel *c = &e->list->prefixes[recent].channels[failing->method];
		if (c == failing || c->misses > 0 || c->waiting > 1 || c->lost >> target & 1)
			continue;
		c->controls |= 1ULL << target;
		channel_due(e, c, now_us);
		t->control = c->prefix;
		t->control_us = now_us;
		return true;
	}
	return false;
}

/* The prefix was answered: probes of others to the same target at about that time had a control. */
void control_probe_confirm(struct engine *e, const struct pending_probe *answered, uint64_t now_us)
{
	const struct channel *c = answered->channel;
	uint32_t id = e->pending.first[c->method][answered->target];

	for (struct pending_probe *p; id != PENDING_NONE; id = p->next) {
		p = &e->pending.probes[id];
		uint64_t window = COMMON_TIME_US + (p->has_control ? 0 : p->timeout_us);
		if (p->channel->prefix == c->prefix || p->control != ENGINE_NO_PREFIX ||
		    answered->sent_us + COMMON_TIME_US < p->sent_us ||
		    answered->sent_us > p->sent_us + window)
			continue;
		p->control = c->prefix;
		if (p->failed)
			evidence_count(e, p, now_us);
	}
}
