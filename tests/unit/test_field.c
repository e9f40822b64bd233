/* What was seen in real networks, in small: each is a row of the simulator, too. */
#include "engine_fixture.h"

/* At any moment of the timetable. */
static void an_outage_of_1400_ms_is_too_short_for_a_verdict(void **state)
{
	run_for(60 * SECOND_US);

	for (unsigned i = 0; i < 200; i++) {
		prefix_set_dead(i % PREFIXES, true);
		run_for(1400 * MS_US);
		prefix_set_dead(i % PREFIXES, false);
		run_for(20 * SECOND_US + i * 37 * MS_US);
	}

	assert_int_equal(net.downs.count, 0);
}

static void an_outage_of_3300_ms_is_long_enough(void **state)
{
	run_for(60 * SECOND_US);

	for (unsigned i = 0; i < PREFIXES; i++) {
		prefix_set_dead(i, true);
		run_for(3300 * MS_US);
		assert_int_equal(state_of(i), PREFIX_DOWN);
		prefix_set_dead(i, false);
		run_for(60 * SECOND_US + i * 370 * MS_US);
	}
}

/* Two prefixes: neither the shortage nor the loss makes verdicts come and go. */
static void half_lost_through_one_of_two_gives_few_verdicts(void **state)
{
	net.count = 2;
	run_for(60 * SECOND_US);

	net.lost_percent[1] = 50;
	run_for(HOUR_US);

	assert_in_range(net.downs.count, 1, 12);
}

static void a_prefix_that_loses_12_percent_is_out_of_the_set_in_ten_minutes(void **state)
{
	net.rtt_us[0] = 10 * MS_US; /* the fastest of all */
	run_for(120 * SECOND_US);
	assert_true(prefix_view(0).in_set);

	net.lost_percent[0] = 12;
	run_for(10 * MINUTE_US);

	assert_false(prefix_view(0).in_set);
}

static void a_member_whose_latency_jumps_is_replaced_within_20_s(void **state)
{
	run_for(10 * MINUTE_US);
	uint32_t member = engine_set(net.engine)->members[0];

	net.rtt_us[member] = 540 * MS_US;
	run_for(20 * SECOND_US);

	assert_false(prefix_view(member).in_set);
	assert_int_equal(state_of(member), PREFIX_UP);
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

/* The time that a prefix takes to come back after four flaps, while all lose so much. */
static uint64_t back_after_flaps_us(unsigned lost_percent)
{
	for (unsigned i = 0; i < PREFIXES; i++)
		net.lost_percent[i] = lost_percent;
	run_for(10 * MINUTE_US);
	for (unsigned i = 0; i < 4; i++) {
		if (i > 0)
			prefix_await_up(3);
		prefix_kill(3);
		prefix_set_dead(3, false);
	}
	return prefix_await_up(3);
}

static void where_all_lose_a_tenth_it_takes_no_more_than_thrice_as_long(void **state)
{
	uint64_t clean_us = back_after_flaps_us(0);
	network_close(NULL);
	network_open(NULL);

	uint64_t lossy_us = back_after_flaps_us(10);

	assert_true(lossy_us > clean_us && lossy_us < 3 * clean_us);
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
		NETWORK(an_outage_of_1400_ms_is_too_short_for_a_verdict),
		NETWORK(an_outage_of_3300_ms_is_long_enough),
		NETWORK(half_lost_through_one_of_two_gives_few_verdicts),
		NETWORK(a_prefix_that_loses_12_percent_is_out_of_the_set_in_ten_minutes),
		NETWORK(a_member_whose_latency_jumps_is_replaced_within_20_s),
		NETWORK(one_that_comes_back_in_part_stays_down),
		NETWORK(where_all_lose_a_tenth_it_takes_no_more_than_thrice_as_long),
		NETWORK(a_provider_that_dies_leaves_two_others_in_every_set),
		NETWORK(lists_swap_back_and_forth_without_a_trace_of_each_other),
		NETWORK(a_long_list_after_a_short_one_is_watched_like_any_other),
	};

	return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}
