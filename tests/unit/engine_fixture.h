/*
 * An engine in a little network, of which each test says which probes are answered, and a clock
 * that only the test moves. What it does not do: read a log, or any state but the engine's own
 * views.
 */
#ifndef NAT64HEALTH_ENGINE_FIXTURE_H
#define NAT64HEALTH_ENGINE_FIXTURE_H

#include "unit.h"

#include "rule/engine.h"
#include "rule/heap.h"

#include <string.h>

#define INTERVAL (2 * SECOND_US)
#define PREFIXES 8U
#define TARGETS  13U
#define PROBES   1024U
#define RTT_US   (40 * MS_US)
#define DNS      0U
#define TCP      1U

static struct network {
	struct engine *engine;
	struct engine_config config;
	struct engine_entry entries[PREFIXES];
	uint32_t count;
	uint64_t now_us;
	struct heap arrivals;
	struct engine_order sent[PROBES];
	bool dead[PREFIXES][METHODS_MAX], refused[PREFIXES], unsent[PREFIXES];
	bool target_dead[TARGETS_MAX], lost[PREFIXES][TARGETS_MAX], uplink_down;
	unsigned lost_percent[PREFIXES], lose[PREFIXES]; /* lose: that many, from now on */
	uint64_t rtt_us[PREFIXES];
	enum probe_failure failure; /* of refused ones */
	uint32_t random;
	unsigned probes[PREFIXES][METHODS_MAX], asked[TARGETS_MAX];
	struct verdict downs[64], ups[64];
	unsigned down_count, up_count, changes;
	uint64_t down_us, up_us; /* of the last */
} net;

static inline void verdict_keep(void *context, const struct verdict *verdict)
{
	(void)context;
	if (verdict->state == PREFIX_DOWN) {
		net.downs[net.down_count++ % COUNT(net.downs)] = *verdict;
		net.down_us = net.now_us;
	} else {
		net.ups[net.up_count++ % COUNT(net.ups)] = *verdict;
		net.up_us = net.now_us;
	}
}

/* Five prefixes and two methods; the engine begins with the first run_for. */
static inline int network_open(void **state)
{
	(void)state;
	memset(&net, 0, sizeof(net));
	for (unsigned i = 0; i < PREFIXES; i++) {
		net.rtt_us[i] = RTT_US;
		net.entries[i].was = ENGINE_NO_PREFIX;
	}
	net.random = 1;
	net.now_us = 1000 * SECOND_US;
	net.count = 5;
	net.config = (struct engine_config){
		.methods = 2,
		.targets = {TARGETS, TARGETS},
		.interval_us = INTERVAL,
		.set_min = 2,
		.set_max = 3,
		.slack_us = 50 * MS_US,
		.prefixes_max = PREFIXES,
		.probes_max = PROBES,
		.on_verdict = verdict_keep,
	};
	return heap_init(&net.arrivals, PROBES);
}

static inline int network_close(void **state)
{
	(void)state;
	engine_free(net.engine);
	heap_free(&net.arrivals);
	return 0;
}

static inline bool is_lost(const struct engine_order *o)
{
	net.random = net.random * 1664525 + 1013904223;
	if (net.lose[o->prefix] > 0) {
		net.lose[o->prefix]--;
		return true;
	}
	return net.uplink_down || net.dead[o->prefix][o->method] || net.target_dead[o->target] ||
	       net.lost[o->prefix][o->target] ||
	       (net.random >> 8) % 100 < net.lost_percent[o->prefix];
}

static inline void order_obey(const struct engine_order *o)
{
	if (o->kind == ORDER_CLOSE) {
		heap_remove(&net.arrivals, o->probe);
		return;
	}
	assert_true(o->probe < net.config.probes_max);
	assert_int_equal(net.arrivals.places[o->probe], 0);
	net.sent[o->probe] = *o;
	net.probes[o->prefix][o->method]++;
	net.asked[o->target]++;
	if (net.unsent[o->prefix])
		engine_unsent(net.engine, o->probe, net.now_us);
	else if (net.refused[o->prefix])
		engine_failure(net.engine, o->probe, net.failure, net.now_us);
	else if (!is_lost(o))
		heap_set(&net.arrivals, o->probe, net.now_us + net.rtt_us[o->prefix]);
}

/* Another list, or the first one; what is under way is lost. */
static inline void list_load(void)
{
	heap_clear(&net.arrivals);
	engine_load(net.engine, net.entries, net.count, net.now_us);
}

static inline void arrivals_deliver(void)
{
	const struct heap_item *arrival;

	while ((arrival = heap_top(&net.arrivals)) && arrival->time_us <= net.now_us) {
		uint32_t probe = arrival->id;
		heap_remove(&net.arrivals, probe);
		engine_answer(net.engine, probe, net.now_us);
	}
}

static inline void run_for(uint64_t duration_us)
{
	uint64_t end = net.now_us + duration_us;
	const struct heap_item *arrival;
	struct engine_order order;

	if (!net.engine) {
		net.engine = engine_new(&net.config);
		assert_non_null(net.engine);
		list_load();
	}
	for (;;) {
		while ((order = engine_next(net.engine, net.now_us)).kind != ORDER_IDLE)
			order_obey(&order);
		net.changes += engine_review(net.engine, net.now_us);
		uint64_t next = engine_due(net.engine, net.now_us);
		if ((arrival = heap_top(&net.arrivals)) && arrival->time_us < next)
			next = arrival->time_us;
		if (next > end)
			break;
		if (next > net.now_us) /* after a stall it is not */
			net.now_us = next;
		arrivals_deliver();
	}
	net.now_us = end;
}

static inline struct engine_prefix view_of(uint32_t prefix)
{
	struct engine_prefix view;

	engine_prefix(net.engine, prefix, net.now_us, &view);
	return view;
}

static inline struct engine_channel channel_view(uint32_t prefix, unsigned method)
{
	struct engine_channel view;

	engine_channel(net.engine, prefix, method, &view);
	return view;
}

static inline struct engine_summary summary_view(void)
{
	struct engine_summary summary;

	engine_summary(net.engine, net.now_us, &summary);
	return summary;
}

static inline bool is_up(uint32_t prefix)
{
	return view_of(prefix).state == PREFIX_UP;
}

static inline void prefix_set_dead(uint32_t prefix, bool dead)
{
	for (unsigned m = 0; m < METHODS_MAX; m++)
		net.dead[prefix][m] = dead;
}

/* Down, and so long ago that only what follows counts. */
static inline void prefix_kill(uint32_t prefix)
{
	prefix_set_dead(prefix, true);
	run_for(10 * SECOND_US);
	assert_int_equal(view_of(prefix).state, PREFIX_DOWN);
}

static inline unsigned probes_of(uint32_t prefix)
{
	return net.probes[prefix][DNS] + net.probes[prefix][TCP];
}

static inline unsigned probes_all(void)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < PREFIXES; i++)
		sum += probes_of(i);
	return sum;
}

#define NETWORK(test) cmocka_unit_test_setup_teardown(test, network_open, network_close)

#endif
