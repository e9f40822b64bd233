/* A failure counts only if a control probe, through another prefix, was answered. */
#include "engine_fixture.h"

#include <math.h>

/* Runs in small steps; returns the most evidence that any prefix had by the method meanwhile. */
static double most_evidence(unsigned method, uint64_t duration_us)
{
	double most = 0;

	for (uint64_t end = net.now_us + duration_us; net.now_us < end;) {
		run_for(100 * MS_US);
		for (uint32_t i = 0; i < net.count; i++)
			most = fmax(most, evidence_of(i, method));
	}
	return most;
}

TEST_THAT(a_failure_whose_control_was_answered_counts)
{
	net.config.methods = 1;
	run_for(60 * SECOND_US);

	net.lose[3] = 1;

	assert_true(most_evidence(DNS, 10 * SECOND_US) > 0);
}

TEST_THAT(a_dead_target_counts_against_no_prefix_and_is_told_until_it_answers_again)
{
	net.config.targets[DNS] = net.config.targets[TCP] = 3;
	run_for(600 * SECOND_US);

	net.target_dead[1] = true;
	assert_true(most_evidence(DNS, 300 * SECOND_US) <= 0);
	assert_int_equal(net.downs.count, 0);
	assert_true(channel_view(0, DNS).failures > 20);
	assert_int_equal(prefix_view(0).lost[DNS], 0);
	assert_false(engine_target_alive(net.engine, DNS, 1));
	assert_true(engine_target_alive(net.engine, DNS, 2));

	net.target_dead[1] = false;
	run_for(60 * SECOND_US);
	assert_true(engine_target_alive(net.engine, DNS, 1));
}

TEST_THAT(an_error_of_this_host_counts_only_where_other_prefixes_do_not_get_it)
{
	run_for(60 * SECOND_US);
	net.failure = FAILURE_LOCAL;

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.fails[i] = true;
	run_for(60 * SECOND_US);
	assert_int_equal(net.downs.count, 0);
	assert_true(summary_view().silent);

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.fails[i] = i == 1;
	run_for(30 * SECOND_US);
	assert_int_equal(net.downs.count, 1);
	assert_int_equal(net.downs.last.prefix, 1);
	assert_int_equal(net.downs.last.failure, FAILURE_LOCAL);
}

/* Every other probe is answered by the only target: if those were controls, it would go down. */
TEST_THAT(a_lone_prefix_is_no_control_of_itself)
{
	net.count = 1;
	net.config.targets[DNS] = net.config.targets[TCP] = 1;
	run_for(60 * SECOND_US);

	net.lost_percent[0] = 50;

	assert_true(most_evidence(DNS, 300 * SECOND_US) <= 0);
	assert_true(channel_view(0, DNS).failures > 50);
	assert_int_equal(state_of(0), PREFIX_UP);
}

TEST_THAT(a_drained_prefix_is_a_control)
{
	net.count = 2;
	net.entries[1].drain = true;
	run_for(600 * SECOND_US);

	prefix_kill(0);

	assert_int_equal(net.downs.last.control, 1);
}

/* The uplink was down when they were sent, and no longer when the system sent them again. */
TEST_THAT(answers_to_retransmissions_are_no_controls)
{
	net.config.retransmit_us[TCP] = SECOND_US;
	run_for(600 * SECOND_US);

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.rtt_us[i] = SECOND_US + RTT_US + i * MS_US;

	assert_true(most_evidence(TCP, 3 * SECOND_US) <= 0);
}

/* As by a firewall on the way that stops UDP: nothing tells which prefix would work. */
TEST_THAT(a_method_that_no_prefix_answers_counts_against_none)
{
	run_for(60 * SECOND_US);

	method_filter(DNS);
	run_for(60 * SECOND_US);

	assert_int_equal(net.downs.count, 0);
	assert_true(summary_view().method_silent_us[DNS] > 50 * SECOND_US);
	assert_int_equal(summary_view().method_silent_us[TCP], 0);
	assert_false(summary_view().silent);
}

TEST_THAT(dead_targets_are_no_silence)
{
	net.count = 2;
	for (unsigned t = 1; t < TARGETS; t++)
		net.target_dead[t] = true;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 300; i++) {
		run_for(100 * MS_US);
		assert_int_equal(summary_view().method_silent_us[DNS], 0);
	}
}

TEST_THAT(probes_that_were_never_sent_say_nothing)
{
	run_for(60 * SECOND_US);
	uint64_t before = channel_view(2, DNS).probes;

	net.unsent[2] = true;
	run_for(600 * SECOND_US);

	assert_int_equal(state_of(2), PREFIX_UP);
	assert_in_range(channel_view(2, DNS).failures, 0, 1);
	assert_in_range(channel_view(2, DNS).probes, before, before + 1);
}

TEST_THAT(a_table_too_small_for_all_probes_blames_no_prefix)
{
	net.config.probes_max = 3;
	for (unsigned i = 0; i < PREFIXES; i++)
		net.rtt_us[i] = 250 * MS_US;

	net.lost_percent[0] = 5;
	run_for(3600 * SECOND_US);

	assert_int_equal(net.downs.count, 0);
	assert_true(summary_view().settled);
}

RUN_TESTS(network_open, network_close)
