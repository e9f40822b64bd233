/* Which probes are sent: the routine, doubts and their bounds, silence, lost targets. */
#include "engine_fixture.h"

static void routine_probes_are_spread_over_time_and_targets(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	memset(net.asked, 0, sizeof(net.asked));

	for (unsigned i = 0; i < TARGETS * 10; i++) {
		unsigned before = probes_all();
		run_for(INTERVAL / 10);
		assert_int_equal(probes_all() - before, 1);
	}
	for (unsigned t = 0; t < TARGETS; t++)
		assert_int_equal(net.asked[t], 10);
}

static void a_first_failure_is_followed_by_fast_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	prefix_set_dead(1, true);
	unsigned dns = net.probes[1][DNS], tcp = net.probes[1][TCP];

	run_for(1900 * MS_US);

	assert_true(net.probes[1][DNS] - dns >= 3);
	assert_true(net.probes[1][TCP] - tcp >= 3);
}

static void a_first_failure_has_the_other_methods_asked_at_once(void **state)
{
	unsigned before = 0;
	(void)state;
	run_for(60 * SECOND_US);

	net.dead[1][DNS] = true;
	while (channel_view(1, DNS).failures == 0) {
		before = net.probes[1][TCP];
		run_for(10 * MS_US);
	}

	assert_int_equal(net.probes[1][TCP], before + 1);
}

static void one_lost_probe_costs_few_more(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	unsigned before = probes_all();

	net.lose[1] = 1;
	run_for(100 * SECOND_US);

	assert_in_range(probes_all() - before, 501, 515);
	assert_int_equal(net.down_count, 0);
}

/* A tenth is too little for a verdict, and enough for a doubt without end. */
static void doubts_without_end_cost_no_more_than_the_routine_again(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	net.lost_percent[1] = 9;
	run_for(600 * SECOND_US);
	unsigned before = probes_of(1);

	run_for(3600 * SECOND_US);

	assert_true(probes_of(1) - before > 3600);
	assert_true(probes_of(1) - before < 3 * 3600);
}

static void a_dead_prefix_is_asked_no_more_often_than_a_healthy_one(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	unsigned before = probes_all();

	run_for(100 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 50);
}

static void a_dead_target_is_known_until_it_answers_again(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	net.target_dead[1] = true;

	run_for(120 * SECOND_US);
	assert_false(engine_target_alive(net.engine, DNS, 1));
	assert_true(engine_target_alive(net.engine, DNS, 2));

	net.target_dead[1] = false;
	run_for(60 * SECOND_US);
	assert_true(engine_target_alive(net.engine, DNS, 1));
}

static void a_known_dead_target_costs_no_more_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	net.target_dead[1] = true;
	run_for(120 * SECOND_US);
	unsigned before = probes_all();

	run_for(60 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 30);
}

static void a_target_that_only_one_prefix_loses_is_named_within_a_minute(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);

	net.lost[2][5] = true;
	run_for(60 * SECOND_US);

	assert_int_equal(view_of(2).lost[DNS], 1ULL << 5);
	assert_int_equal(view_of(2).lost[TCP], 1ULL << 5);
	assert_int_equal(view_of(1).lost[DNS], 0);
	assert_true(engine_target_alive(net.engine, DNS, 5));
	assert_true(is_up(2));
}

static void a_known_lost_target_costs_no_more_probes(void **state)
{
	(void)state;
	net.lost[2][5] = true;
	run_for(120 * SECOND_US);
	unsigned before = probes_all();

	run_for(60 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 30);
}

static void a_lost_target_that_answers_is_lost_no_more(void **state)
{
	(void)state;
	net.lost[2][5] = true;
	run_for(120 * SECOND_US);

	net.lost[2][5] = false;
	run_for(30 * SECOND_US);

	assert_int_equal(view_of(2).lost[DNS], 0);
}

static void silence_stops_fast_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	net.uplink_down = true;
	run_for(5 * SECOND_US);
	assert_true(summary_view().silent);
	unsigned before = probes_all();

	run_for(20 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 10);
}

/* As by a firewall on the way that stops UDP: it cannot be told whose fault it is. */
static void a_method_that_no_prefix_is_answered_by_stops_its_own_fast_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	for (uint32_t i = 0; i < 5; i++)
		net.dead[i][DNS] = true;
	run_for(10 * SECOND_US);
	assert_true(summary_view().method_silent_us[DNS] > 5 * SECOND_US);
	assert_int_equal(summary_view().method_silent_us[TCP], 0);
	assert_false(summary_view().silent);
	unsigned before = probes_all();

	run_for(20 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 10);
	assert_int_equal(net.down_count, 0);
}

static void nothing_is_in_doubt_by_a_method_that_is_silent(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);

	for (uint32_t i = 0; i < 5; i++)
		net.dead[i][DNS] = true;
	run_for(10 * SECOND_US);

	for (uint32_t i = 0; i < 5; i++)
		assert_false(view_of(i).doubt);
	assert_int_equal(engine_set(net.engine)->count, 3);
}

static void dead_targets_are_no_silence(void **state)
{
	(void)state;
	net.count = 2;
	for (unsigned t = 1; t < TARGETS; t++)
		net.target_dead[t] = true;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 300; i++) {
		run_for(100 * MS_US);
		assert_int_equal(summary_view().method_silent_us[DNS], 0);
	}
}

static void an_answer_is_listened_for_3_s_and_no_longer(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = 2900 * MS_US;
	uint64_t answers = channel_view(4, DNS).answers;
	run_for(5 * SECOND_US);
	assert_true(channel_view(4, DNS).answers > answers);

	net.rtt_us[4] = 3100 * MS_US;
	run_for(4 * SECOND_US);
	answers = channel_view(4, DNS).answers;
	run_for(5 * SECOND_US);
	assert_int_equal(channel_view(4, DNS).answers, answers);
}

/* With 13 targets, each of which would else have to be late once by itself. */
static void after_a_late_answer_all_targets_are_waited_for(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = 700 * MS_US;
	run_for(60 * SECOND_US);

	assert_in_range(channel_view(4, DNS).failures, 1, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(routine_probes_are_spread_over_time_and_targets),
		NETWORK(a_first_failure_is_followed_by_fast_probes),
		NETWORK(a_first_failure_has_the_other_methods_asked_at_once),
		NETWORK(one_lost_probe_costs_few_more),
		NETWORK(doubts_without_end_cost_no_more_than_the_routine_again),
		NETWORK(a_dead_prefix_is_asked_no_more_often_than_a_healthy_one),
		NETWORK(a_dead_target_is_known_until_it_answers_again),
		NETWORK(a_known_dead_target_costs_no_more_probes),
		NETWORK(a_target_that_only_one_prefix_loses_is_named_within_a_minute),
		NETWORK(a_known_lost_target_costs_no_more_probes),
		NETWORK(a_lost_target_that_answers_is_lost_no_more),
		NETWORK(silence_stops_fast_probes),
		NETWORK(a_method_that_no_prefix_is_answered_by_stops_its_own_fast_probes),
		NETWORK(nothing_is_in_doubt_by_a_method_that_is_silent),
		NETWORK(dead_targets_are_no_silence),
		NETWORK(an_answer_is_listened_for_3_s_and_no_longer),
		NETWORK(after_a_late_answer_all_targets_are_waited_for),
	};

	return cmocka_run_group_tests_name("doubt", tests, NULL, NULL);
}
