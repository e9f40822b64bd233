/*
 * A view of an engine that is played: its answers are what a test puts here. The linker takes these
 * functions in the place of the engine's own.
 */
#pragma once

#include "unit.h"

#include "capture.h"
#include "log.h"
#include "view/view.h"

#include <stdio.h>
#include <string.h>

#define PLAYED_MAX 400

struct played {
	struct engine_prefix prefixes[PLAYED_MAX];
	struct engine_channel channels[PLAYED_MAX][METHODS_MAX];
	struct engine_set set;
	struct engine_summary summary;
	bool dead[METHODS_MAX][TARGETS_MAX]; /* targets */
	unsigned reads;                      /* of prefixes */
};

static struct played played;
static struct prefix_entry entries[PLAYED_MAX]; /* 2001:db8:64:1::/96 and so on */
static struct engine_entry engine_entries[PLAYED_MAX];
static struct list list;
static struct options options;
static struct sockets sockets;
static struct output output;
static struct view view;

struct engine_prefix engine_prefix(const struct engine *engine, uint32_t prefix, uint64_t now_us)
{
	played.reads++;
	return played.prefixes[prefix];
}

struct engine_channel engine_channel(const struct engine *engine, uint32_t prefix, unsigned method)
{
	return played.channels[prefix][method];
}

struct engine_summary engine_summary(const struct engine *engine, uint64_t now_us)
{
	return played.summary;
}

const struct engine_set *engine_set(const struct engine *engine)
{
	return &played.set;
}

bool engine_target_alive(const struct engine *engine, unsigned method, unsigned target)
{
	return !played.dead[method][target];
}

static inline void list_number(size_t count)
{
	char prefix[PREFIX_STRLEN];

	list.files[0] = (struct prefix_file){entries, count};
	list.entries = engine_entries;
	for (uint32_t i = 0; i < count; i++) {
		snprintf(prefix, sizeof(prefix), "2001:db8:64:%x::/96", i + 1);
		entries[i] = (struct prefix_entry){.nth = i};
		assert_int_equal(prefix_parse(&entries[i].prefix, prefix), PREFIX_OK);
		engine_entries[i] = (struct engine_entry){.was = ENGINE_NO_PREFIX};
	}
}

static inline void set_choose(const uint32_t *members, size_t count)
{
	for (uint32_t i = 0; i < PLAYED_MAX; i++)
		played.prefixes[i].in_set = false;
	played.set.count = output.set.count = count;
	for (size_t i = 0; i < count; i++) {
		played.set.members[i] = members[i];
		played.prefixes[members[i]].in_set = true;
		output.set.prefixes[i] = entries[members[i]].prefix;
	}
}

/* So many prefixes, all up, and targets .1, .2 and so on of 192.0.2.0; the set is the first two. */
static inline void view_make(size_t prefixes, unsigned targets)
{
	char target[INET_ADDRSTRLEN];

	played = (struct played){.reads = 0};
	options = (struct options){.size = {2, 3}, .prefixes = "list"};
	for (unsigned i = 1; i <= targets; i++) {
		snprintf(target, sizeof(target), "192.0.2.%u", i);
		assert_null(targets_add(&options.targets, target));
	}
	list_number(prefixes);
	for (size_t i = 0; i < prefixes; i++)
		played.prefixes[i] = (struct engine_prefix){
			.state = PREFIX_UP,
			.srtt_us = 10000,
		};
	sockets = (struct sockets){.targets = &options.targets, .max = 64};
	output = (struct output){.lines = 0};
	set_choose((const uint32_t[]){0, 1}, 2);
	view = (struct view){
		.options = &options,
		.list = &list,
		.sockets = &sockets,
		.output = &output,
		.summary = {.prefixes = prefixes, .healthy = prefixes, .settled = true},
		.now_us = 1000 * SECOND_US,
	};
	view.summary.states[PREFIX_UP] = prefixes;
	played.summary = view.summary;
}

#define ASSERT_HOLDS(text, words)                                   \
	do {                                                        \
		if (!strstr(text, words))                           \
			fail_msg("not in it: %s\n%s", words, text); \
	} while (0)

#define ASSERT_LACKS(text, words)                               \
	do {                                                    \
		if (strstr(text, words))                        \
			fail_msg("in it: %s\n%s", words, text); \
	} while (0)
