/*
 * In steady state, probes are spread evenly over time and targets: what the health rule orders is
 * counted, for small and large numbers of prefixes.
 */
#include "unit.h"

#include "rule/health.h"

#include <stdlib.h>

#define INTERVAL (2 * SECOND_US)
#define TARGETS  13
#define START_US 12345678
#define METHODS  2
#define WARM     (60 * SECOND_US)
#define ROUND    (TARGETS * INTERVAL) /* each channel has asked each target once */

struct probe {
	uint64_t at_us;
	unsigned target;
};

struct record {
	struct probe *probes;
	size_t count;
};

/* All probes of two rounds, after a minute; each is answered at once. */
static struct record record_probes(size_t prefixes)
{
	const struct health_config config = {
		.prefixes = prefixes,
		.methods = METHODS,
		.targets = {TARGETS, TARGETS},
		.interval_us = INTERVAL,
		.min = 2,
		.flights = prefixes * METHODS,
	};
	struct health *health = health_new(&config);
	size_t room = prefixes * METHODS * TARGETS * 2 + 1;
	struct record r = {.probes = calloc(room, sizeof(*r.probes))};

	assert_non_null(health);
	health_load(health, NULL, config.prefixes, START_US);
	assert_non_null(r.probes);
	uint64_t begin = START_US + WARM, end = begin + 2 * ROUND;
	for (uint64_t now = START_US; now < end; now = health_due(health)) {
		struct health_order order;
		while ((order = health_next(health, now)).kind == HEALTH_PROBE) {
			health_answer(health, order.flight, now);
			if (now < begin)
				continue;
			assert_true(r.count < room);
			r.probes[r.count++] = (struct probe){now, order.target};
		}
	}
	health_free(health);
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
	const struct record r = record_probes(prefixes);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes_of_5_prefixes_are_spread),
		cmocka_unit_test(probes_of_6_prefixes_are_spread),
		cmocka_unit_test(probes_of_100_prefixes_are_spread),
		cmocka_unit_test(probes_of_1000_prefixes_are_spread),
	};

	return cmocka_run_group_tests_name("spread", tests, NULL, NULL);
}
