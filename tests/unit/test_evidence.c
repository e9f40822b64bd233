/* What takes a prefix down, and what does not. */
#include "engine_fixture.h"

#include <math.h>

static void a_prefix_is_up_once_each_method_was_answered(void **state)
{
	(void)state;
	net.dead[0][TCP] = true;

	run_for(500 * MS_US);

	assert_int_equal(view_of(0).state, PREFIX_NEW);
	assert_true(is_up(1));
	assert_false(summary_view().settled);
}

static void healthy_prefixes_are_settled_within_a_second(void **state)
{
	(void)state;

	run_for(SECOND_US);

	assert_true(summary_view().settled);
	assert_int_equal(net.up_count, 5);
	assert_int_equal(net.down_count, 0);
}

static void a_prefix_dead_from_the_start_is_settled_within_5_s(void **state)
{
	(void)state;
	prefix_set_dead(4, true);

	run_for(5 * SECOND_US);

	assert_true(summary_view().settled);
	assert_int_equal(view_of(4).state, PREFIX_DOWN);
	assert_int_equal(view_of(4).flaps, 0);
}

static void a_dead_prefix_goes_down_and_the_verdict_says_why(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	prefix_set_dead(3, true);
	run_for(4 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].prefix, 3);
	assert_int_equal(net.downs[0].cause, CAUSE_SILENCE);
	assert_int_equal(net.downs[0].failure, FAILURE_TIMEOUT);
	assert_true(net.downs[0].targets != 0 && net.downs[0].targets < 1ULL << TARGETS);
	assert_int_not_equal(net.downs[0].control, 3);
	assert_int_equal(view_of(3).failed_us, net.down_us);
	assert_int_equal(view_of(3).failure.cause, CAUSE_SILENCE);
	assert_int_equal(view_of(3).flaps, 1);
}

static void a_prefix_dead_by_one_method_goes_down_by_that(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	net.dead[2][TCP] = true;
	run_for(6 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].prefix, 2);
	assert_int_equal(net.downs[0].method, TCP);
}

/* Each channel is probed once within a second; then it takes a second and a half. */
static void a_refusal_is_a_failure_at_once_and_is_named(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	net.refused[1] = true;
	net.failure = FAILURE_RESET;
	run_for(3 * SECOND_US);

	assert_false(is_up(1));
	assert_int_equal(net.downs[0].failure, FAILURE_RESET);
}

static void an_error_of_this_host_is_the_prefixs_if_others_do_not_get_it(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	net.refused[1] = true;
	net.failure = FAILURE_LOCAL;
	run_for(4 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].failure, FAILURE_LOCAL);
}

static void an_error_that_all_get_counts_against_none(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.refused[i] = true;
	net.failure = FAILURE_LOCAL;
	run_for(600 * SECOND_US);

	assert_int_equal(net.down_count, 0);
	assert_true(summary_view().silent);
}

static void a_failure_at_a_dead_target_does_not_count(void **state)
{
	(void)state;
	net.config.targets[DNS] = net.config.targets[TCP] = 3;
	run_for(600 * SECOND_US);

	net.target_dead[1] = true;
	for (unsigned i = 0; i < 600; i++) {
		run_for(SECOND_US);
		assert_true(channel_view(0, DNS).evidence <= 0);
	}

	assert_int_equal(net.down_count, 0);
	assert_true(channel_view(0, DNS).failures > 50);
}

static void a_dead_uplink_counts_against_none(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 50; i++) {
		net.uplink_down = true;
		run_for(31 * SECOND_US + i * 37 * MS_US);
		net.uplink_down = false;
		run_for(20 * SECOND_US);
	}

	assert_int_equal(net.down_count, 0);
}

/* It falls silent at any moment of the timetable. */
static void an_outage_of_1400_ms_is_too_short_for_a_verdict(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);

	for (unsigned i = 0; i < 200; i++) {
		prefix_set_dead(i % 5, true);
		run_for(1400 * MS_US);
		prefix_set_dead(i % 5, false);
		run_for(20 * SECOND_US + i * 37 * MS_US);
	}

	assert_int_equal(net.down_count, 0);
}

static void an_outage_of_3_s_is_long_enough(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);

	for (unsigned i = 0; i < 5; i++) {
		prefix_set_dead(i, true);
		run_for(3300 * MS_US);
		assert_false(is_up(i));
		prefix_set_dead(i, false);
		run_for(60 * SECOND_US + i * 370 * MS_US);
	}
}

static void a_lone_prefix_is_never_found_dead(void **state)
{
	(void)state;
	net.count = 1;
	run_for(60 * SECOND_US);

	prefix_set_dead(0, true);
	run_for(600 * SECOND_US);

	assert_true(is_up(0));
}

/* Every other probe is answered by the only target: whose answers control it is all that saves it.
 */
static void a_prefix_is_no_control_of_itself(void **state)
{
	(void)state;
	net.count = 1;
	net.config.targets[DNS] = net.config.targets[TCP] = 1;
	run_for(60 * SECOND_US);

	net.lost_percent[0] = 50;
	for (unsigned i = 0; i < 600; i++) {
		run_for(SECOND_US);
		assert_true(channel_view(0, DNS).evidence <= 0);
	}

	assert_true(channel_view(0, DNS).failures > 100);
}

static void a_drained_prefix_is_a_control(void **state)
{
	(void)state;
	net.count = 2;
	net.entries[1].drain = true;
	run_for(600 * SECOND_US);

	prefix_set_dead(0, true);
	run_for(4 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].control, 1);
}

/* Runs until the channel's evidence has changed; returns by how much. */
static double evidence_change(uint32_t prefix, unsigned method)
{
	double before = channel_view(prefix, method).evidence, change = 0;

	for (unsigned i = 0; i < 10000 && !(change < 0 || change > 0); i++) {
		run_for(MS_US);
		change = channel_view(prefix, method).evidence - before;
	}
	return change;
}

/* What an answer in time takes off is less than a third of what a failure adds. */
static void a_late_answer_takes_its_failure_back(void **state)
{
	double counted = 0, change;
	(void)state;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = 700 * MS_US; /* beyond the timeout, until that has adapted */
	while ((change = evidence_change(4, DNS)) > 0)
		counted = change;

	assert_true(counted > 1);
	assert_true(change < -1);
	run_for(600 * SECOND_US);
	assert_int_equal(net.down_count, 0);
}

/* The system sends a lost SYN again after a second: what is answered then was lost all the same. */
static void an_answer_to_a_copy_takes_nothing_back(void **state)
{
	double counted = 0, change;
	(void)state;
	net.config.retransmit_us[TCP] = SECOND_US;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = SECOND_US + RTT_US;
	while ((change = evidence_change(4, TCP)) > 0)
		counted = change;
	net.rtt_us[4] = RTT_US;

	assert_true(counted > 1);
	assert_true(change > -0.5);
	run_for(600 * SECOND_US);
	assert_true(channel_view(4, TCP).evidence <= 0);
}

/* The uplink was down when they were sent, and no longer when the system sent them again. */
static void answers_to_copies_control_nothing(void **state)
{
	double most = 0;
	(void)state;
	net.config.retransmit_us[TCP] = SECOND_US;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 5; i++)
		net.rtt_us[i] = SECOND_US + RTT_US + i * MS_US;
	for (unsigned i = 0; i < 30; i++) {
		run_for(100 * MS_US);
		for (unsigned prefix = 0; prefix < 5; prefix++)
			most = fmax(most, channel_view(prefix, TCP).evidence);
	}

	assert_true(most <= 0);
}

static void evidence_is_never_below_zero(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	for (unsigned i = 0; i < 200; i++) {
		net.rtt_us[2] = i % 3 == 0 ? 900 * MS_US : RTT_US;
		run_for(330 * MS_US);
		assert_true(channel_view(2, DNS).evidence >= 0);
	}
}

static void a_host_that_slept_blames_no_prefix(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 100; i++) {
		run_for(3 * SECOND_US + i * 11 * MS_US);
		net.now_us += 60 * SECOND_US;
		heap_clear(&net.arrivals); /* what came meanwhile is lost */
	}
	run_for(10 * SECOND_US);

	assert_int_equal(net.down_count, 0);
}

static void a_probe_that_was_never_sent_says_nothing_and_is_not_counted(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	uint64_t before = channel_view(2, DNS).probes;

	net.unsent[2] = true;
	run_for(600 * SECOND_US);

	assert_int_equal(channel_view(2, DNS).failures, 0);
	assert_int_equal(channel_view(2, DNS).probes, before);
	assert_true(is_up(2));
}

static void too_few_sockets_blame_no_prefix(void **state)
{
	(void)state;
	net.config.probes_max = 3;
	for (unsigned i = 0; i < PREFIXES; i++)
		net.rtt_us[i] = 250 * MS_US;

	net.lost_percent[0] = 5;
	run_for(3600 * SECOND_US);

	assert_int_equal(net.down_count, 0);
	assert_true(summary_view().settled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(a_prefix_is_up_once_each_method_was_answered),
		NETWORK(healthy_prefixes_are_settled_within_a_second),
		NETWORK(a_prefix_dead_from_the_start_is_settled_within_5_s),
		NETWORK(a_dead_prefix_goes_down_and_the_verdict_says_why),
		NETWORK(a_prefix_dead_by_one_method_goes_down_by_that),
		NETWORK(a_refusal_is_a_failure_at_once_and_is_named),
		NETWORK(an_error_of_this_host_is_the_prefixs_if_others_do_not_get_it),
		NETWORK(an_error_that_all_get_counts_against_none),
		NETWORK(a_failure_at_a_dead_target_does_not_count),
		NETWORK(a_dead_uplink_counts_against_none),
		NETWORK(an_outage_of_1400_ms_is_too_short_for_a_verdict),
		NETWORK(an_outage_of_3_s_is_long_enough),
		NETWORK(a_lone_prefix_is_never_found_dead),
		NETWORK(a_prefix_is_no_control_of_itself),
		NETWORK(a_drained_prefix_is_a_control),
		NETWORK(a_late_answer_takes_its_failure_back),
		NETWORK(an_answer_to_a_copy_takes_nothing_back),
		NETWORK(answers_to_copies_control_nothing),
		NETWORK(evidence_is_never_below_zero),
		NETWORK(a_host_that_slept_blames_no_prefix),
		NETWORK(a_probe_that_was_never_sent_says_nothing_and_is_not_counted),
		NETWORK(too_few_sockets_blame_no_prefix),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
