/* Health and choice together: from answers to the set in force, and over a reload of the list. */
#include "engine_fixture.h"

TEST_THAT(the_first_set_comes_once_every_prefix_has_answered)
{
	run_for(SECOND_US);

	assert_int_equal(net.changes, 1);
	assert_int_equal(set_view()->count, 3);
	assert_int_equal(summary_view().supply, SUPPLY_ENOUGH);
	assert_int_equal(net.ups.count, PREFIXES);
	assert_int_equal(net.ups.last.cause, CAUSE_ANSWERS);
}

TEST_THAT(the_first_set_waits_for_the_verdict_on_a_dead_prefix)
{
	prefix_set_dead(4, true);

	run_for(500 * MS_US);
	assert_false(summary_view().settled);
	assert_int_equal(set_view()->count, 0);

	run_for(4500 * MS_US);
	assert_true(summary_view().settled);
	assert_int_equal(set_view()->count, 3);
	assert_int_equal(state_of(4), PREFIX_DOWN);
	assert_int_equal(prefix_view(4).flaps, 0);
}

TEST_THAT(with_fewer_healthy_than_min_the_first_set_is_filled_up)
{
	for (uint32_t i = 1; i < PREFIXES; i++)
		prefix_set_dead(i, true);

	run_for(500 * MS_US);
	assert_int_equal(summary_view().supply, SUPPLY_PENDING);
	run_for(5 * SECOND_US);

	assert_int_equal(set_view()->count, 2);
	assert_int_equal(set_view()->members[0], 0);
	assert_int_equal(summary_view().supply, SUPPLY_SHORT);
	assert_true(prefix_view(set_view()->members[1]).filler);
	assert_false(prefix_view(0).filler);
}

TEST_THAT(with_none_answered_there_is_no_first_set)
{
	net.uplink_down = true;

	run_for(HOUR_US);

	assert_int_equal(set_view()->count, 0);
	assert_int_equal(net.changes, 0);
}

TEST_THAT(a_dead_prefix_is_replaced_with_the_verdict_if_it_is_a_member)
{
	net.rtt_us[4] = 2 * RTT_US;
	run_for(600 * SECOND_US);
	uint32_t member = set_view()->members[0];
	unsigned before = net.changes;

	prefix_kill(4);
	assert_int_equal(net.changes, before);

	prefix_kill(member);
	assert_false(prefix_view(member).in_set);
	assert_int_equal(set_view()->count, 3);
	assert_int_equal(net.changes, before + 1);
}

/* A drained prefix goes on as a control, so that all others are found dead. */
TEST_THAT(while_none_is_healthy_the_set_in_force_stays)
{
	net.count = 4;
	net.entries[3].drain = true;
	run_for(60 * SECOND_US);
	for (uint32_t i = 0; i < 3; i++)
		prefix_kill(i);
	assert_int_equal(summary_view().healthy, 0);
	assert_int_equal(summary_view().supply, SUPPLY_NONE);
	unsigned before = net.changes;

	run_for(600 * SECOND_US);

	assert_int_equal(net.changes, before);
	assert_int_equal(set_view()->count, 2);
	assert_false(prefix_view(3).in_set);
}

TEST_THAT(tiers_and_drains_of_the_list_are_obeyed)
{
	net.count = 4;
	net.entries[0].drain = true;
	net.entries[1].tier = 1;
	net.rtt_us[0] = net.rtt_us[1] = RTT_US / 4;

	run_for(60 * SECOND_US);

	assert_int_equal(set_view()->count, 2);
	assert_true(prefix_view(2).in_set && prefix_view(3).in_set);
	assert_int_equal(summary_view().healthy, 3);
	assert_int_equal(summary_view().states[PREFIX_UP], 4);
}

TEST_THAT(the_set_spans_the_groups_of_the_list)
{
	net.config.set_max = 2;
	for (uint32_t i = 0; i < PREFIXES; i++)
		net.entries[i].group = i == 3 ? 2 : 1;
	net.rtt_us[3] = 3 * RTT_US;

	run_for(60 * SECOND_US);

	assert_int_equal(set_view()->count, 2);
	assert_true(prefix_view(3).in_set);
}

/* Entry i of the new list was this one of the old, and goes on as that did. */
static void list_change(const uint32_t *was, size_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		net.entries[i] = (struct engine_entry){.was = was[i]};
		if (was[i] == ENGINE_NO_PREFIX)
			continue;
		memcpy(net.dead[i], net.dead[was[i]], sizeof(net.dead[i]));
		net.rtt_us[i] = net.rtt_us[was[i]];
	}
	net.count = count;
	list_load();
}

#define LIST_CHANGE(...) \
	list_change((const uint32_t[]){__VA_ARGS__}, COUNT(((const uint32_t[]){__VA_ARGS__})))

TEST_THAT(a_reload_keeps_what_was_learnt)
{
	net.rtt_us[2] = 90 * MS_US;
	run_for(600 * SECOND_US);
	prefix_kill(1);
	const struct engine_prefix dead = prefix_view(1), slow = prefix_view(2);
	uint64_t probes = channel_view(2, DNS).probes;

	LIST_CHANGE(1, 2, 3, 4);

	assert_int_equal(state_of(0), PREFIX_DOWN);
	assert_int_equal(prefix_view(0).failed_us, dead.failed_us);
	assert_int_equal(prefix_view(0).flaps, 1);
	assert_int_equal(prefix_view(0).failure.prefix, 0);
	assert_int_equal(state_of(1), PREFIX_UP);
	assert_int_equal(prefix_view(1).srtt_us, slow.srtt_us);
	assert_int_equal(channel_view(1, DNS).probes, probes);
	assert_true(summary_view().settled);
}

TEST_THAT(a_reload_keeps_the_members_that_are_still_listed)
{
	net.count = 4;
	prefix_set_dead(1, true);
	run_for(60 * SECOND_US);
	assert_true(prefix_view(0).in_set && prefix_view(2).in_set && prefix_view(3).in_set);

	LIST_CHANGE(1, 2, 3);
	assert_int_equal(set_view()->count, 2);
	assert_true(prefix_view(1).in_set && prefix_view(2).in_set);
	unsigned before = net.changes;
	run_for(60 * SECOND_US);

	assert_int_equal(set_view()->count, 2);
	assert_in_range(net.changes, before, before + 1);
}

TEST_THAT(after_a_reload_a_set_of_too_few_is_filled_up)
{
	net.count = 3;
	net.rtt_us[0] = RTT_US / 4;
	run_for(60 * SECOND_US);
	prefix_kill(2);
	assert_true(prefix_view(0).in_set && prefix_view(1).in_set);

	LIST_CHANGE(1, 2);
	run_for(5 * SECOND_US);

	assert_int_equal(set_view()->count, 2);
	assert_int_equal(set_view()->members[0], 0);
	assert_true(prefix_view(1).filler);
}

/* A new prefix is judged like any at a start, and one under way belongs to the old list. */
TEST_THAT(a_reload_amid_doubt_loses_no_verdict)
{
	run_for(600 * SECOND_US);
	prefix_set_dead(3, true);
	run_for(2 * SECOND_US);

	LIST_CHANGE(0, 1, 2, 3, ENGINE_NO_PREFIX);
	assert_int_equal(state_of(4), PREFIX_NEW);
	run_for(10 * SECOND_US);

	assert_int_equal(state_of(3), PREFIX_DOWN);
	assert_int_equal(state_of(4), PREFIX_UP);
}

TEST_THAT(lists_swap_back_and_forth_without_a_trace_of_each_other)
{
	run_for(60 * SECOND_US);
	prefix_kill(4);
	prefix_set_dead(4, false);

	for (unsigned i = 0; i < 10; i++) {
		LIST_CHANGE(0, 1);
		run_for(5 * SECOND_US);
		LIST_CHANGE(0, 1, ENGINE_NO_PREFIX, ENGINE_NO_PREFIX, ENGINE_NO_PREFIX);
		assert_int_equal(state_of(4), PREFIX_NEW);
		assert_int_equal(prefix_view(4).failed_us, 0);
		run_for(5 * SECOND_US);
		assert_int_equal(state_of(4), PREFIX_UP);
	}
}

/* A list of two becomes one of 2,000, half of which die: as fast as after a fresh start. */
TEST_THAT(a_long_list_after_a_short_one_is_watched_like_any_other)
{
	net.count = 2;
	run_for(10 * SECOND_US);
	net.count = PREFIXES_MAX;
	net.entries[0].was = 0;
	net.entries[1].was = 1;
	list_load();
	run_for(10 * SECOND_US);
	assert_int_equal(summary_view().healthy, PREFIXES_MAX);

	for (uint32_t i = 0; i < PREFIXES_MAX; i += 2)
		prefix_set_dead(i, true);
	run_for(6 * SECOND_US);

	assert_int_equal(summary_view().states[PREFIX_DOWN], PREFIXES_MAX / 2);
	assert_int_equal(summary_view().healthy, PREFIXES_MAX / 2);
}

RUN_TESTS(network_open, network_close)
