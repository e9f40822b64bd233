/*
 * One run in virtual time. The prober's part is played here: it does with a heap of arrivals what
 * the daemon does with sockets.
 */
#include "run.h"

#include "rule/engine.h"
#include "rule/heap.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRONG_ECHO_US (5 * SECOND_US)  /* found this late, a fault that is over was still found */
#define DEAD_MOST_US  (15 * SECOND_US) /* how long a dead prefix may stay in the set */
#define FINE_LONG_US  (15 * 60 * SECOND_US) /* so long fine, it must have come back */
#define CHANGES_HOUR  12
#define METHOD_TCP    1
#define RESEND_US     SECOND_US /* after a lost SYN (RFC 6298, section 2.1) */
#define STORM         50000     /* orders at one moment */
#define RING          48
#define LINE          160

struct run {
	const struct run_config *config;
	struct run_result *result;
	uint64_t seed;
	struct world world;
	struct engine *engine;
	size_t prefixes;
	struct heap arrivals;
	size_t flights;
	struct engine_order *orders; /* the order of each flight */
	bool *refused;
	bool *resends; /* the arrival is none: then the system sends the probe again */
	uint64_t now_us, check_us;
	uint64_t alone_us; /* when too few worked, or nobody could tell, last */
	uint64_t second, second_probes;
	uint64_t hour_us[256]; /* the last changes */
	uint32_t change_count;
	uint64_t turns; /* of the world's faults */
	uint64_t turns_us[64];
	uint64_t turn_probes; /* sent before the last turn */
	uint64_t *victim_us;  /* since when each prefix is a victim nobody has noticed */
	bool broken;
	char ring[RING][LINE];
	unsigned ring_next;
};

static void run_say(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void run_break(struct run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void line_format(char line[LINE], uint64_t now, const char *format, va_list arguments)
{
	uint64_t s = now / SECOND_US;
	int at = snprintf(line, LINE,
	                  "%3" PRIu64 "d %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 "  ",
	                  s / 86400, s / 3600 % 24, s / 60 % 60, s % 60, now / 1000 % 1000);

	vsnprintf(line + at, (size_t)(LINE - at), format, arguments);
}

static void run_say(struct run *r, const char *format, ...)
{
	char *line = r->ring[r->ring_next++ % RING];
	va_list arguments;

	va_start(arguments, format);
	line_format(line, r->now_us, format, arguments);
	va_end(arguments);
	if (r->config->verbose)
		puts(line);
}

static void run_break(struct run *r, const char *format, ...)
{
	char line[LINE];
	va_list arguments;

	if (r->broken)
		return;
	r->broken = true;
	va_start(arguments, format);
	line_format(line, r->now_us, format, arguments);
	va_end(arguments);
	if (r->config->quiet)
		return;
	printf("# invariant broken with seed %" PRIu64 ":\n", r->seed);
	for (unsigned i = r->ring_next > RING ? r->ring_next - RING : 0; i < r->ring_next; i++)
		printf("#   %s\n", r->ring[i % RING]);
	printf("# ! %s\n", line);
}

static unsigned bucket_of(double seconds)
{
	double bucket = log(fmax(seconds, 0.01) / 0.01) / log(1.01);

	return bucket >= RUN_BUCKETS ? RUN_BUCKETS - 1 : (unsigned)bucket;
}

double run_detected(const struct run_result *result, double share)
{
	double wanted = ceil(share * (double)result->episodes);
	uint64_t seen = 0;

	for (unsigned i = 0; i < RUN_BUCKETS; i++) {
		seen += result->detected[i];
		if ((double)seen >= wanted)
			return 0.01 * pow(1.01, i + 1);
	}
	return INFINITY;
}

void run_result_add(struct run_result *sum, const struct run_result *part)
{
	sum->prefix_days += part->prefix_days;
	sum->days += part->days;
	sum->false_removals += part->false_removals;
	sum->episodes += part->episodes;
	sum->missed += part->missed;
	for (unsigned i = 0; i < RUN_BUCKETS; i++)
		sum->detected[i] += part->detected[i];
	sum->detected_most = fmax(sum->detected_most, part->detected_most);
	sum->changes += part->changes;
	if (part->changes_hour_most > sum->changes_hour_most)
		sum->changes_hour_most = part->changes_hour_most;
	sum->probes += part->probes;
	if (part->busiest > sum->busiest)
		sum->busiest = part->busiest;
	sum->sets += part->sets;
	if (part->first_set_us > sum->first_set_us)
		sum->first_set_us = part->first_set_us;
	sum->broken += part->broken;
	if (part->broken > 0)
		sum->seed_broken = part->seed_broken;
}

static const char *method_name(unsigned method)
{
	static const char *const names[] = {"dns", "tcp", "icmp"};

	return names[method];
}

static void bits_format(uint64_t bits, char text[LINE / 2])
{
	size_t at = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < 64 && at + 4 < LINE / 2; i++) {
		if (bits >> i & 1)
			at += (size_t)snprintf(text + at, LINE / 2 - at, at ? ",%u" : "%u", i);
	}
}

static void verdict_count(struct run *r, const struct verdict *v)
{
	struct world_prefix *p = &r->world.prefixes[v->prefix];
	bool wrong =
		p->wrong || (p->wrong_last_us != 0 && r->now_us < p->wrong_last_us + WRONG_ECHO_US);
	uint64_t since = r->victim_us[v->prefix];

	if (since != NEVER) {
		double seconds = (double)(r->now_us - since) / (double)SECOND_US;
		r->result->detected[bucket_of(seconds)]++;
		r->result->detected_most = fmax(r->result->detected_most, seconds);
		r->victim_us[v->prefix] = NEVER;
		run_say(r, "prefix %u: found after %.2f s, all had sent %" PRIu64 " probes",
		        v->prefix, seconds, r->result->probes - r->turn_probes);
	}
	if (!wrong) {
		r->result->false_removals++;
		run_say(r, "prefix %u: FALSE REMOVAL", v->prefix);
	}
}

static void verdict_hear(void *context, const struct verdict *v)
{
	struct run *r = context;
	char targets[LINE / 2];

	if (v->state == PREFIX_UP) {
		run_say(r, "prefix %u: up after %u answers in a row", v->prefix, v->run);
		return;
	}
	bits_format(v->targets, targets);
	run_say(r, "prefix %u: down by %s, targets %s, control probe through prefix %u", v->prefix,
	        method_name(v->method), targets, v->control);
	verdict_count(r, v);
}

static enum prefix_state prefix_state(const struct run *r, uint32_t prefix)
{
	struct engine_prefix view;

	engine_prefix(r->engine, prefix, r->now_us, &view);
	return view.state;
}

static bool is_drained(const struct run *r, uint32_t prefix)
{
	return prefix + r->config->drained >= r->prefixes;
}

/* Whether the world lets the monitor see who is dead, and there are enough others to turn to. */
static bool others_work(const struct run *r)
{
	unsigned healthy = 0, fine = 0, targets = 0;

	for (unsigned t = 0; t < r->world.config.targets; t++)
		targets += !r->world.target_dead[t];
	for (uint32_t i = 0; i < r->prefixes; i++) {
		const struct world_prefix *p = &r->world.prefixes[i];
		if (is_drained(r, i) || p->wrong)
			continue;
		healthy += prefix_state(r, i) == PREFIX_UP;
		fine += r->now_us - p->fine_since_us > FINE_LONG_US &&
		        r->now_us - r->world.uplink_back_us > FINE_LONG_US;
	}
	return (healthy >= r->config->min || fine >= r->config->min) && targets > 0 &&
	       !r->world.uplink_down && r->world.uplink_loss <= 0;
}

static void set_check_dead(struct run *r)
{
	const struct engine_set *set = engine_set(r->engine);
	uint64_t most = DEAD_MOST_US + (uint64_t)(r->config->interval * 2.0 * (double)SECOND_US);

	if (!others_work(r)) {
		r->alone_us = r->now_us;
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		const struct world_prefix *p = &r->world.prefixes[set->members[i]];
		uint64_t since = p->dead_since_us > r->alone_us ? p->dead_since_us : r->alone_us;
		if (p->dead_all && r->now_us - since > most)
			run_break(r, "the set holds prefix %u, dead for %.1f s, though others work",
			          set->members[i], (double)(r->now_us - since) / (double)SECOND_US);
	}
}

static void set_check(struct run *r)
{
	const struct engine_set *set = engine_set(r->engine);

	if (set->count == 0)
		return;
	if (set->count < r->config->min || set->count > r->config->max)
		run_break(r, "the set has %zu members", set->count);
	for (size_t i = 0; i < set->count; i++) {
		if (is_drained(r, set->members[i]))
			run_break(r, "the set holds prefix %u, which is drained", set->members[i]);
		for (size_t j = 0; j < i; j++) {
			if (set->members[i] == set->members[j])
				run_break(r, "the set holds prefix %u twice", set->members[i]);
		}
	}
}

/*
 * Each turn of a fault may cost two changes within the next hour, and the rest is bounded. Of
 * hundreds that die together, some more are chosen in passing, before they are found.
 */
static void changes_check(struct run *r)
{
	uint64_t changes = 0, turns = 0, a_turn = 2 + r->config->world.faults[0].count / 50;

	for (unsigned i = 0; i < 256; i++)
		changes += r->hour_us[i] != 0 && r->now_us - r->hour_us[i] < HOUR_US;
	for (unsigned i = 0; i < 64; i++)
		turns += r->turns_us[i] != 0 && r->now_us - r->turns_us[i] < HOUR_US;
	if (changes > r->result->changes_hour_most)
		r->result->changes_hour_most = changes;
	if (changes > CHANGES_HOUR + a_turn * turns)
		run_break(r, "%" PRIu64 " changes of the set within an hour", changes);
}

static void set_changed(struct run *r)
{
	const struct engine_set *set = engine_set(r->engine);
	char members[LINE / 2];
	uint64_t bits = 0;
	bool alive = false;

	for (size_t i = 0; i < set->count; i++) {
		bits |= 1ULL << (set->members[i] & 63);
		alive |= prefix_state(r, set->members[i]) == PREFIX_UP;
	}
	bits_format(bits, members);
	run_say(r, "set: %s", members);
	if (!alive)
		run_break(r, "a set went out while nothing was healthy");
	set_check(r);
	if (r->result->sets++ == 0 || set->count == 0) {
		if (r->now_us > r->result->first_set_us)
			r->result->first_set_us = r->now_us;
		return;
	}
	r->result->changes++;
	r->hour_us[r->change_count++ % 256] = r->now_us;
	changes_check(r);
}

/* Only connections are tried again, once before the flight is closed. */
static void flight_send(struct run *r, uint32_t flight, bool again)
{
	const struct engine_order *order = &r->orders[flight];
	uint64_t delay;
	enum world_fate fate = world_probe(&r->world, order->prefix, order->method, order->target,
	                                   r->now_us, &delay);

	r->refused[flight] = fate == FATE_REFUSED;
	r->resends[flight] = fate == FATE_LOST && order->method == METHOD_TCP && !again;
	if (r->resends[flight])
		heap_set(&r->arrivals, flight, r->now_us + RESEND_US);
	else if (fate != FATE_LOST)
		heap_set(&r->arrivals, flight, r->now_us + delay);
}

static void order_probe(struct run *r, const struct engine_order *order)
{
	r->result->probes++;
	if (r->now_us / SECOND_US != r->second) {
		r->second = r->now_us / SECOND_US;
		r->second_probes = 0;
	}
	if (++r->second_probes > r->result->busiest && r->second > 1)
		r->result->busiest = r->second_probes;
	r->orders[order->probe] = *order;
	flight_send(r, order->probe, false);
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
			run_break(r, "%u orders at one moment", count);
			return;
		}
	}
}

static void arrivals_deliver(struct run *r)
{
	const struct heap_item *top;

	while ((top = heap_top(&r->arrivals)) && top->time_us <= r->now_us) {
		uint32_t flight = top->id;
		const struct engine_order *order = &r->orders[flight];
		heap_remove(&r->arrivals, flight);
		if (r->resends[flight])
			flight_send(r, flight, true);
		else if (r->refused[flight])
			engine_failure(r->engine, flight, FAILURE_ICMP, r->now_us);
		else if (world_delivers(&r->world, order->prefix, order->method))
			engine_answer(r->engine, flight, r->now_us);
	}
}

/* An episode ends: those of its victims that were not found by now were missed. */
static void victims_update(struct run *r, const struct world_fault *fault)
{
	enum fault_kind kind = fault->plan.kind;
	bool findable = kind == FAULT_DEAD || kind == FAULT_FULL || kind == FAULT_REFUSED ||
	                kind == FAULT_LOSS;

	for (uint32_t i = 0; findable && i < r->prefixes; i++) {
		if (!fault->victims[i])
			continue;
		if (!fault->active && r->victim_us[i] != NEVER) {
			r->result->missed++;
			r->victim_us[i] = NEVER;
			run_say(r, "prefix %u: MISSED", i);
		}
		if (fault->active && fault->started_us == r->now_us &&
		    prefix_state(r, i) == PREFIX_UP) {
			r->result->episodes++;
			r->victim_us[i] = r->now_us;
		}
	}
}

static void fault_say(struct run *r, const struct world_fault *fault)
{
	uint64_t bits = 0;
	char victims[LINE / 2];

	for (uint32_t i = 0; i < r->prefixes && i < 64; i++)
		bits |= (uint64_t)fault->victims[i] << i;
	if (fault->plan.kind == FAULT_TARGET)
		bits = fault->targets;
	if (fault->plan.kind == FAULT_UPLINK || fault->plan.kind == FAULT_UPLINK_LOSS)
		bits = 0;
	bits_format(bits, victims);
	run_say(r, "world: %s %s%s%s", fault_name(fault->plan.kind), victims, *victims ? ": " : "",
	        fault->on ? "on" : "off");
}

/* The host sleeps: half the answers are lost meanwhile, the others wait in the sockets. */
static void host_sleep(struct run *r)
{
	run_say(r, "world: the host sleeps for %.1f s",
	        (double)r->world.sleep_us / (double)SECOND_US);
	r->now_us += r->world.sleep_us;
	r->world.sleep_us = 0;
	r->alone_us = r->now_us; /* nothing could be done about the dead meanwhile */
	for (uint32_t i = 0; i < r->flights; i++) {
		if (r->arrivals.places[i] != 0 && random_unit(&r->world.random) < 0.5)
			heap_remove(&r->arrivals, i);
	}
	run_say(r, "world: the host is awake");
}

static void world_turns(struct run *r)
{
	const struct world_fault *fault;

	while ((fault = world_turn(&r->world, r->now_us))) {
		r->turns_us[r->turns++ % 64] = r->now_us;
		r->turn_probes = r->result->probes;
		if (r->world.sleep_us != 0) {
			host_sleep(r);
			continue;
		}
		fault_say(r, fault);
		victims_update(r, fault);
	}
}

static void run_step(struct run *r)
{
	uint64_t next = engine_due(r->engine, r->now_us);
	const struct heap_item *arrival = heap_top(&r->arrivals);

	if (arrival && arrival->time_us < next)
		next = arrival->time_us;
	if (r->world.due_us < next)
		next = r->world.due_us;
	if (next > r->now_us)
		r->now_us = next;
	if (r->world.due_us <= r->now_us)
		world_turns(r);
	arrivals_deliver(r);
	orders_obey(r);
	if (engine_review(r->engine, r->now_us))
		set_changed(r);
	if (r->now_us >= r->check_us) {
		r->check_us = r->now_us + SECOND_US;
		set_check_dead(r);
	}
}

static int run_start(struct run *r)
{
	const struct run_config *c = r->config;
	struct engine_config engine = {
		.methods = c->world.methods,
		.interval_us = (uint64_t)(c->interval * (double)SECOND_US),
		.set_min = c->min,
		.set_max = c->max,
		.slack_us = (uint32_t)(c->slack * (double)SECOND_US),
		.prefixes_max = c->world.prefixes,
		.probes_max = 256 + 32 * c->world.prefixes,
		.on_verdict = verdict_hear,
		.context = r,
	};

	r->flights = engine.probes_max;
	for (unsigned m = 0; m < c->world.methods; m++)
		engine.targets[m] = c->world.targets;
	engine.retransmit_us[METHOD_TCP] = RESEND_US;
	r->prefixes = c->world.prefixes;
	struct engine_entry *entries = calloc(r->prefixes, sizeof(*entries));
	r->orders = calloc(engine.probes_max, sizeof(*r->orders));
	r->refused = calloc(engine.probes_max, sizeof(*r->refused));
	r->resends = calloc(engine.probes_max, sizeof(*r->resends));
	r->victim_us = calloc(r->prefixes, sizeof(*r->victim_us));
	if (!entries || !r->orders || !r->refused || !r->resends || !r->victim_us)
		return -1;
	for (uint32_t i = 0; i < r->prefixes; i++) {
		r->victim_us[i] = NEVER;
		entries[i] = (struct engine_entry){
			.tier = c->tiers ? (uint8_t)(i % c->tiers) : 0,
			.drain = is_drained(r, i),
			.was = ENGINE_NO_PREFIX,
		};
	}
	r->engine = engine_new(&engine);
	if (heap_init(&r->arrivals, engine.probes_max) != 0 || !r->engine)
		return -1;
	engine_load(r->engine, entries, r->prefixes, r->now_us);
	free(entries);
	return world_init(&r->world, &c->world, r->seed);
}

static void run_end(struct run *r)
{
	world_free(&r->world);
	engine_free(r->engine);
	heap_free(&r->arrivals);
	free(r->orders);
	free(r->refused);
	free(r->resends);
	free(r->victim_us);
}

bool run(const struct run_config *config, uint64_t seed, struct run_result *result)
{
	struct run_result own = {0};
	struct run r = {.config = config, .result = &own, .seed = seed};

	if (run_start(&r) == 0) {
		while (r.now_us < config->lasts_us && !r.broken)
			run_step(&r);
	} else {
		puts("# out of memory");
		r.broken = true;
	}
	own.days = (double)r.now_us / (double)DAY_US;
	own.prefix_days = own.days * (double)config->world.prefixes;
	own.broken = r.broken;
	own.seed_broken = seed;
	for (uint32_t i = 0; !r.broken && i < r.prefixes; i++)
		own.episodes -= r.victim_us[i] != NEVER; /* cut short by the end */
	run_result_add(result, &own);
	run_end(&r);
	return !own.broken;
}
