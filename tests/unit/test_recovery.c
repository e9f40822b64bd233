/* Coming back: a run of answers that would have shown the loss, longer after each flap. */
#include "engine_fixture.h"

static uint64_t seconds_until_back(uint32_t prefix)
{
	prefix_set_dead(prefix, false);
	return prefix_await_up(prefix) / SECOND_US;
}

static void a_prefix_that_was_dead_needs_a_run_of_routine_answers(void **state)
{
	run_for(600 * SECOND_US);
	prefix_kill(3);
	unsigned before = net.probes[3][DNS];

	uint64_t seconds = seconds_until_back(3);

	assert_true(net.ups.last.run >= 3);
	assert_in_range(seconds, (net.ups.last.run - 1) * 2, net.ups.last.run * 2);
	assert_in_range(net.probes[3][DNS] - before, net.ups.last.run, net.ups.last.run + 2);
}

static void a_prefix_that_was_lossy_needs_a_longer_run(void **state)
{
	run_for(600 * SECOND_US);
	prefix_kill(3);
	seconds_until_back(3);
	uint32_t run_dead = net.ups.last.run;

	net.lost_percent[2] = 30;
	for (unsigned i = 0; state_of(2) == PREFIX_UP && i < 600; i++)
		run_for(SECOND_US);
	net.lost_percent[2] = 0;
	prefix_await_up(2);

	assert_int_equal(net.ups.last.prefix, 2);
	assert_true(net.ups.last.run > run_dead);
}

static void each_flap_doubles_the_run(void **state)
{
	uint64_t before = 0;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 5; i++) {
		prefix_kill(3);
		uint64_t seconds = seconds_until_back(3);
		if (i > 0)
			assert_in_range(seconds, before * 17 / 10, before * 25 / 10 + 2);
		before = seconds;
	}
}

static void a_run_is_never_longer_than_10_minutes(void **state)
{
	uint64_t seconds = 0;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 9; i++) {
		prefix_kill(3);
		seconds = seconds_until_back(3);
	}

	assert_in_range(seconds, 300, 603);
}

static void flaps_are_forgotten_after_an_hour(void **state)
{
	run_for(600 * SECOND_US);
	for (unsigned i = 0; i < 3; i++) {
		prefix_kill(3);
		seconds_until_back(3);
	}
	assert_int_equal(prefix_view(3).flaps, 3);

	run_for(HOUR_US + SECOND_US);

	assert_int_equal(prefix_view(3).flaps, 0);
}

static void a_failure_sets_a_returning_prefix_back(void **state)
{
	run_for(600 * SECOND_US);
	prefix_kill(3);
	uint64_t first = seconds_until_back(3);
	run_for(2 * HOUR_US);
	prefix_kill(3);
	prefix_set_dead(3, false);
	run_for((first - 2) * SECOND_US);

	prefix_set_dead(3, true);
	run_for(4 * SECOND_US);
	assert_int_equal(state_of(3), PREFIX_DOWN);

	assert_true(seconds_until_back(3) >= first - 2);
}

static void a_dead_uplink_brings_no_prefix_back(void **state)
{
	run_for(600 * SECOND_US);
	prefix_kill(3);

	net.uplink_down = true;
	run_for(600 * SECOND_US);
	net.uplink_down = false;
	run_for(30 * SECOND_US);

	assert_int_equal(state_of(3), PREFIX_DOWN);
}

/* What a set of too few costs is met by the choice, which fills it up. */
static void few_healthy_prefixes_hasten_no_verdict(void **state)
{
	run_for(600 * SECOND_US);
	prefix_kill(3);
	seconds_until_back(3);
	uint32_t run_many = net.ups.last.run;

	run_for(2 * HOUR_US);
	for (uint32_t i = 1; i < PREFIXES; i++)
		prefix_kill(i);
	seconds_until_back(3);

	assert_int_equal(net.ups.last.run, run_many);
}

static void a_returning_prefix_fills_a_set_up_before_it_is_up(void **state)
{
	net.count = 4;
	run_for(600 * SECOND_US);
	prefix_kill(1);
	prefix_kill(2);
	prefix_kill(3);
	run_for(60 * SECOND_US);
	assert_false(prefix_view(1).in_set);

	prefix_set_dead(1, false);
	for (unsigned i = 0; !prefix_view(1).in_set && i < 1000; i++)
		run_for(100 * MS_US);

	assert_int_equal(state_of(1), PREFIX_DOWN);
	assert_true(prefix_view(1).in_set && prefix_view(1).filler);
	assert_int_equal(engine_set(net.engine)->members[0], 0);
}

/* It was dead, and is back but for some targets: a full round of all of them is to be answered. */
static void one_that_comes_back_in_part_stays_down(void **state)
{
	run_for(10 * MINUTE_US);
	prefix_kill(3);
	prefix_set_dead(3, false);
	for (unsigned t = 0; t < 5; t++)
		net.blocked[3][2 * t] = true;

	run_for(30 * MINUTE_US);

	assert_int_equal(state_of(3), PREFIX_DOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(a_prefix_that_was_dead_needs_a_run_of_routine_answers),
		NETWORK(a_prefix_that_was_lossy_needs_a_longer_run),
		NETWORK(each_flap_doubles_the_run),
		NETWORK(a_run_is_never_longer_than_10_minutes),
		NETWORK(flaps_are_forgotten_after_an_hour),
		NETWORK(a_failure_sets_a_returning_prefix_back),
		NETWORK(a_dead_uplink_brings_no_prefix_back),
		NETWORK(few_healthy_prefixes_hasten_no_verdict),
		NETWORK(a_returning_prefix_fills_a_set_up_before_it_is_up),
		NETWORK(one_that_comes_back_in_part_stays_down),
	};

	return cmocka_run_group_tests_name("recovery", tests, NULL, NULL);
}
