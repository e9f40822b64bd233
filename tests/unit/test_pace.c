/*
 * When the health rule sends its routine probes: spread evenly, and in pairs where they get dense.
 */
#include "unit.h"

#include "rule/health.h"

#define PREFIXES 10
#define START_US (1000 * SECOND_US)
#define FLIGHTS  64

/* The moments within a second, after the first, at which somebody is asked. Everybody answers. */
static unsigned moments_in_a_second(uint64_t interval_us, unsigned *probes)
{
	const struct health_config config = {
		.prefixes = PREFIXES,
		.methods = 1,
		.targets = {1},
		.interval_us = interval_us,
		.min = 2,
		.flights = FLIGHTS,
	};
	struct health *health = health_new(&config);
	struct health_order order;
	unsigned moments = 0;

	assert_non_null(health);
	health_load(health, NULL, config.prefixes, START_US);
	*probes = 0;
	for (uint64_t now = START_US; now < START_US + 2 * SECOND_US; now = health_due(health)) {
		unsigned sent = 0;
		while ((order = health_next(health, now)).kind == HEALTH_PROBE) {
			health_answer(health, order.flight, now);
			sent++;
		}
		if (now >= START_US + SECOND_US) {
			moments += sent > 0;
			*probes += sent;
		}
	}
	health_free(health);
	return moments;
}

static void dense_probes_go_out_in_pairs(void **state)
{
	unsigned probes;
	unsigned moments = moments_in_a_second(SECOND_US / 10, &probes);

	(void)state;
	assert_int_equal(probes, 100);
	assert_int_equal(moments, 50);
}

static void sparse_probes_go_out_one_by_one(void **state)
{
	unsigned probes;
	unsigned moments = moments_in_a_second(SECOND_US, &probes);

	(void)state;
	assert_int_equal(probes, 10);
	assert_int_equal(moments, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dense_probes_go_out_in_pairs),
		cmocka_unit_test(sparse_probes_go_out_one_by_one),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
