/*
 * In steady state, probes are spread evenly over time and targets, and go out in pairs where they
 * get dense: what the engine orders is counted, for small and large numbers of prefixes.
 */
#include "unit.h"

#include "rule/engine.h"

#include <stdlib.h>

#define INTERVAL (2 * SECOND_US)
#define TARGETS  13
#define METHODS  2
#define WARM     (60 * SECOND_US)
#define ROUND    (TARGETS * INTERVAL) /* each channel has asked each target once */
#define START_US 12345678

struct probe {
	uint64_t at_us;
	uint32_t prefix;
	unsigned method, target;
};

struct record {
	struct probe *probes;
	size_t count;
};

/* All probes from begin to end; each is answered at once. */
static struct record record_probes(struct engine_config config, size_t prefixes, uint64_t begin,
                                   uint64_t end)
{
	struct engine_entry *entries = calloc(prefixes, sizeof(*entries));
	size_t room = prefixes * METHODS * ((end - begin) / config.interval_us + 2);
	struct record r = {.probes = calloc(room, sizeof(*r.probes))};

	config.set_min = config.set_max = 1;
	config.prefixes_max = prefixes;
	config.probes_max = prefixes * METHODS;
	struct engine *engine = engine_new(&config);
	assert_non_null(engine);
	assert_non_null(entries);
	assert_non_null(r.probes);
	engine_load(engine, entries, prefixes, START_US);
	for (uint64_t now = START_US; now < end; now = engine_due(engine, now)) {
		struct engine_order o;
		while ((o = engine_next(engine, now)).kind == ORDER_PROBE) {
			engine_answer(engine, o.probe, now);
			if (now < begin)
				continue;
			assert_true(r.count < room);
			r.probes[r.count++] = (struct probe){now, o.prefix, o.method, o.target};
		}
		engine_review(engine, now);
	}
	engine_free(engine);
	free(entries);
	return r;
}

/* The most probes within any window, to one target, or to all with TARGETS. */
static size_t busiest(const struct record *r, uint64_t window_us, unsigned target)
{
	size_t first = 0, inside = 0, most = 0;

	for (size_t i = 0; i < r->count; i++) {
		inside += target == TARGETS || r->probes[i].target == target;
		for (; r->probes[i].at_us - r->probes[first].at_us >= window_us; first++)
			inside -= target == TARGETS || r->probes[first].target == target;
		if (inside > most)
			most = inside;
	}
	return most;
}

/*
 * A second is half an interval, so that it would hold no more than twice the mean if all were sent
 * at once; a tenth of the interval holds one probe of 5 prefixes by two methods. A target is looked
 * at over an interval: with 5 prefixes its share is 0.77 probes, so that one is allowed and two are
 * not.
 */
static void assert_spread(size_t prefixes)
{
	const struct engine_config config = {
		.methods = METHODS, .targets = {TARGETS, TARGETS}, .interval_us = INTERVAL};
	const struct record r =
		record_probes(config, prefixes, START_US + WARM, START_US + WARM + 2 * ROUND);
	double mean = (double)(prefixes * METHODS) / (double)INTERVAL;

	assert_int_equal(r.count, prefixes * METHODS * TARGETS * 2);
	assert_true((double)busiest(&r, SECOND_US, TARGETS) <= 2 * mean * (double)SECOND_US);
	assert_true((double)busiest(&r, INTERVAL / 10, TARGETS) <=
	            2 * mean * (double)INTERVAL / 10);
	for (unsigned t = 0; t < TARGETS; t++) {
		double share = mean * (double)INTERVAL / TARGETS;
		size_t most = busiest(&r, INTERVAL, t);
		assert_true(most > 0 && (double)most <= 2 * share);
	}
	free(r.probes);
}

static void probes_of_5_prefixes_are_spread(void **state)
{
	(void)state;
	assert_spread(5);
}

static void probes_of_6_prefixes_are_spread(void **state)
{
	(void)state;
	assert_spread(6);
}

static void probes_of_100_prefixes_are_spread(void **state)
{
	(void)state;
	assert_spread(100);
}

static void probes_of_1000_prefixes_are_spread(void **state)
{
	(void)state;
	assert_spread(1000);
}

/* Whatever their numbers have in common. */
static void each_channel_asks_each_target_once_in_a_round(void **state)
{
	(void)state;
	for (size_t prefixes = 1; prefixes <= 12; prefixes++) {
		for (unsigned targets = 1; targets <= TARGETS; targets++) {
			const struct engine_config config = {.methods = METHODS,
			                                     .targets = {targets, targets},
			                                     .interval_us = INTERVAL};
			uint64_t begin = START_US + WARM, end = begin + targets * INTERVAL;
			const struct record r = record_probes(config, prefixes, begin, end);
			uint64_t asked[12][METHODS] = {{0}};
			assert_int_equal(r.count, prefixes * METHODS * targets);
			for (size_t i = 0; i < r.count; i++) {
				const struct probe *p = &r.probes[i];
				asked[p->prefix][p->method] |= 1ULL << p->target;
			}
			for (size_t i = 0; i < prefixes; i++)
				assert_int_equal(asked[i][0] & asked[i][1], (1ULL << targets) - 1);
			free(r.probes);
		}
	}
}

/* How many moments there are at which probes go out, within a second of 10 prefixes. */
static size_t moments_in_a_second(uint64_t interval_us, size_t *probes)
{
	const struct engine_config config = {
		.methods = 1, .targets = {1}, .interval_us = interval_us};
	const struct record r =
		record_probes(config, 10, START_US + SECOND_US, START_US + 2 * SECOND_US);
	size_t moments = 0;

	for (size_t i = 0; i < r.count; i++)
		moments += i == 0 || r.probes[i].at_us != r.probes[i - 1].at_us;
	*probes = r.count;
	free(r.probes);
	return moments;
}

static void dense_probes_go_out_in_pairs(void **state)
{
	size_t probes, moments = moments_in_a_second(SECOND_US / 10, &probes);
	(void)state;

	assert_int_equal(probes, 100);
	assert_int_equal(moments, 50);
}

static void sparse_probes_go_out_one_by_one(void **state)
{
	size_t probes, moments = moments_in_a_second(SECOND_US, &probes);
	(void)state;

	assert_int_equal(probes, 10);
	assert_int_equal(moments, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes_of_5_prefixes_are_spread),
		cmocka_unit_test(probes_of_6_prefixes_are_spread),
		cmocka_unit_test(probes_of_100_prefixes_are_spread),
		cmocka_unit_test(probes_of_1000_prefixes_are_spread),
		cmocka_unit_test(each_channel_asks_each_target_once_in_a_round),
		cmocka_unit_test(dense_probes_go_out_in_pairs),
		cmocka_unit_test(sparse_probes_go_out_one_by_one),
	};

	return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
