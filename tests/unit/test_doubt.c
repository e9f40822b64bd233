/* Doubt: what the first failure sets off, and what bounds it. */
#include "engine_fixture.h"

/* Runs until a probe of the channel has failed that was sent later than now. */
static void failure_await(uint32_t prefix, unsigned method)
{
	uint64_t before = channel_view(prefix, method).failures;

	for (unsigned i = 0; channel_view(prefix, method).failures == before; i++) {
		assert_true(i < 1000);
		run_for(10 * MS_US);
	}
}

TEST_THAT(a_failure_is_followed_by_fast_probes_until_it_is_explained)
{
	run_for(60 * SECOND_US);
	net.lose[1] = 2;
	failure_await(1, DNS);
	assert_true(prefix_view(1).doubt);
	unsigned before = probes_of(1);

	run_for(SECOND_US);
	assert_true(probes_of(1) - before >= 5);

	run_for(30 * SECOND_US);
	assert_false(prefix_view(1).doubt);
	before = probes_of(1);
	run_for(20 * SECOND_US);
	assert_int_equal(probes_of(1) - before, 20);
}

/* What killed one method has most often killed the prefix. */
TEST_THAT(a_failure_has_the_other_methods_asked_at_once)
{
	unsigned before = 0;
	run_for(60 * SECOND_US);

	net.dead[1][DNS] = true;
	for (uint64_t failures = channel_view(1, DNS).failures;
	     channel_view(1, DNS).failures == failures;) {
		before = net.probes[1][TCP];
		run_for(MS_US);
	}

	assert_int_equal(net.probes[1][TCP], before + 1);
}

/* Such a fault that is known costs no more probes than none. */
static void assert_only_routine_after(uint64_t known_us)
{
	run_for(known_us);
	unsigned before = probes_all();

	run_for(100 * SECOND_US);

	assert_int_equal(probes_all() - before, routine_probes(100 * SECOND_US));
}

TEST_THAT(a_dead_prefix_is_asked_no_more_often_than_a_healthy_one)
{
	run_for(600 * SECOND_US);
	prefix_kill(3);

	assert_only_routine_after(10 * SECOND_US);
}

TEST_THAT(a_dead_uplink_ends_fast_probes)
{
	run_for(60 * SECOND_US);
	net.uplink_down = true;

	assert_only_routine_after(5 * SECOND_US);
	assert_true(summary_view().silent);
}

TEST_THAT(a_method_that_no_prefix_answers_ends_its_own_fast_probes)
{
	run_for(60 * SECOND_US);
	method_filter(DNS);

	assert_only_routine_after(10 * SECOND_US);
}

TEST_THAT(a_dead_target_that_is_known_costs_no_more_probes)
{
	run_for(60 * SECOND_US);
	net.target_dead[1] = true;

	assert_only_routine_after(120 * SECOND_US);
}

TEST_THAT(a_lost_target_that_is_known_costs_no_more_probes)
{
	net.blocked[2][0] = true;

	assert_only_routine_after(600 * SECOND_US);
}

/* Whatever share it loses: it is cleared, or goes down. */
TEST_THAT(doubt_ends_within_30_s)
{
	uint64_t since = 0, longest = 0;
	run_for(600 * SECOND_US);

	for (unsigned percent = 5; percent <= 95; percent += 5) {
		net.lost_percent[2] = percent;
		for (unsigned i = 0; i < 1200; i++) {
			run_for(100 * MS_US);
			if (!prefix_view(2).doubt)
				since = net.now_us;
			if (net.now_us - since > longest)
				longest = net.now_us - since;
		}
		net.lost_percent[2] = 0;
		prefix_await_up(2);
		since = net.now_us;
	}

	assert_in_range(longest, SECOND_US, 30 * SECOND_US);
}

/*
 * Every channel is in doubt time and again, no doubt can end in a verdict, and it is chance which
 * of the prefixes loses more.
 */
TEST_THAT(where_all_lose_much_nothing_changes_and_fast_probes_are_rationed)
{
	run_for(600 * SECOND_US);
	unsigned before = probes_all(), changes = net.changes;

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.lost_percent[i] = 30;
	run_for(HOUR_US);

	assert_int_equal(net.downs.count, 0);
	assert_int_equal(net.changes, changes);
	assert_true(probes_all() - before < 7 * routine_probes(HOUR_US));
}

/* Most of a large list dies at once, with little left to tell them by. */
TEST_THAT(all_doubts_together_have_a_bound_on_their_probes)
{
	unsigned most = 0, unbounded = 0;
	net.count = 2000;
	run_for(60 * SECOND_US);
	prefix_set_dead(0, true);
	failure_await(0, DNS);
	unsigned alone = net.probes[0][DNS];
	run_for(SECOND_US);
	unbounded = (net.probes[0][DNS] - alone) * 2 * 1900;

	for (uint32_t i = 1; i < 1900; i++)
		prefix_set_dead(i, true);
	for (unsigned i = 0; i < 60; i++) {
		unsigned before = probes_all();
		run_for(SECOND_US);
		if (probes_all() - before > most)
			most = probes_all() - before;
	}

	assert_int_equal(summary_view().states[PREFIX_DOWN], 1900);
	assert_in_range(most, routine_probes(SECOND_US) + 100, unbounded / 2);
}

RUN_TESTS(network_open, network_close)
