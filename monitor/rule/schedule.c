/*
 * What is sent, and when. The routine is a timetable that follows from the time alone, so that no
 * channel drifts into another's place; a prefix's methods are far apart in the interval. A channel
 * in doubt is probed fast, until its evidence is gone or enough: what a failure means is not
 * decided here.
 */
#include "state.h"

#define DENSE_US       (20 * MS_US)  /* between the routine probes of two channels */
#define GAP_US         (160 * MS_US) /* between two probes of a channel in doubt */
#define SUSPECT_GAP_US (700 * MS_US) /* likewise, if only single targets are */
#define DOUBTS_RATE    1500U /* probes a second of all doubts, and 1.8 times the routine's */
#define MISSES_SURE    3U    /* failures in a row that need no ration */

static bool is_coprime(size_t a, size_t b)
{
	while (b != 0) {
		size_t rest = a % b;
		a = b;
		b = rest;
	}
	return a == 1;
}

static uint64_t place_of(const struct engine *e, const struct channel *c)
{
	return c->method * e->list->count + c->prefix;
}

/* Where it gets dense, two neighbours share a moment: to wake up costs more than to probe. */
static uint64_t phase_us(const struct engine *e, const struct channel *c)
{
	uint64_t channels = e->list->count * e->config.methods, place = place_of(e, c);

	place -= e->config.interval_us / channels < DENSE_US ? place % 2 : 0;
	return e->config.interval_us * place / channels;
}

/* The channel's next routine probe after now. */
static uint64_t routine_next_us(const struct engine *e, const struct channel *c, uint64_t now_us)
{
	uint64_t phase = phase_us(e, c), interval = e->config.interval_us;

	return now_us < phase ? phase : phase + ((now_us - phase) / interval + 1) * interval;
}

static bool is_routine(const struct engine *e, const struct channel *c, uint64_t due_us)
{
	uint64_t phase = phase_us(e, c);

	return due_us >= phase && (due_us - phase) % e->config.interval_us == 0;
}

/*
 * Targets are dealt out in turn, in the order in which the channels are due. The step from one
 * interval to the next is the number of channels, raised until it is coprime to the number of
 * targets, so that every channel visits every target once in as many intervals.
 */
static unsigned routine_target(const struct engine *e, const struct channel *c, uint64_t due_us)
{
	uint64_t round = due_us / e->config.interval_us, step = e->list->count * e->config.methods;
	unsigned targets = e->config.targets[c->method];

	while (!is_coprime(step, targets))
		step++;
	return (unsigned)((round * step + place_of(e, c)) % targets);
}

static void fast_set(struct engine *e, struct channel *c, bool fast)
{
	e->doubts += (size_t)fast - (size_t)c->fast;
	c->fast = fast;
}

void schedule_routine(struct engine *e, struct channel *c, uint64_t now_us)
{
	fast_set(e, c, false);
	channel_due(e, c, routine_next_us(e, c, now_us));
}

static bool order_make(struct engine *e, struct pending_probe *probe, struct engine_order *order)
{
	struct channel *c = probe->channel;
	const struct rtt *rtt = &targets_of(e, c)[probe->target].rtt;

	probe->timeout_us = rtt_timeout_us(&c->path, rtt);
	uint32_t id = pending_open(&e->pending, probe);
	if (id == PENDING_NONE)
		return false;
	heap_set(&e->due, id, probe->sent_us + probe->timeout_us);
	c->waiting++;
	c->probes++;
	*order = (struct engine_order){ORDER_PROBE, id, c->prefix, c->method, probe->target};
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
static unsigned target_choose(const struct engine *e, struct channel *c)
{
	uint64_t alive = e->methods[c->method].alive;
	uint64_t suspects = c->suspects & alive, others = alive & ~c->lost;

	c->suspect_next = !c->suspect_next;
	if (suspects != 0 && c->suspect_next && c->misses == 0)
		return c->suspect = (uint8_t)bit_next(suspects, c->suspect + 1U);
	if (others == 0)
		others = alive != 0 ? alive : 1;
	unsigned target = bit_next(others, c->target_next);
	c->target_next = (uint8_t)(target + 1);
	return target;
}

/*
 * The channel's next probe after now. Routine probes keep their time in doubt, too; all doubts
 * together have a bound, so that a routine of thousands is not multiplied.
 */
static uint64_t next_us(const struct engine *e, const struct channel *c, uint64_t now_us)
{
	uint64_t next = routine_next_us(e, c, now_us);
	uint64_t gap = c->misses > 0 || c->evidence > 0 ? GAP_US : SUSPECT_GAP_US;
	uint64_t routine = e->list->count * e->config.methods * SECOND_US / e->config.interval_us;
	uint64_t fair = e->doubts * SECOND_US / (DOUBTS_RATE + routine * 9 / 5);

	return c->fast ? SOONER(next, now_us + LATER(gap, fair)) : next;
}

/*
 * The channel's next probe; false if there is no room for it. A control probe goes first, and needs
 * no control: the probe that it is sent for is one.
 */
bool schedule_probe(struct engine *e, struct channel *c, uint64_t due_us, uint64_t now_us,
                    struct engine_order *order)
{
	bool control = c->controls != 0, routine = is_routine(e, c, due_us);
	bool doubt = is_in_doubt(c) && prefix_of(e, c)->state != PREFIX_DOWN &&
	             method_silence_us(e, c->method, now_us) == 0;
	unsigned target = control   ? bit_next(c->controls, 0)
	                  : routine ? routine_target(e, c, due_us)
	                            : target_choose(e, c);
	struct pending_probe probe = {.channel = c,
	                              .target = target,
	                              .sent_us = now_us,
	                              .control = ENGINE_NO_PREFIX,
	                              .is_control = control,
	                              .has_control = control,
	                              .routine = routine && !control,
	                              .again = !routine && c->suspects >> target & 1};

	fast_set(e, c, doubt && (c->ration > 0 || c->misses >= MISSES_SURE));
	c->controls &= ~(1ULL << target);
	bool more = control && (routine || c->controls != 0);
	channel_due(e, c, more ? due_us : next_us(e, c, now_us));
	if (!control && (routine ? c->ration < DOUBT_PROBES : c->ration > 0))
		c->ration += routine ? 1U : -1U;
	if (!control && doubt && (c->misses > 0 || c->evidence >= EVIDENCE_SERIOUS))
		probe.has_control = control_probe_request(e, c, target, now_us);
	return order_make(e, &probe, order);
}
