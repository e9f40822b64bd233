/* Round-trip times and timeouts: RFC 6298's arithmetic, and the bounds that probes put on it. */
#include "unit.h"

#include "rule/rtt.h"

#define MS 1000U

static void the_first_sample_sets_both(void **state)
{
	struct rtt rtt = {0};
	(void)state;

	rtt_measure(&rtt, 80 * MS);

	assert_int_equal(rtt.srtt_us, 80 * MS);
	assert_int_equal(rtt.rttvar_us, 40 * MS);
}

/* RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|, before SRTT = 7/8 SRTT + 1/8 R. */
static void later_samples_move_an_eighth_and_a_quarter(void **state)
{
	struct rtt rtt = {.srtt_us = 80 * MS, .rttvar_us = 40 * MS};
	(void)state;

	rtt_measure(&rtt, 160 * MS);
	assert_int_equal(rtt.rttvar_us, 50 * MS);
	assert_int_equal(rtt.srtt_us, 90 * MS);

	rtt_measure(&rtt, 10 * MS);
	assert_int_equal(rtt.rttvar_us, 57500);
	assert_int_equal(rtt.srtt_us, 80 * MS);
}

static void a_sample_of_nothing_is_still_a_sample(void **state)
{
	struct rtt rtt = {0};
	(void)state;

	rtt_measure(&rtt, 0);
	assert_int_equal(rtt.srtt_us, 1);
	for (unsigned i = 0; i < 100; i++)
		rtt_measure(&rtt, 0);
	assert_true(rtt.srtt_us > 0);
}

static void a_sample_counts_as_3_s_at_most(void **state)
{
	struct rtt rtt = {0};
	(void)state;

	rtt_measure(&rtt, UINT64_MAX);

	assert_int_equal(rtt.srtt_us, 3000 * MS);
}

static void with_nothing_known_the_timeout_is_1_s(void **state)
{
	(void)state;
	assert_int_equal(rtt_timeout_us(&(struct rtt_path){0}, &(struct rtt){0}), 1000 * MS);
}

static void the_timeout_is_srtt_and_four_times_rttvar(void **state)
{
	const struct rtt rtt = {.srtt_us = 300 * MS, .rttvar_us = 60 * MS};
	(void)state;

	assert_int_equal(rtt_timeout_us(&(struct rtt_path){0}, &rtt), 540 * MS);
}

static void a_target_not_measured_yet_is_waited_for_as_the_path_is(void **state)
{
	const struct rtt_path path = {.all = {.srtt_us = 400 * MS, .rttvar_us = 100 * MS}};
	const struct rtt own = {.srtt_us = 500 * MS, .rttvar_us = 100 * MS};
	(void)state;

	assert_int_equal(rtt_timeout_us(&path, &(struct rtt){0}), 800 * MS);
	assert_int_equal(rtt_timeout_us(&path, &own), 900 * MS);
}

static void a_steady_path_has_a_margin_of_100_ms(void **state)
{
	const struct rtt rtt = {.srtt_us = 400 * MS, .rttvar_us = 1};
	(void)state;

	assert_int_equal(rtt_timeout_us(&(struct rtt_path){0}, &rtt), 500 * MS);
}

static void the_timeout_is_between_300_ms_and_2_s(void **state)
{
	const struct rtt near = {.srtt_us = 1, .rttvar_us = 1};
	const struct rtt far = {.srtt_us = 3000 * MS, .rttvar_us = 3000 * MS};
	const struct rtt_path late = {.excess_us = UINT32_MAX};
	(void)state;

	assert_int_equal(rtt_timeout_us(&(struct rtt_path){0}, &near), 300 * MS);
	assert_int_equal(rtt_timeout_us(&(struct rtt_path){0}, &far), 2000 * MS);
	assert_int_equal(rtt_timeout_us(&late, &far), 2000 * MS);
}

static void a_path_that_became_slower_is_waited_for_at_every_target(void **state)
{
	struct rtt_path path = {0};
	struct rtt first = {0}, second = {0};
	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		rtt_learn(&path, &first, 100 * MS, false);
		rtt_learn(&path, &second, 100 * MS, false);
	}
	assert_int_equal(rtt_timeout_us(&path, &second), 300 * MS);

	rtt_learn(&path, &first, 700 * MS, false);

	assert_int_equal(path.excess_us, 600 * MS);
	assert_int_equal(rtt_timeout_us(&path, &second), 800 * MS);
}

static void the_excess_is_forgotten_while_answers_come_in_time(void **state)
{
	struct rtt_path path = {0};
	struct rtt target = {0};
	(void)state;
	rtt_learn(&path, &target, 100 * MS, false);
	rtt_learn(&path, &target, 900 * MS, false);
	uint32_t excess = path.excess_us;

	for (unsigned i = 0; i < 40; i++)
		rtt_learn(&path, &target, 100 * MS, false);

	assert_int_equal(excess, 800 * MS);
	assert_true(path.excess_us < 10 * MS);
}

static void an_answer_to_a_copy_measures_no_target(void **state)
{
	struct rtt_path path = {0};
	struct rtt target = {0};
	(void)state;
	rtt_learn(&path, &target, 100 * MS, false);

	assert_false(rtt_is_ambiguous(&path, 999 * MS, 1000 * MS));
	assert_true(rtt_is_ambiguous(&path, 1000 * MS, 1000 * MS));
	assert_false(rtt_is_ambiguous(&path, 1100 * MS, 0));
	rtt_learn(&path, &target, 1100 * MS, true);

	assert_int_equal(target.srtt_us, 100 * MS);
	assert_int_equal(target.rttvar_us, 50 * MS);
	assert_true(path.excess_us >= 900 * MS); /* should the path have become that slow */
}

static void where_every_answer_takes_as_long_it_is_taken_for_one(void **state)
{
	struct rtt_path path = {0};
	struct rtt target = {0};
	unsigned answers = 0;
	(void)state;
	rtt_learn(&path, &target, 100 * MS, false);

	for (; rtt_is_ambiguous(&path, 1200 * MS, 1000 * MS); answers++)
		rtt_learn(&path, &target, 1200 * MS, true);
	rtt_learn(&path, &target, 1200 * MS, false);

	assert_in_range(answers, 5, 20);
	assert_true(target.srtt_us > 200 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_to_a_copy_measures_no_target),
		cmocka_unit_test(where_every_answer_takes_as_long_it_is_taken_for_one),
		cmocka_unit_test(the_first_sample_sets_both),
		cmocka_unit_test(later_samples_move_an_eighth_and_a_quarter),
		cmocka_unit_test(a_sample_of_nothing_is_still_a_sample),
		cmocka_unit_test(a_sample_counts_as_3_s_at_most),
		cmocka_unit_test(with_nothing_known_the_timeout_is_1_s),
		cmocka_unit_test(the_timeout_is_srtt_and_four_times_rttvar),
		cmocka_unit_test(a_target_not_measured_yet_is_waited_for_as_the_path_is),
		cmocka_unit_test(a_steady_path_has_a_margin_of_100_ms),
		cmocka_unit_test(the_timeout_is_between_300_ms_and_2_s),
		cmocka_unit_test(a_path_that_became_slower_is_waited_for_at_every_target),
		cmocka_unit_test(the_excess_is_forgotten_while_answers_come_in_time),
	};

	return cmocka_run_group_tests_name("rtt", tests, NULL, NULL);
}
