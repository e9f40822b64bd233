/*
 * Doubt: a channel whose probes fail is probed fast, until its evidence is gone or enough. What a
 * failure means is not decided here.
 */
#include "state.h"

#include "units.h"

#define GAP_US         160000U       /* between two probes of a channel in doubt */
#define SUSPECT_GAP_US (700 * MS_US) /* likewise, if only single targets are */
#define DOUBTS_RATE    1500U /* probes a second of all doubts, and 1.8 times the routine's */
#define MISSES_SURE    3U    /* failures in a row that need no ration */

bool doubt_holds(const struct engine *e, uint32_t prefix, unsigned method, uint64_t now_us)
{
	const struct channel *c = channel_of(e, prefix, method);

	return e->list->prefixes[prefix].state != PREFIX_DOWN &&
	       (c->misses > 0 || c->evidence > 0 || c->suspects != 0) &&
	       method_silence_us(e, method, now_us) == 0;
}

void doubt_begin(struct engine *e, uint32_t prefix, unsigned method, uint64_t now_us)
{
	const struct channel *c = channel_of(e, prefix, method);

	if (c->misses != 1 || c->ration == 0 || method_silence_us(e, method, now_us) > 0)
		return;
	channel_due(e, prefix, method, now_us);
	/* What killed one channel has most often killed the prefix: ask the others now. */
	for (unsigned m = 0; m < e->config.methods; m++) {
		const struct channel *sibling = channel_of(e, prefix, m);
		if (m != method && sibling->misses == 0 && sibling->evidence <= 0 &&
		    sibling->waiting == 0)
			channel_due(e, prefix, m, now_us);
	}
}

bool probe_open(struct engine *e, uint32_t prefix, unsigned method, unsigned target,
                uint64_t now_us, struct engine_order *order)
{
	struct channel *c = channel_of(e, prefix, method);
	const struct pending_probe probe = {
		.prefix = prefix,
		.method = (uint8_t)method,
		.target = (uint8_t)target,
		.timeout_us = rtt_timeout_us(&c->path, &target_of(e, prefix, method, target)->rtt),
		.sent_us = now_us,
	};
	uint32_t id = pending_open(&e->pending, &probe);

	if (id == PENDING_NONE)
		return false;
	heap_set(&e->due, id, now_us + probe.timeout_us);
	c->waiting++;
	c->probes++;
	*order = (struct engine_order){ORDER_PROBE, id, prefix, method, target};
	return true;
}

/* The first bit at from or behind it, round and round; mask is not empty. */
static unsigned bit_next(uint64_t mask, unsigned from)
{
	uint64_t behind = from < TARGETS_MAX ? mask >> from << from : 0;

	return (unsigned)__builtin_ctzll(behind != 0 ? behind : mask);
}

/*
 * Those that failed just now are asked again, in turn with all the others: so it shows soon which
 * ones are lost. Dead targets would tell nothing, and lost ones nothing new.
 */
static unsigned target_choose(const struct engine *e, struct channel *c, unsigned method)
{
	uint64_t alive = engine_targets_alive(e, method);
	uint64_t suspects = c->suspects & alive, others = alive & ~c->lost;

	c->suspect_next = !c->suspect_next;
	if (suspects != 0 && c->suspect_next && c->misses == 0) {
		c->suspect = (uint8_t)bit_next(suspects, c->suspect + 1U);
		return c->suspect;
	}
	if (others == 0)
		others = alive != 0 ? alive : 1;
	unsigned target = bit_next(others, c->target_next);
	c->target_next = (uint8_t)(target + 1);
	return target;
}

/* All doubts together have a bound, so that a routine of thousands is not multiplied. */
static uint64_t gap_us(const struct engine *e, const struct channel *c)
{
	uint64_t gap = c->misses > 0 || c->evidence > 0 ? GAP_US : SUSPECT_GAP_US;
	uint64_t routine = e->count * e->config.methods * SECOND_US / e->config.interval_us;
	uint64_t fair = e->doubts * SECOND_US / (DOUBTS_RATE + routine * 9 / 5);

	return gap > fair ? gap : fair;
}

static void fast_set(struct engine *e, struct channel *c, bool fast)
{
	if (fast != c->fast)
		e->doubts += fast ? 1 : (size_t)-1;
	c->fast = fast;
}

void doubt_leave(struct engine *e, uint32_t prefix, unsigned method, uint64_t now_us)
{
	struct channel *c = channel_of(e, prefix, method);

	fast_set(e, c, false);
	channel_due(e, prefix, method, schedule_next_us(&e->schedule, prefix, method, now_us));
}

/* Routine probes keep their time in doubt, too. */
bool doubt_probe(struct engine *e, uint32_t prefix, unsigned method, uint64_t due_us,
                 uint64_t now_us, struct engine_order *order)
{
	struct channel *c = channel_of(e, prefix, method);
	bool routine = schedule_is_routine(&e->schedule, prefix, method, due_us);
	bool doubt = doubt_holds(e, prefix, method, now_us);
	uint64_t next = schedule_next_us(&e->schedule, prefix, method, now_us);

	if (routine && c->ration < DOUBT_PROBES)
		c->ration++;
	fast_set(e, c, doubt && (c->ration > 0 || c->misses >= MISSES_SURE));
	if (c->fast && next > now_us + gap_us(e, c))
		next = now_us + gap_us(e, c);
	channel_due(e, prefix, method, next);
	unsigned target = routine ? schedule_target(&e->schedule, prefix, method, due_us)
	                          : target_choose(e, c, method);
	if (!probe_open(e, prefix, method, target, now_us, order))
		return false;
	e->pending.probes[order->probe].routine = routine;
	e->pending.probes[order->probe].again = !routine && c->suspects >> target & 1;
	if (!routine && c->ration > 0)
		c->ration--;
	if (doubt && (c->misses > 0 || c->evidence >= EVIDENCE_SERIOUS))
		e->pending.probes[order->probe].has_control =
			control_probe_request(e, prefix, method, target, now_us);
	return true;
}
