/* Coming back: a run of answers that would have shown the loss, longer after each flap. */
#include "engine_fixture.h"

static uint64_t seconds_until_back(uint32_t prefix)
{
	prefix_set_dead(prefix, false);
	return prefix_await_up(prefix) / SECOND_US;
}

TEST_THAT(a_prefix_that_was_dead_needs_a_run_of_answers_to_routine_probes)
{
	run_for(600 * SECOND_US);
	prefix_kill(3);
	unsigned before = net.probes[3][DNS];

	uint64_t seconds = seconds_until_back(3);

	assert_true(net.ups.last.run >= 3);
	assert_in_range(seconds, (net.ups.last.run - 1) * 2, net.ups.last.run * 2);
	assert_in_range(net.probes[3][DNS] - before, net.ups.last.run, net.ups.last.run + 2);
}

TEST_THAT(a_prefix_that_was_lossy_needs_a_longer_run)
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

TEST_THAT(each_flap_within_an_hour_doubles_the_run_up_to_10_minutes)
{
	uint64_t before = 0, seconds = 0;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 9; i++) {
		prefix_kill(3);
		seconds = seconds_until_back(3);
		if (i > 0 && i < 5)
			assert_in_range(seconds, before * 17 / 10, before * 25 / 10 + 2);
		before = seconds;
	}
	assert_in_range(seconds, 300, 603);
	assert_true(prefix_view(3).flaps > 2);

	run_for(HOUR_US + SECOND_US);
	assert_int_equal(prefix_view(3).flaps, 0);
}

TEST_THAT(a_failure_sets_a_returning_prefix_back)
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

TEST_THAT(a_dead_uplink_brings_no_prefix_back)
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
TEST_THAT(few_healthy_prefixes_hasten_no_verdict)
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

TEST_THAT(a_returning_prefix_fills_a_set_up_before_it_is_up)
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
	assert_int_equal(set_view()->members[0], 0);
}

/*
 * One target answers at first. Then five are lost that the routine asks one after the other, so
 * that a run of answers follows that would do for a prefix that was simply dead.
 */
TEST_THAT(a_prefix_that_comes_back_in_part_stays_down)
{
	static const unsigned lost[] = {0, 5, 10, 2, 7};
	net.config.methods = 1;
	run_for(10 * MINUTE_US);
	prefix_kill(3);
	unsigned ups = net.ups.count;

	for (unsigned t = 0; t < TARGETS; t++)
		net.blocked[3][t] = t != 12;
	prefix_set_dead(3, false);
	run_for(TARGETS * INTERVAL_US);
	memset(net.blocked[3], 0, sizeof(net.blocked[3]));
	for (unsigned i = 0; i < COUNT(lost); i++)
		net.blocked[3][lost[i]] = true;
	run_for(30 * MINUTE_US);

	assert_int_equal(net.ups.count, ups);
}

RUN_TESTS(network_open, network_close)
