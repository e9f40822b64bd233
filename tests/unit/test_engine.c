/* Health and choice together: from answers to the set in force, and over a reload of the list. */
#include "engine_fixture.h"

static size_t set_count(void)
{
	return engine_set(net.engine)->count;
}

static void the_first_set_comes_once_every_prefix_has_answered(void **state)
{
	run_for(SECOND_US);

	assert_int_equal(net.changes, 1);
	assert_int_equal(set_count(), 3);
	assert_int_equal(summary_view().supply, SUPPLY_ENOUGH);
	assert_true(summary_view().settled);
	assert_int_equal(net.ups.count, PREFIXES);
	assert_int_equal(net.ups.last.cause, CAUSE_ANSWERS);
}

static void the_first_set_waits_for_a_prefix_that_did_not_answer_yet(void **state)
{
	prefix_set_dead(4, true);

	run_for(500 * MS_US);
	assert_int_equal(set_count(), 0);

	run_for(4500 * MS_US);
	assert_int_equal(set_count(), 3);
	assert_int_equal(state_of(4), PREFIX_DOWN);
	assert_int_equal(prefix_view(4).flaps, 0);
	assert_true(summary_view().settled);
}

static void with_fewer_healthy_than_min_the_first_set_is_filled_up(void **state)
{
	for (uint32_t i = 1; i < PREFIXES; i++)
		prefix_set_dead(i, true);

	run_for(500 * MS_US);
	assert_int_equal(summary_view().supply, SUPPLY_PENDING);
	run_for(5 * SECOND_US);

	assert_int_equal(set_count(), 2);
	assert_int_equal(engine_set(net.engine)->members[0], 0);
	assert_int_equal(summary_view().supply, SUPPLY_SHORT);
	assert_true(prefix_view(engine_set(net.engine)->members[1]).filler);
	assert_false(prefix_view(0).filler);
}

static void with_none_answered_there_is_no_first_set(void **state)
{
	net.uplink_down = true;

	run_for(HOUR_US);

	assert_int_equal(set_count(), 0);
	assert_int_equal(net.changes, 0);
}

static void a_member_that_dies_is_replaced_with_the_verdict(void **state)
{
	run_for(600 * SECOND_US);
	uint32_t member = engine_set(net.engine)->members[0];
	unsigned before = net.changes;

	prefix_kill(member);

	assert_false(prefix_view(member).in_set);
	assert_int_equal(set_count(), 3);
	assert_int_equal(net.changes, before + 1);
}

static void a_failing_prefix_that_is_not_a_member_changes_nothing(void **state)
{
	net.rtt_us[4] = 2 * RTT_US;
	run_for(600 * SECOND_US);
	unsigned before = net.changes;
	assert_false(prefix_view(4).in_set);

	prefix_kill(4);

	assert_int_equal(net.changes, before);
}

/* All at once, and none is left to tell it from a dead uplink. */
static void when_no_prefix_is_answered_the_set_stays(void **state)
{
	run_for(60 * SECOND_US);
	unsigned before = net.changes;

	for (uint32_t i = 0; i < PREFIXES; i++)
		prefix_set_dead(i, true);
	run_for(600 * SECOND_US);

	assert_int_equal(net.changes, before);
	assert_int_equal(set_count(), 3);
	assert_int_equal(summary_view().healthy, PREFIXES);
}

/* It is chance which of them loses more. */
static void while_all_lose_much_the_set_stays(void **state)
{
	run_for(600 * SECOND_US);
	unsigned before = net.changes;

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.lost_percent[i] = 30;
	run_for(HOUR_US);

	assert_int_equal(net.changes, before);
}

/* A drained prefix goes on as a control, so that all others are found dead. */
static void while_none_is_healthy_the_set_in_force_stays(void **state)
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
	assert_int_equal(set_count(), 2);
	assert_false(prefix_view(3).in_set);
}

static void tiers_and_drains_of_the_list_are_obeyed(void **state)
{
	net.count = 4;
	net.entries[0].drain = true;
	net.entries[1].tier = 1;
	net.rtt_us[0] = net.rtt_us[1] = RTT_US / 4;

	run_for(60 * SECOND_US);

	assert_int_equal(set_count(), 2);
	assert_true(prefix_view(2).in_set && prefix_view(3).in_set);
	assert_int_equal(summary_view().healthy, 3);
	assert_int_equal(summary_view().states[PREFIX_UP], 4);
}

/* As if the first line of the file were gone. */
static void first_entry_remove(void)
{
	net.count--;
	for (uint32_t i = 0; i < net.count; i++) {
		memcpy(net.dead[i], net.dead[i + 1], sizeof(net.dead[i]));
		net.rtt_us[i] = net.rtt_us[i + 1];
		net.entries[i].was = i + 1;
	}
	list_load();
}

static void a_reload_keeps_what_was_learnt(void **state)
{
	net.rtt_us[2] = 90 * MS_US;
	run_for(600 * SECOND_US);
	prefix_kill(1);
	const struct engine_prefix dead = prefix_view(1), slow = prefix_view(2);
	uint64_t probes = channel_view(2, DNS).probes;

	first_entry_remove();

	assert_int_equal(state_of(0), PREFIX_DOWN);
	assert_int_equal(prefix_view(0).failed_us, dead.failed_us);
	assert_int_equal(prefix_view(0).flaps, 1);
	assert_int_equal(prefix_view(0).failure.prefix, 0);
	assert_int_equal(state_of(1), PREFIX_UP);
	assert_int_equal(prefix_view(1).srtt_us, slow.srtt_us);
	assert_int_equal(channel_view(1, DNS).probes, probes);
	assert_true(summary_view().settled);
}

/* A new prefix is judged like any at a start, and one under way belongs to the old list. */
static void a_reload_amid_doubt_loses_no_verdict(void **state)
{
	run_for(600 * SECOND_US);
	prefix_set_dead(3, true);
	run_for(2 * SECOND_US);

	for (uint32_t i = 0; i < net.count; i++)
		net.entries[i].was = i;
	net.entries[4].was = ENGINE_NO_PREFIX;
	list_load();
	assert_int_equal(state_of(4), PREFIX_NEW);
	run_for(10 * SECOND_US);

	assert_int_equal(state_of(3), PREFIX_DOWN);
	assert_int_equal(state_of(4), PREFIX_UP);
}

/* Six prefixes of three providers. */
static void a_provider_that_dies_leaves_two_others_in_every_set(void **state)
{
	net.count = 6;
	for (uint32_t i = 0; i < 6; i++)
		net.entries[i].group = 1 + i / 2;
	run_for(120 * SECOND_US);

	for (uint32_t provider = 0; provider < 3; provider++) {
		for (uint32_t i = 0; i < 6; i++)
			prefix_set_dead(i, i / 2 == provider);
		for (unsigned i = 0; i < 40; i++) {
			const struct engine_set *set = engine_set(net.engine);
			unsigned alive = 0;
			run_for(100 * MS_US);
			for (size_t m = 0; m < set->count; m++)
				alive += set->members[m] / 2 != provider;
			assert_true(alive >= 2);
		}
		for (uint32_t i = 0; i < 6; i++)
			prefix_set_dead(i, false);
		run_for(200 * SECOND_US);
	}
}

/* Prefix i of the new list was this one of the old. */
static void list_change(const uint32_t *was, size_t count)
{
	for (size_t i = 0; i < count; i++)
		net.entries[i] = (struct engine_entry){.was = was[i]};
	net.count = count;
	list_load();
}

static void lists_swap_back_and_forth_without_a_trace_of_each_other(void **state)
{
	static const uint32_t few[] = {0, 1},
			      many[] = {0, 1, ENGINE_NO_PREFIX, ENGINE_NO_PREFIX, ENGINE_NO_PREFIX};
	run_for(60 * SECOND_US);
	prefix_kill(4);
	prefix_set_dead(4, false);

	for (unsigned i = 0; i < 10; i++) {
		list_change(few, COUNT(few));
		run_for(5 * SECOND_US);
		list_change(many, COUNT(many));
		assert_int_equal(state_of(4), PREFIX_NEW);
		assert_int_equal(prefix_view(4).failed_us, 0);
		run_for(5 * SECOND_US);
		assert_int_equal(state_of(4), PREFIX_UP);
	}
}

/* A list of two becomes one of 2,000, half of which die: as fast as after a fresh start. */
static void a_long_list_after_a_short_one_is_watched_like_any_other(void **state)
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(the_first_set_comes_once_every_prefix_has_answered),
		NETWORK(the_first_set_waits_for_a_prefix_that_did_not_answer_yet),
		NETWORK(with_fewer_healthy_than_min_the_first_set_is_filled_up),
		NETWORK(with_none_answered_there_is_no_first_set),
		NETWORK(a_member_that_dies_is_replaced_with_the_verdict),
		NETWORK(a_failing_prefix_that_is_not_a_member_changes_nothing),
		NETWORK(when_no_prefix_is_answered_the_set_stays),
		NETWORK(while_all_lose_much_the_set_stays),
		NETWORK(while_none_is_healthy_the_set_in_force_stays),
		NETWORK(tiers_and_drains_of_the_list_are_obeyed),
		NETWORK(a_reload_keeps_what_was_learnt),
		NETWORK(a_reload_amid_doubt_loses_no_verdict),
		NETWORK(a_provider_that_dies_leaves_two_others_in_every_set),
		NETWORK(lists_swap_back_and_forth_without_a_trace_of_each_other),
		NETWORK(a_long_list_after_a_short_one_is_watched_like_any_other),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
