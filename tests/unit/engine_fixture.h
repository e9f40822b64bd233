/*
 * An engine in a little network, for tests of what is told of it: a probe is answered after RTT_US,
 * unless its prefix or its target is dead, and only the test moves the clock.
 */
#ifndef NAT64HEALTH_ENGINE_FIXTURE_H
#define NAT64HEALTH_ENGINE_FIXTURE_H

#include "view/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RTT_US  20000ULL
#define FLIGHTS 256

static struct prefix_entry entries[8]; /* 2001:db8:64:1::/96 and so on */
static struct prefix_file file;
static struct targets targets;
static const struct report_names names = {&file, &targets, 2};
static struct engine *engine;
static void (*listener)(const struct verdict *verdict);
static bool dead[COUNT(entries)], dead_target[TARGETS_MAX];
static uint64_t answers_us[FLIGHTS]; /* when a flight is answered; 0: never */
static uint64_t now_us;

static inline void verdict_pass(void *context, const struct verdict *verdict)
{
	(void)context;
	if (listener)
		listener(verdict);
}

/* The list is file's; prefix i of it was prefix was[i] of the one before, NULL: none was there. */
static inline void list_load(const uint32_t *was)
{
	struct engine_entry *list = calloc(file.count, sizeof(*list));

	assert_non_null(list);
	for (uint32_t i = 0; i < file.count; i++)
		list[i] = (struct engine_entry){
			.tier = file.entries[i].tier,
			.drain = file.entries[i].drain,
			.was = was ? was[i] : ENGINE_NO_PREFIX,
		};
	memset(answers_us, 0, sizeof(answers_us));
	engine_load(engine, list, file.count, now_us);
	free(list);
}

static inline void fixture_open(void)
{
	struct engine_config config = {
		.methods = targets.methods,
		.interval_us = 2 * SECOND_US,
		.set_min = 2,
		.set_max = 3,
		.slack_us = 50000,
		.prefixes_max = file.count,
		.probes_max = FLIGHTS,
		.on_verdict = verdict_pass,
	};

	for (unsigned m = 0; m < targets.methods; m++)
		config.targets[m] = targets.lists[m].count;
	engine = engine_new(&config);
	assert_non_null(engine);
	list_load(NULL);
}

/* Of so many prefixes, all in tier 0, and these targets. The engine is opened after it. */
static inline void network_make(size_t prefixes, const char *const *words, size_t count)
{
	char prefix[PREFIX_STRLEN];

	file = (struct prefix_file){.entries = entries, .count = prefixes};
	for (size_t i = 0; i < prefixes; i++) {
		snprintf(prefix, sizeof(prefix), "2001:db8:64:%zu::/96", i + 1);
		entries[i] = (struct prefix_entry){.tier = 0};
		assert_int_equal(prefix_parse(&entries[i].prefix, prefix), PREFIX_OK);
	}
	targets = (struct targets){0};
	for (size_t i = 0; i < count; i++)
		assert_null(targets_add(&targets, words[i]));
	memset(dead, 0, sizeof(dead));
	memset(dead_target, 0, sizeof(dead_target));
	now_us = 100 * SECOND_US;
}

/* Prefixes for which there is no room are dead. */
static inline void network_obey(const struct engine_order *order)
{
	bool answered = order->kind == ORDER_PROBE && order->prefix < COUNT(dead) &&
	                !dead[order->prefix] && !dead_target[order->target];

	answers_us[order->probe] = answered ? now_us + RTT_US : 0;
}

/* Half a round trip of it. */
static inline void network_step(void)
{
	struct engine_order order;

	while ((order = engine_next(engine, now_us)).kind != ORDER_IDLE)
		network_obey(&order);
	for (uint32_t i = 0; i < FLIGHTS; i++) {
		if (answers_us[i] == 0 || answers_us[i] > now_us)
			continue;
		answers_us[i] = 0;
		engine_answer(engine, i, now_us);
	}
	engine_review(engine, now_us);
	now_us += RTT_US / 2;
}

#endif
