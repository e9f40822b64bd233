/* From answers to the set: the first one, shortages, and another list. */
#include "engine_fixture.h"

#include <stdlib.h>

static const struct engine_set *set(void)
{
	return engine_set(net.engine);
}

static void the_first_set_comes_once_all_are_judged(void **state)
{
	(void)state;

	run_for(2 * SECOND_US);

	assert_int_equal(net.changes, 1);
	assert_int_equal(set()->count, 3);
	assert_int_equal(summary_view().supply, SUPPLY_ENOUGH);
}

static void a_member_that_dies_is_replaced_by_one_change(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	uint32_t member = set()->members[0];
	unsigned changes = net.changes;

	prefix_set_dead(member, true);
	run_for(4 * SECOND_US);

	assert_false(view_of(member).in_set);
	assert_int_equal(net.changes, changes + 1);
	assert_int_equal(set()->count, 3);
}

static void when_nothing_is_answered_the_set_stays(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	unsigned changes = net.changes;

	net.uplink_down = true;
	run_for(600 * SECOND_US);

	assert_int_equal(net.changes, changes);
	assert_int_equal(set()->count, 3);
	assert_int_equal(summary_view().healthy, 5);
}

/* A drained prefix goes on as a control, so that all others are found dead. */
static void while_none_is_healthy_the_set_stays(void **state)
{
	(void)state;
	net.count = 3;
	net.entries[2].drain = true;
	run_for(60 * SECOND_US);
	prefix_set_dead(0, true);
	prefix_set_dead(1, true);

	run_for(600 * SECOND_US);

	assert_int_equal(summary_view().healthy, 0);
	assert_int_equal(summary_view().supply, SUPPLY_NONE);
	assert_int_equal(set()->count, 2);
	assert_false(view_of(2).in_set);
}

static void tiers_and_drains_of_the_list_are_obeyed(void **state)
{
	(void)state;
	net.count = 4;
	net.entries[0].drain = true;
	net.entries[1].tier = 1;

	run_for(60 * SECOND_US);

	assert_int_equal(set()->count, 2);
	assert_true(view_of(2).in_set && view_of(3).in_set);
}

/* Six prefixes of three providers. */
static void a_provider_that_dies_leaves_two_others_in_every_set(void **state)
{
	(void)state;
	net.count = 6;
	for (uint32_t i = 0; i < 6; i++)
		net.entries[i].group = 1 + i / 2;
	run_for(120 * SECOND_US);

	for (uint32_t provider = 0; provider < 3; provider++) {
		for (uint32_t i = 0; i < 6; i++)
			prefix_set_dead(i, i / 2 == provider);
		for (unsigned i = 0; i < 40; i++) {
			run_for(100 * MS_US);
			unsigned alive = 0;
			for (size_t m = 0; m < set()->count; m++)
				alive += set()->members[m] / 2 != provider;
			assert_true(alive >= 2);
		}
		for (uint32_t i = 0; i < 6; i++)
			prefix_set_dead(i, false);
		run_for(200 * SECOND_US);
	}
}

static void a_start_while_one_of_five_works_gives_a_set_with_it_in_front(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		prefix_set_dead(i, i != 3);

	run_for(6 * SECOND_US);

	assert_int_equal(set()->count, 2);
	assert_int_equal(set()->members[0], 3);
	assert_true(view_of(set()->members[1]).filler);
	assert_int_equal(summary_view().supply, SUPPLY_SHORT);
}

static void a_start_while_none_works_gives_none_until_one_does(void **state)
{
	(void)state;
	net.uplink_down = true;
	run_for(60 * SECOND_US);
	assert_int_equal(set()->count, 0);
	assert_int_equal(summary_view().supply, SUPPLY_PENDING);

	net.uplink_down = false;
	run_for(5 * SECOND_US);

	assert_int_equal(set()->count, 3);
}

static void a_jump_of_latency_is_known_within_10_s(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	assert_in_range(view_of(1).srtt_us, 39 * MS_US, 41 * MS_US);

	net.rtt_us[1] = 540 * MS_US;
	run_for(10 * SECOND_US);
	assert_in_range(view_of(1).srtt_us, 400 * MS_US, 700 * MS_US);

	net.rtt_us[1] = RTT_US;
	run_for(30 * SECOND_US);
	assert_true(view_of(1).srtt_us < 200 * MS_US);
}

static void a_member_whose_latency_jumps_is_replaced_within_20_s(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	uint32_t member = set()->members[0];

	net.rtt_us[member] = 540 * MS_US;
	run_for(20 * SECOND_US);

	assert_false(view_of(member).in_set);
	assert_true(is_up(member));
}

/* Prefix i of the new list was this one of the old. */
static void list_change(const uint32_t *was, uint32_t count)
{
	bool dead[PREFIXES];

	for (uint32_t i = 0; i < PREFIXES; i++)
		dead[i] = net.dead[i][DNS];
	for (uint32_t i = 0; i < count; i++) {
		net.entries[i] = (struct engine_entry){.was = was[i]};
		prefix_set_dead(i, was[i] != ENGINE_NO_PREFIX && dead[was[i]]);
	}
	net.count = count;
	list_load();
}

static void another_list_keeps_what_was_known_of_a_prefix(void **state)
{
	(void)state;
	net.rtt_us[1] = 90 * MS_US;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	struct engine_prefix three = view_of(3), one = view_of(1);
	uint64_t probes = channel_view(1, DNS).probes;

	list_change((const uint32_t[]){3, 1}, 2);

	assert_int_equal(view_of(0).state, PREFIX_DOWN);
	assert_true(is_up(1));
	assert_true(summary_view().settled);
	assert_int_equal(view_of(0).flaps, 1);
	assert_int_equal(view_of(0).failed_us, three.failed_us);
	assert_int_equal(view_of(0).failure.prefix, 0);
	assert_int_equal(view_of(1).srtt_us, one.srtt_us);
	assert_int_equal(channel_view(1, DNS).probes, probes);
}

static void another_list_keeps_the_members_that_it_holds(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	uint32_t member = set()->members[1];
	unsigned changes = net.changes;

	list_change((const uint32_t[]){4, member, (member + 1) % 4, ENGINE_NO_PREFIX}, 4);
	assert_true(view_of(1).in_set);
	run_for(60 * SECOND_US);

	assert_true(view_of(1).in_set);
	assert_true(net.changes - changes <= 2);
}

static void in_a_shortage_a_member_that_is_not_listed_any_more_is_gone_at_once(void **state)
{
	(void)state;
	net.count = 4;
	for (uint32_t i = 0; i < 3; i++)
		prefix_set_dead(i, true);
	run_for(60 * SECOND_US);
	assert_int_equal(set()->count, 2);
	uint32_t filler = set()->members[1];
	uint32_t was[3], count = 0;
	for (uint32_t i = 0; i < 4; i++) {
		if (i != filler)
			was[count++] = i;
	}

	list_change(was, count);
	assert_true(engine_review(net.engine, net.now_us));

	assert_int_equal(set()->count, 2);
	assert_int_equal(was[set()->members[0]], 3);
	assert_true(view_of(set()->members[1]).filler);
}

static void a_doubt_goes_on_in_another_list(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_set_dead(2, true);
	run_for(1500 * MS_US);
	assert_true(is_up(2));

	list_change((const uint32_t[]){0, 1, 2, 3, 4}, 5);
	run_for(4 * SECOND_US);

	assert_int_equal(view_of(2).state, PREFIX_DOWN);
}

static void lists_swap_back_and_forth_without_a_trace_of_each_other(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	prefix_kill(4);

	for (unsigned i = 0; i < 10; i++) {
		list_change((const uint32_t[]){0, 1}, 2);
		run_for(5 * SECOND_US);
		list_change((const uint32_t[]){0, 1, ENGINE_NO_PREFIX, ENGINE_NO_PREFIX,
		                               ENGINE_NO_PREFIX},
		            5);
		assert_int_equal(view_of(4).state, PREFIX_NEW);
		assert_int_equal(view_of(4).failed_us, 0);
		run_for(5 * SECOND_US);
		assert_true(is_up(4));
	}
}

/* A list of two becomes one of thousands, half of which die: as fast as after a fresh start. */
static void a_long_list_after_a_short_one_is_watched_like_any_other(void **state)
{
	const uint32_t count = 2000;
	struct engine_entry *entries = calloc(count, sizeof(*entries));
	struct engine_order order;
	uint64_t died_us = 0;
	(void)state;
	net.config.prefixes_max = 16384;
	net.config.probes_max = 65536;
	net.config.on_verdict = NULL;
	net.engine = engine_new(&net.config);
	assert_non_null(net.engine);
	assert_non_null(entries);
	for (uint32_t i = 0; i < count; i++)
		entries[i].was = i < 2 ? i : ENGINE_NO_PREFIX;
	engine_load(net.engine, entries, 2, net.now_us);
	engine_load(net.engine, entries, count, net.now_us);

	for (; died_us == 0 || net.now_us < died_us + 6 * SECOND_US; net.now_us += 10 * MS_US) {
		while ((order = engine_next(net.engine, net.now_us)).kind != ORDER_IDLE) {
			if (order.kind == ORDER_PROBE && (died_us == 0 || order.prefix % 2 == 0))
				engine_answer(net.engine, order.probe, net.now_us);
		}
		engine_review(net.engine, net.now_us);
		if (died_us == 0 && summary_view().healthy == count)
			died_us = net.now_us;
	}

	assert_int_equal(summary_view().states[PREFIX_DOWN], count / 2);
	assert_int_equal(summary_view().healthy, count / 2);
	free(entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(the_first_set_comes_once_all_are_judged),
		NETWORK(a_member_that_dies_is_replaced_by_one_change),
		NETWORK(when_nothing_is_answered_the_set_stays),
		NETWORK(while_none_is_healthy_the_set_stays),
		NETWORK(tiers_and_drains_of_the_list_are_obeyed),
		NETWORK(a_provider_that_dies_leaves_two_others_in_every_set),
		NETWORK(a_start_while_one_of_five_works_gives_a_set_with_it_in_front),
		NETWORK(a_start_while_none_works_gives_none_until_one_does),
		NETWORK(a_jump_of_latency_is_known_within_10_s),
		NETWORK(a_member_whose_latency_jumps_is_replaced_within_20_s),
		NETWORK(another_list_keeps_what_was_known_of_a_prefix),
		NETWORK(another_list_keeps_the_members_that_it_holds),
		NETWORK(in_a_shortage_a_member_that_is_not_listed_any_more_is_gone_at_once),
		NETWORK(a_doubt_goes_on_in_another_list),
		NETWORK(lists_swap_back_and_forth_without_a_trace_of_each_other),
		NETWORK(a_long_list_after_a_short_one_is_watched_like_any_other),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
