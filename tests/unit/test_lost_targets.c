/* Targets that answer other prefixes and not this one: it goes last, or down. */
#include "engine_fixture.h"

static void targets_block(uint32_t prefix, unsigned targets)
{
	for (unsigned t = 0; t < TARGETS; t++)
		net.blocked[prefix][t] = t < targets;
}

TEST_THAT(a_target_that_is_lost_through_a_prefix_is_told_until_it_answers_again)
{
	run_for(60 * SECOND_US);

	net.blocked[2][4] = true;
	run_for(300 * SECOND_US);
	assert_int_equal(prefix_view(2).lost[DNS], 1 << 4);
	assert_int_equal(prefix_view(2).lost[TCP], 1 << 4);
	assert_int_equal(prefix_view(1).lost[DNS], 0);
	assert_true(engine_target_alive(net.engine, DNS, 4));

	net.blocked[2][4] = false;
	run_for(60 * SECOND_US);
	assert_int_equal(prefix_view(2).lost[DNS], 0);
	assert_int_equal(prefix_view(2).lost[TCP], 0);
}

TEST_THAT(a_prefix_that_lost_two_targets_of_13_stays_up_and_goes_last)
{
	net.count = 2;
	net.rtt_us[1] = RTT_US / 4;
	run_for(300 * SECOND_US);
	assert_int_equal(set_view()->members[0], 1);

	targets_block(1, 2);
	run_for(600 * SECOND_US);

	assert_int_equal(net.downs.count, 0);
	assert_int_equal(set_view()->count, 2);
	assert_int_equal(set_view()->members[1], 1);
}

TEST_THAT(a_prefix_that_lost_four_targets_of_13_is_down_until_they_answer_again)
{
	run_for(300 * SECOND_US);

	targets_block(2, 4);
	run_for(HOUR_US);
	assert_int_equal(net.downs.count, 1);
	assert_int_equal(net.downs.last.prefix, 2);
	assert_int_equal(net.downs.last.cause, CAUSE_TARGETS);
	assert_true(__builtin_popcountll(net.downs.last.targets) >= 2);
	assert_int_equal(net.downs.last.targets & ~0xfULL, 0);
	assert_int_equal(state_of(2), PREFIX_DOWN);

	targets_block(2, 0);
	uint64_t took = prefix_await_up(2);
	assert_true(took >= (TARGETS - 1) * INTERVAL_US); /* each was asked, and answered */
	assert_int_equal(prefix_view(2).lost[DNS], 0);
}

TEST_THAT(the_share_is_of_the_targets_that_answer_other_prefixes)
{
	for (unsigned t = 6; t < TARGETS; t++)
		net.target_dead[t] = true;
	run_for(300 * SECOND_US);

	targets_block(2, 2);
	run_for(300 * SECOND_US);

	assert_int_equal(net.downs.last.prefix, 2);
	assert_int_equal(state_of(2), PREFIX_DOWN);
}

TEST_THAT(a_prefix_with_a_lost_target_is_still_seen_to_die)
{
	net.blocked[2][0] = true;
	run_for(600 * SECOND_US);
	uint64_t other = prefix_kill(1);

	uint64_t took = prefix_kill(2);

	assert_true(took < other + 2 * INTERVAL_US);
}

/* There is nothing else to ask in doubt. */
TEST_THAT(a_lost_target_that_is_the_only_one_alive_is_asked_on)
{
	net.config.targets[DNS] = net.config.targets[TCP] = 2;
	run_for(60 * SECOND_US);

	net.blocked[2][0] = true;
	run_for(300 * SECOND_US);
	net.target_dead[1] = true;
	run_for(300 * SECOND_US);
	assert_int_equal(prefix_view(2).lost[DNS], 1);

	net.blocked[2][0] = false;
	run_for(60 * SECOND_US);
	assert_int_equal(prefix_view(2).lost[DNS], 0);
	assert_int_equal(state_of(2), PREFIX_UP);
}

RUN_TESTS(network_open, network_close)
