/*
 * One run in virtual time. The prober's part is played here: it does with a heap of arrivals what
 * the daemon does with sockets.
 */
#include "run_state.h"

#include <stdlib.h>

#define METHOD_TCP 1
#define RESEND_US  SECOND_US /* after a lost SYN (RFC 6298, section 2.1) */
#define STORM      50000     /* orders at one moment */

static void verdict_hear(void *context, const struct verdict *v)
{
	struct run *r = context;

	timeline_verdict(r, v);
	score_verdict(r, r->listing[v->prefix], v->state == PREFIX_UP);
}

/* Only connections are tried again, once before the probe is closed. */
static void probe_send(struct run *r, uint32_t id, bool again)
{
	struct sent *sent = &r->sent[id];
	uint64_t delay;
	enum world_fate fate = world_probe(&r->world, &sent->probe, r->now_us, &delay);

	sent->refused = fate == FATE_REFUSED;
	sent->resends = fate == FATE_LOST && sent->probe.method == METHOD_TCP && !again;
	if (sent->resends)
		heap_set(&r->arrivals, id, r->now_us + RESEND_US);
	else if (fate != FATE_LOST)
		heap_set(&r->arrivals, id, r->now_us + delay);
}

static void order_probe(struct run *r, const struct engine_order *order)
{
	uint32_t prefix = r->listing[order->prefix];

	r->result->probes++;
	score_probe(r, prefix);
	if (r->now_us / SECOND_US != r->second) {
		r->second = r->now_us / SECOND_US;
		r->second_probes = 0;
	}
	if (++r->second_probes > r->result->busiest && r->second > 1)
		r->result->busiest = r->second_probes;
	r->sent[order->probe].probe =
		(struct world_probe){prefix, order->method, order->target,
	                             (uint32_t)(random_next(&r->world.random) >> 32)};
	probe_send(r, order->probe, false);
}

static void orders_obey(struct run *r)
{
	struct engine_order order;
	unsigned count = 0;

	while ((order = engine_next(r->engine, r->now_us)).kind != ORDER_IDLE) {
		if (order.kind == ORDER_PROBE)
			order_probe(r, &order);
		else
			heap_remove(&r->arrivals, order.probe);
		if (++count > STORM) {
			timeline_break(r, "%u orders at one moment", count);
			return;
		}
	}
}

static void arrivals_deliver(struct run *r)
{
	const struct heap_item *top;

	while ((top = heap_top(&r->arrivals)) && top->time_us <= r->now_us) {
		uint32_t id = top->id;
		const struct sent *sent = &r->sent[id];
		heap_remove(&r->arrivals, id);
		if (sent->resends)
			probe_send(r, id, true);
		else if (sent->refused)
			engine_failure(r->engine, id, FAILURE_RESET, r->now_us);
		else if (world_delivers(&r->world, sent->probe.prefix, sent->probe.method))
			engine_answer(r->engine, id, r->now_us);
	}
}

/* The host sleeps: half the answers are lost meanwhile, the others wait in the sockets. */
static void host_sleep(struct run *r)
{
	timeline_say(r, "world: the host sleeps for %.1f s",
	             (double)r->world.sleep_us / (double)SECOND_US);
	r->now_us += r->world.sleep_us;
	r->world.sleep_us = 0;
	r->alone_us = r->now_us; /* nothing could be done about the dead meanwhile */
	for (uint32_t i = 0; i < r->probes; i++) {
		if (r->arrivals.places[i] != 0 && random_unit(&r->world.random) < 0.5)
			heap_remove(&r->arrivals, i);
	}
	timeline_say(r, "world: the host is awake");
}

static void world_turns(struct run *r)
{
	const struct world_fault *fault;

	while ((fault = world_turn(&r->world, r->now_us))) {
		r->turns_us[r->turns++ % COUNT(r->turns_us)] = r->now_us;
		if (r->world.sleep_us != 0) {
			host_sleep(r);
			continue;
		}
		timeline_fault(r, fault);
		score_fault(r, fault);
	}
}

/* The list as it is, but for prefixes that were taken from it. */
static void list_load(struct run *r)
{
	const struct run_config *c = r->config;
	struct engine_entry *entries = memory_take(r->listed, sizeof(*entries));

	for (uint32_t i = 0; i < r->listed; i++) {
		uint32_t prefix = r->listing[i];
		entries[i] = (struct engine_entry){
			.tier = (uint8_t)(c->tiers ? prefix % c->tiers : 0),
			.drain = run_is_drained(r, prefix),
			.was = r->numbers[prefix],
		};
		r->numbers[prefix] = i;
	}
	engine_load(r->engine, entries, r->listed, r->now_us);
	free(entries);
}

/* A member that is down is taken from the list, as an operator does who wants it out. */
static void list_reload(struct run *r)
{
	const struct engine_set *set = engine_set(r->engine);
	uint32_t gone = set->count > 0 ? r->listing[set->members[set->count - 1]] : 0;
	size_t place = 0;

	r->reload_us = NEVER;
	for (size_t i = 0; i < r->listed; i++) {
		if (r->listing[i] != gone)
			r->listing[place++] = r->listing[i];
	}
	r->listed = place;
	for (uint32_t i = 0; i < r->probes; i++)
		heap_remove(&r->arrivals, i);
	list_load(r);
	r->numbers[gone] = ENGINE_NO_PREFIX;
	timeline_say(r, "prefix %u is taken from the list", gone);
	if (engine_review(r->engine, r->now_us))
		invariants_changed(r);
	invariants_set(r);
	if (engine_set(r->engine)->count == 0)
		timeline_break(r, "there is no set after a reload");
}

static void run_step(struct run *r)
{
	const struct heap_item *arrival = heap_top(&r->arrivals);
	uint64_t next = engine_due(r->engine, r->now_us);

	next = SOONER(next, arrival ? arrival->time_us : NEVER);
	next = SOONER(next, r->world.due_us);
	next = SOONER(next, r->reload_us);
	r->now_us = LATER(r->now_us, next);
	if (r->world.due_us <= r->now_us)
		world_turns(r);
	arrivals_deliver(r);
	orders_obey(r);
	if (engine_review(r->engine, r->now_us))
		invariants_changed(r);
	if (r->now_us >= r->reload_us)
		list_reload(r);
	if (r->now_us >= r->check_us) {
		r->check_us = r->now_us + SECOND_US;
		invariants_second(r);
		score_second(r);
	}
}

static struct engine *engine_make(struct run *r)
{
	const struct run_config *c = r->config;
	struct engine_config engine = {
		.methods = c->world.methods,
		.interval_us = (uint64_t)(c->interval * (double)SECOND_US),
		.set_min = c->min,
		.set_max = c->max,
		.slack_us = (uint32_t)(c->slack * (double)SECOND_US),
		.prefixes_max = c->world.prefixes,
		.probes_max = r->probes,
		.on_verdict = verdict_hear,
		.context = r,
	};

	for (unsigned m = 0; m < c->world.methods; m++)
		engine.targets[m] = c->world.targets;
	engine.retransmit_us[METHOD_TCP] = RESEND_US;
	return engine_new(&engine);
}

static void run_start(struct run *r)
{
	const struct run_config *c = r->config;

	r->prefixes = r->listed = c->world.prefixes;
	r->probes = 256 + 32 * r->prefixes;
	r->reload_us = c->reload > 0 ? (uint64_t)(c->reload * (double)SECOND_US) : NEVER;
	r->engine = engine_make(r);
	r->listing = memory_take(r->prefixes, sizeof(*r->listing));
	r->numbers = memory_take(r->prefixes, sizeof(*r->numbers));
	r->victims = memory_take(r->prefixes, sizeof(*r->victims));
	r->sent = memory_take(r->probes, sizeof(*r->sent));
	if (!r->engine || heap_init(&r->arrivals, r->probes) != 0)
		exit(1);
	for (uint32_t i = 0; i < r->prefixes; i++) {
		r->listing[i] = i;
		r->numbers[i] = ENGINE_NO_PREFIX;
		r->victims[i] = (struct victim){.since_us = NEVER, .back_us = NEVER};
	}
	world_init(&r->world, &c->world, r->seed);
	list_load(r);
}

static void run_end(struct run *r)
{
	world_free(&r->world);
	engine_free(r->engine);
	heap_free(&r->arrivals);
	free(r->listing);
	free(r->numbers);
	free(r->victims);
	free(r->sent);
}

bool run(const struct run_config *config, uint64_t seed, struct result *result)
{
	struct result own = {0};
	struct run r = {.config = config, .result = &own, .seed = seed};

	run_start(&r);
	while (r.now_us < config->lasts_us && !r.broken)
		run_step(&r);
	own.unset = engine_set(r.engine)->count == 0;
	own.days = (double)r.now_us / (double)DAY_US;
	own.prefix_days = own.days * (double)config->world.prefixes;
	own.broken = r.broken;
	own.seed_broken = seed;
	result_add(result, &own);
	run_end(&r);
	return !own.broken;
}
