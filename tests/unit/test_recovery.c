/* How a prefix comes back, and what delays it. */
#include "engine_fixture.h"

static double seconds_until_back(uint32_t prefix)
{
	uint64_t since_us = net.now_us;

	prefix_set_dead(prefix, false);
	for (unsigned i = 0; i < 14000 && !is_up(prefix); i++)
		run_for(100 * MS_US);
	assert_true(is_up(prefix));
	return (double)(net.up_us - since_us) / (double)SECOND_US;
}

static void a_returning_prefix_needs_a_run_of_answers(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);

	double seconds = seconds_until_back(3);

	assert_true(seconds > 8 && seconds < 11);
	assert_true(net.ups[(net.up_count - 1) % COUNT(net.ups)].run >= 5);
}

static void each_flap_doubles_the_run(void **state)
{
	double before = 0;
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 5; i++) {
		prefix_kill(3);
		double seconds = seconds_until_back(3);
		assert_true(i == 0 || (seconds > 1.7 * before && seconds < 2.3 * before));
		before = seconds;
	}
}

static void a_run_is_never_longer_than_10_minutes(void **state)
{
	double seconds = 0;
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 10; i++) {
		prefix_kill(3);
		seconds = seconds_until_back(3);
	}

	assert_true(seconds > 250 && seconds < 603);
	assert_int_equal(view_of(3).flaps, 8);
}

static void flaps_are_forgotten_after_an_hour(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	seconds_until_back(3);

	run_for(3601 * SECOND_US);

	assert_int_equal(view_of(3).flaps, 0);
}

static void a_failure_sets_a_returning_prefix_back(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	prefix_set_dead(3, false);
	run_for(7 * SECOND_US);

	prefix_set_dead(3, true);
	run_for(2 * SECOND_US);
	double seconds = seconds_until_back(3);

	assert_true(seconds > 7);
}

/* It was dead, and is back but for some targets: a full round of all of them is to be answered. */
static void one_that_fails_again_on_its_way_needs_a_full_round(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	prefix_set_dead(3, false);
	for (unsigned t = 0; t < 5; t++)
		net.lost[3][2 * t] = true;

	run_for(1800 * SECOND_US);

	assert_false(is_up(3));
}

/* Two of two and one of two are as far: a shortage hastens the choice, and not the verdict. */
static void a_shortage_does_not_hasten_the_verdict(void **state)
{
	(void)state;
	net.count = 2;
	run_for(600 * SECOND_US);
	prefix_kill(1);

	double seconds = seconds_until_back(1);

	assert_true(seconds > 8);
}

static void in_a_shortage_one_that_answers_again_is_in_the_set_before_it_is_up(void **state)
{
	(void)state;
	net.count = 3;
	run_for(600 * SECOND_US);
	prefix_kill(0);
	prefix_kill(1);
	assert_true(view_of(1).in_set && view_of(1).filler);

	prefix_set_dead(0, false);
	run_for(8 * SECOND_US);

	assert_false(is_up(0));
	assert_true(view_of(0).in_set && view_of(0).filler);
	assert_false(view_of(1).in_set);
}

/* Both flap four times, while all lose nothing or a tenth. */
static double seconds_back_at(unsigned lost_percent)
{
	for (unsigned i = 0; i < PREFIXES; i++)
		net.lost_percent[i] = lost_percent;
	run_for(600 * SECOND_US);
	for (unsigned i = 0; i < 3; i++) {
		prefix_kill(3);
		seconds_until_back(3);
	}
	prefix_kill(3);
	return seconds_until_back(3);
}

static void where_all_lose_a_tenth_it_takes_no_more_than_thrice_as_long(void **state)
{
	(void)state;
	double clean = seconds_back_at(0);
	network_close(NULL);
	network_open(NULL);

	double lossy = seconds_back_at(10);

	assert_true(lossy > clean && lossy < 3 * clean);
}

static void a_method_that_no_prefix_is_answered_by_holds_no_prefix_back(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	for (uint32_t i = 0; i < PREFIXES; i++)
		net.dead[i][TCP] = true;
	run_for(60 * SECOND_US);
	net.dead[2][DNS] = true;
	run_for(10 * SECOND_US);
	assert_int_equal(view_of(2).state, PREFIX_DOWN);

	net.dead[2][DNS] = false;
	run_for(12 * SECOND_US);

	assert_true(is_up(2));
}

static void a_method_that_is_filtered_from_the_start_holds_no_prefix_back(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < PREFIXES; i++)
		net.dead[i][TCP] = true;

	run_for(10 * SECOND_US);

	assert_true(summary_view().settled);
	assert_int_equal(summary_view().healthy, 5);
	assert_int_equal(engine_set(net.engine)->count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(a_returning_prefix_needs_a_run_of_answers),
		NETWORK(each_flap_doubles_the_run),
		NETWORK(a_run_is_never_longer_than_10_minutes),
		NETWORK(flaps_are_forgotten_after_an_hour),
		NETWORK(a_failure_sets_a_returning_prefix_back),
		NETWORK(one_that_fails_again_on_its_way_needs_a_full_round),
		NETWORK(a_shortage_does_not_hasten_the_verdict),
		NETWORK(in_a_shortage_one_that_answers_again_is_in_the_set_before_it_is_up),
		NETWORK(where_all_lose_a_tenth_it_takes_no_more_than_thrice_as_long),
		NETWORK(a_method_that_no_prefix_is_answered_by_holds_no_prefix_back),
		NETWORK(a_method_that_is_filtered_from_the_start_holds_no_prefix_back),
	};

	return cmocka_run_group_tests_name("recovery", tests, NULL, NULL);
}
