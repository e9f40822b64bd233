/*
 * A network for the engine: each test says what is answered through it, and time passes only while
 * it runs. Every order is checked against what engine.h promises.
 */
#pragma once

#include "unit.h"

#include "rule/engine.h"
#include "rule/heap.h"

#include <string.h>

#define INTERVAL_US  (2 * SECOND_US)
#define RTT_US       (40 * MS_US)
#define PREFIXES     5
#define PREFIXES_MAX 2000
#define TARGETS      13
#define PROBES_MAX   32768
#define DNS          0
#define TCP          1

struct tally {
	struct verdict last;
	unsigned count;
	uint64_t at_us; /* of the last */
};

static struct network {
	struct engine *engine;
	struct engine_config config;
	struct engine_entry entries[PREFIXES_MAX];
	size_t count;
	uint64_t now_us;
	struct heap arrivals;
	bool open[PROBES_MAX]; /* probes under way, by number */
	bool dead[PREFIXES_MAX][METHODS_MAX];
	bool target_dead[TARGETS_MAX], blocked[PREFIXES_MAX][TARGETS_MAX];
	bool fails[PREFIXES_MAX]; /* at once, with this failure */
	enum probe_failure failure;
	bool uplink_down, unsent[PREFIXES_MAX];
	unsigned lost_percent[PREFIXES_MAX], lose[PREFIXES_MAX]; /* lose: that many, from now on */
	uint64_t rtt_us[PREFIXES_MAX];
	uint32_t random;
	unsigned probes[PREFIXES_MAX][METHODS_MAX];
	void (*on_probe)(const struct engine_order *order); /* may be NULL */
	struct tally downs, ups;
	unsigned changes; /* of the set */
} net;

static inline int network_open(void **state __attribute__((unused)))
{
	memset(&net, 0, sizeof(net));
	for (unsigned i = 0; i < PREFIXES_MAX; i++) {
		net.rtt_us[i] = RTT_US;
		net.entries[i].was = ENGINE_NO_PREFIX;
	}
	net.random = 1;
	net.count = PREFIXES;
	net.now_us = 1000 * SECOND_US;
	net.config = (struct engine_config){
		.methods = 2,
		.targets = {TARGETS, TARGETS},
		.interval_us = INTERVAL_US,
		.set_min = 2,
		.set_max = 3,
		.slack_us = 50 * MS_US,
		.prefixes_max = PREFIXES_MAX,
		.probes_max = PROBES_MAX,
	};
	return heap_init(&net.arrivals, PROBES_MAX);
}

static inline int network_close(void **state __attribute__((unused)))
{
	engine_free(net.engine);
	heap_free(&net.arrivals);
	return 0;
}

static inline bool is_lost(const struct engine_order *o)
{
	uint32_t p = o->prefix;

	net.random = net.random * 1664525 + 1013904223;
	if (net.uplink_down || net.dead[p][o->method] || net.target_dead[o->target])
		return true;
	if (net.lose[p] > 0) {
		net.lose[p]--;
		return true;
	}
	return net.blocked[p][o->target] || (net.random >> 8) % 100 < net.lost_percent[p];
}

static inline void order_obey(const struct engine_order *o)
{
	assert_true(o->probe < net.config.probes_max);
	if (o->kind == ORDER_CLOSE) {
		assert_true(net.open[o->probe]);
		net.open[o->probe] = false;
		heap_remove(&net.arrivals, o->probe);
		return;
	}
	assert_false(net.open[o->probe]);
	assert_true(o->prefix < net.count && o->method < net.config.methods);
	assert_true(o->target < net.config.targets[o->method]);
	net.open[o->probe] = true;
	net.probes[o->prefix][o->method]++;
	if (net.on_probe)
		net.on_probe(o);
	if (net.unsent[o->prefix]) {
		net.open[o->probe] = false;
		engine_unsent(net.engine, o->probe);
	} else if (net.fails[o->prefix]) {
		engine_failure(net.engine, o->probe, net.failure, net.now_us);
	} else if (!is_lost(o)) {
		heap_set(&net.arrivals, o->probe, net.now_us + net.rtt_us[o->prefix]);
	}
}

static inline void arrivals_read(void)
{
	const struct heap_item *arrival;

	while ((arrival = heap_top(&net.arrivals)) && arrival->time_us <= net.now_us) {
		uint32_t probe = arrival->id;
		heap_remove(&net.arrivals, probe);
		net.open[probe] = false;
		engine_answer(net.engine, probe, net.now_us);
	}
}

static inline void verdict_take(void *context, const struct verdict *verdict)
{
	struct tally *tally = verdict->state == PREFIX_DOWN ? &net.downs : &net.ups;

	(void)context;
	assert_true(verdict->prefix < net.count);
	*tally = (struct tally){*verdict, tally->count + 1, net.now_us};
}

static inline void set_check(void)
{
	const struct engine_set *set = engine_set(net.engine);

	for (size_t i = 0; i < set->count; i++) {
		assert_true(set->members[i] < net.count);
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(set->members[i], set->members[j]);
	}
}

/* Loads the list; probes under way are forgotten, by both. */
static inline void list_load(void)
{
	if (!net.engine) {
		net.config.on_verdict = verdict_take;
		net.engine = engine_new(&net.config);
		assert_non_null(net.engine);
	}
	heap_clear(&net.arrivals);
	memset(net.open, 0, sizeof(net.open));
	engine_load(net.engine, net.entries, net.count, net.now_us);
}

static inline void run_for(uint64_t duration_us)
{
	uint64_t end = net.now_us + duration_us;
	const struct heap_item *arrival;
	struct engine_order order;

	if (!net.engine)
		list_load();
	for (;;) {
		arrivals_read();
		while ((order = engine_next(net.engine, net.now_us)).kind != ORDER_IDLE)
			order_obey(&order);
		net.changes += engine_review(net.engine, net.now_us);
		set_check();
		uint64_t next = engine_due(net.engine, net.now_us);
		assert_true(next > net.now_us);
		if ((arrival = heap_top(&net.arrivals)))
			next = SOONER(next, arrival->time_us);
		if (next > end)
			break;
		net.now_us = next;
	}
	net.now_us = end;
}

static inline void prefix_set_dead(uint32_t prefix, bool dead)
{
	for (unsigned m = 0; m < METHODS_MAX; m++)
		net.dead[prefix][m] = dead;
}

/* From now on, no prefix is answered by the method. */
static inline void method_filter(unsigned method)
{
	for (uint32_t i = 0; i < PREFIXES; i++)
		net.dead[i][method] = true;
}

static inline unsigned probes_of(uint32_t prefix)
{
	return net.probes[prefix][DNS] + net.probes[prefix][TCP];
}

static inline unsigned probes_all(void)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < PREFIXES_MAX; i++)
		sum += probes_of(i);
	return sum;
}

/* What the timetable alone sends in that time. */
static inline unsigned routine_probes(uint64_t duration_us)
{
	return (unsigned)(net.count * net.config.methods * duration_us / INTERVAL_US);
}

static inline struct engine_prefix prefix_view(uint32_t prefix)
{
	return engine_prefix(net.engine, prefix, net.now_us);
}

static inline struct engine_channel channel_view(uint32_t prefix, unsigned method)
{
	return engine_channel(net.engine, prefix, method);
}

static inline struct engine_summary summary_view(void)
{
	return engine_summary(net.engine, net.now_us);
}

static inline const struct engine_set *set_view(void)
{
	return engine_set(net.engine);
}

static inline enum prefix_state state_of(uint32_t prefix)
{
	return prefix_view(prefix).state;
}

static inline double evidence_of(uint32_t prefix, unsigned method)
{
	return channel_view(prefix, method).evidence;
}

/* Until it is down and its last probes are over; returns how long the verdict took. */
static inline uint64_t prefix_kill(uint32_t prefix)
{
	uint64_t begin = net.now_us;

	prefix_set_dead(prefix, true);
	while (state_of(prefix) != PREFIX_DOWN) {
		run_for(100 * MS_US);
		assert_true(net.now_us - begin < MINUTE_US);
	}
	run_for(4 * SECOND_US);
	return net.downs.at_us - begin;
}

/* Until it is up, as everything about it works; returns how long that took. */
static inline uint64_t prefix_await_up(uint32_t prefix)
{
	uint64_t begin = net.now_us;

	while (state_of(prefix) != PREFIX_UP) {
		run_for(100 * MS_US);
		assert_true(net.now_us - begin < HOUR_US);
	}
	return net.ups.at_us - begin;
}
