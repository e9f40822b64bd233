/*
 * The engine: its memory, the probes under way, the order in which things are due, and the review
 * of the set. What an outcome means is decided elsewhere (evidence.c, verdict.c), and so is what is
 * sent (schedule.c).
 */
#include "state.h"

#include <stdlib.h>
#include <string.h>

#define REVIEW_US        SECOND_US
#define START_GAP_US     MS_US /* at a start all are asked within a moment, unless there are many */
#define SILENCE_US       SECOND_US
#define SILENCE_FAILURES 8U
#define NEIGHBOURS       16U /* begin with the same target, so that latencies can be compared */
#define STORM_SHARE      0.08

struct engine *engine_new(const struct engine_config *config)
{
	struct engine *e = calloc(1, sizeof(*e));
	size_t max = config->prefixes_max, methods = config->methods;

	if (!e)
		return NULL;
	e->config = *config;
	e->pending.max = config->probes_max;
	for (unsigned m = 0; m < methods; m++) {
		e->target_base[m] = e->targets_each;
		e->targets_each += config->targets[m];
		e->methods[m].alive = UINT64_MAX >> (TARGETS_MAX - config->targets[m]);
	}
	e->choice = (struct choice){
		.min = config->set_min, .max = config->set_max, .slack_us = config->slack_us};
	bool taken = (e->candidates = calloc(max, sizeof(*e->candidates))) &&
	             (e->pending.probes = calloc(config->probes_max, sizeof(*e->pending.probes))) &&
	             heap_init(&e->due, config->probes_max + max * METHODS_MAX) == 0;
	for (struct list_state *l = e->lists; taken && l < e->lists + COUNT(e->lists); l++)
		taken = (l->prefixes = calloc(max, sizeof(*l->prefixes))) &&
		        (l->targets = calloc(max * e->targets_each, sizeof(*l->targets)));
	if (taken)
		return e;
	engine_free(e);
	return NULL;
}

void engine_free(struct engine *engine)
{
	if (!engine)
		return;
	heap_free(&engine->due);
	free(engine->pending.probes);
	for (unsigned i = 0; i < 2; i++) {
		free(engine->lists[i].prefixes);
		free(engine->lists[i].targets);
	}
	free(engine->candidates);
	free(engine);
}

void channel_due(struct engine *e, const struct channel *c, uint64_t due_us)
{
	size_t id = e->config.probes_max + (size_t)c->prefix * METHODS_MAX + c->method;

	heap_set(&e->due, (uint32_t)id, due_us);
}

bool engine_target_alive(const struct engine *engine, unsigned method, unsigned target)
{
	return engine->methods[method].alive >> target & 1;
}

/* For how long no prefix was answered by the method although many were asked; 0: it is. */
uint64_t method_silence_us(const struct engine *e, unsigned method, uint64_t now_us)
{
	const struct method_activity *m = &e->methods[method];
	bool silent = m->failures >= SILENCE_FAILURES && now_us - m->answered_us >= SILENCE_US;

	return silent ? now_us - m->answered_us : 0;
}

/* Returns the probe's number, PENDING_NONE if the table is full. */
uint32_t pending_open(struct pending *pending, const struct pending_probe *probe)
{
	uint32_t *first = &pending->first[probe->channel->method][probe->target];
	uint32_t id = pending->free;

	if (id != PENDING_NONE)
		pending->free = pending->probes[id].next;
	else if (pending->used < pending->max)
		id = (uint32_t)pending->used++;
	else
		return PENDING_NONE;
	struct pending_probe *p = &pending->probes[id];
	*p = *probe;
	p->previous = PENDING_NONE;
	p->next = *first;
	if (*first != PENDING_NONE)
		pending->probes[*first].previous = id;
	*first = id;
	return id;
}

/* The number may be given to another from now on. */
static void pending_close(struct pending *pending, uint32_t id)
{
	struct pending_probe *p = &pending->probes[id];

	if (p->next != PENDING_NONE)
		pending->probes[p->next].previous = p->previous;
	if (p->previous != PENDING_NONE)
		pending->probes[p->previous].next = p->next;
	else
		pending->first[p->channel->method][p->target] = p->next;
	p->next = pending->free;
	pending->free = id;
}

/* The list that is not in force, empty, comes in force; returns the other one. */
static const struct list_state *lists_swap(struct engine *e, size_t count)
{
	struct list_state *old = e->list, *list = &e->lists[old == e->lists];

	memset(list->prefixes, 0, list->count * sizeof(*list->prefixes));
	memset(list->targets, 0, list->count * e->targets_each * sizeof(*list->targets));
	list->count = count;
	e->list = list;
	return old;
}

/* What was known of the prefix stays known; what it waited for is forgotten. */
static void health_adopt(struct engine *e, uint32_t prefix, const struct list_state *old,
                         uint32_t was)
{
	struct prefix_health *p = &e->list->prefixes[prefix];

	*p = old->prefixes[was];
	p->failure.prefix = prefix;
	p->failure.control = ENGINE_NO_PREFIX;
	for (unsigned m = 0; m < e->config.methods; m++) {
		struct channel *c = &p->channels[m];
		c->waiting = c->misses = c->controls_lost = 0;
		c->last_failed = c->controls = 0;
		c->fast = false;
	}
	memcpy(&e->list->targets[prefix * (size_t)e->targets_each],
	       &old->targets[was * (size_t)e->targets_each],
	       e->targets_each * sizeof(struct target_state));
}

static void health_begin(struct engine *e, uint32_t prefix, const struct engine_entry *entry,
                         uint64_t now_us)
{
	struct prefix_health *p = &e->list->prefixes[prefix];
	uint64_t gap_us = e->config.interval_us / (e->list->count * e->config.methods);

	gap_us = SOONER(gap_us, START_GAP_US);
	e->candidates[prefix] = (struct choice_candidate){.entry = *entry};
	for (unsigned m = 0; m < e->config.methods; m++) {
		struct channel *c = &p->channels[m];
		if (p->state == PREFIX_NEW) {
			c->ration = DOUBT_PROBES;
			c->target_next = (uint8_t)(prefix / NEIGHBOURS % e->config.targets[m]);
		}
		c->prefix = prefix;
		c->method = m;
		channel_due(e, c, now_us + (m * e->list->count + prefix) * gap_us);
	}
}

void engine_load(struct engine *engine, const struct engine_entry *entries, size_t count,
                 uint64_t now_us)
{
	heap_clear(&engine->due);
	engine->pending.used = 0;
	engine->pending.free = PENDING_NONE;
	memset(engine->pending.first, 0xff, sizeof(engine->pending.first)); /* PENDING_NONE */
	const struct list_state *old = lists_swap(engine, count);
	engine->doubts = 0;
	engine->review_due = true;
	for (unsigned m = 0; m < METHODS_MAX; m++) {
		if (!old)
			engine->methods[m].answered_us = now_us;
		memset(engine->methods[m].recent, 0xff, sizeof(engine->methods[m].recent));
	}
	for (uint32_t i = 0; i < count; i++) {
		if (old && entries[i].was != ENGINE_NO_PREFIX)
			health_adopt(engine, i, old, entries[i].was);
		health_begin(engine, i, &entries[i], now_us);
	}
	choice_renumber(&engine->choice, engine->candidates, count, now_us);
}

struct engine_order engine_next(struct engine *engine, uint64_t now_us)
{
	struct engine_order order;
	const struct heap_item *top;

	while ((top = heap_top(&engine->due)) && top->time_us <= now_us) {
		uint32_t id = top->id;
		if (id >= engine->config.probes_max) {
			id -= (uint32_t)engine->config.probes_max;
			struct prefix_health *p = &engine->list->prefixes[id / METHODS_MAX];
			if (schedule_probe(engine, &p->channels[id % METHODS_MAX], top->time_us,
			                   now_us, &order))
				return order;
		} else if (!engine->pending.probes[id].failed) {
			evidence_fail(engine, id, FAILURE_TIMEOUT, now_us);
		} else {
			heap_remove(&engine->due, id);
			pending_close(&engine->pending, id);
			return (struct engine_order){.kind = ORDER_CLOSE, .probe = id};
		}
	}
	return (struct engine_order){.kind = ORDER_IDLE};
}

uint64_t engine_due(const struct engine *engine, uint64_t now_us)
{
	const struct heap_item *top = heap_top(&engine->due);
	uint64_t review_us = engine->reviewed_us + REVIEW_US;

	if (engine->review_due)
		return now_us;
	return top ? SOONER(top->time_us, review_us) : review_us;
}

void engine_answer(struct engine *engine, uint32_t probe, uint64_t now_us)
{
	evidence_answer(engine, probe, now_us);
	heap_remove(&engine->due, probe);
	pending_close(&engine->pending, probe);
}

void engine_failure(struct engine *engine, uint32_t probe, enum probe_failure failure,
                    uint64_t now_us)
{
	if (!engine->pending.probes[probe].failed)
		evidence_fail(engine, probe, failure, now_us);
}

void engine_unsent(struct engine *engine, uint32_t probe)
{
	struct channel *c = engine->pending.probes[probe].channel;

	c->waiting--;
	c->probes--;
	heap_remove(&engine->due, probe);
	pending_close(&engine->pending, probe);
}

/*
 * Latencies cost more to look at than the rest: after each of a thousand verdicts it would show.
 * While all lose much, by bursts perhaps, it is chance which loses more: no reason to choose anew.
 */
bool engine_review(struct engine *engine, uint64_t now_us)
{
	bool routine = now_us - engine->reviewed_us >= REVIEW_US, storm = false;

	if (!routine && !engine->review_due)
		return false;
	engine->review_due = false;
	engine->reviewed_us = routine ? now_us : engine->reviewed_us;
	for (unsigned m = 0; m < engine->config.methods; m++)
		storm |= common_loss_max(&engine->methods[m].common, now_us) > STORM_SHARE;
	for (uint32_t i = 0; i < engine->list->count; i++) {
		struct choice_candidate *c = &engine->candidates[i];
		view_candidate(engine, i, now_us, c);
		c->loss = storm ? 0 : c->loss;
		if (routine || c->latency_us == 0)
			c->latency_us = view_latency_us(engine, i);
	}
	return choice_review(&engine->choice, engine->candidates, engine->list->count, now_us);
}

const struct engine_set *engine_set(const struct engine *engine)
{
	return &engine->choice.set;
}
