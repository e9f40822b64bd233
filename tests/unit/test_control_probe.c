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

static void a_dead_target_is_told_until_it_answers_again(void **state)
{
	run_for(60 * SECOND_US);
	net.target_dead[1] = true;

	run_for(120 * SECOND_US);
	assert_false(engine_target_alive(net.engine, DNS, 1));
	assert_true(engine_target_alive(net.engine, DNS, 2));

	net.target_dead[1] = false;
	run_for(60 * SECOND_US);
	assert_true(engine_target_alive(net.engine, DNS, 1));
}

static void an_error_of_this_host_that_all_get_counts_against_none(void **state)
{
	run_for(60 * SECOND_US);

	net.failure = FAILURE_LOCAL;
	for (uint32_t i = 0; i < PREFIXES; i++)
		net.fails[i] = true;
	run_for(60 * SECOND_US);

	assert_int_equal(net.downs.count, 0);
	assert_true(summary_view().silent);
}

static void an_error_of_this_host_that_others_do_not_get_is_the_prefixs(void **state)
{
	run_for(60 * SECOND_US);

	net.failure = FAILURE_LOCAL;
	net.fails[1] = true;
	run_for(30 * SECOND_US);

	assert_int_equal(net.downs.count, 1);
	assert_int_equal(net.downs.last.prefix, 1);
	assert_int_equal(net.downs.last.failure, FAILURE_LOCAL);
}

/* Every other probe is answered by the only target: if those were controls, it would go down. */
static void a_prefix_is_no_control_of_itself(void **state)
{
	net.count = 1;
	net.config.targets[DNS] = net.config.targets[TCP] = 1;
	run_for(60 * SECOND_US);

	net.lost_percent[0] = 50;

	assert_true(most_evidence(DNS, 300 * SECOND_US) <= 0);
	assert_true(channel_view(0, DNS).failures > 50);
}

static void a_drained_prefix_is_a_control(void **state)
{
	net.count = 2;
	net.entries[1].drain = true;
	run_for(600 * SECOND_US);

	prefix_kill(0);

	assert_int_equal(net.downs.last.control, 1);
}

/* The uplink was down when they were sent, and no longer when the system sent them again. */
static void answers_to_retransmissions_are_no_controls(void **state)
{
	net.config.retransmit_us[TCP] = SECOND_US;
	run_for(600 * SECOND_US);

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.rtt_us[i] = SECOND_US + RTT_US + i * MS_US;

	assert_true(most_evidence(TCP, 3 * SECOND_US) <= 0);
}

/* As by a firewall on the way that stops UDP: nothing tells which prefix would work. */
static void a_method_that_no_prefix_answers_counts_against_none(void **state)
{
	run_for(60 * SECOND_US);

	for (uint32_t i = 0; i < PREFIXES; i++)
		net.dead[i][DNS] = true;
	run_for(60 * SECOND_US);

	assert_int_equal(net.downs.count, 0);
	assert_true(summary_view().method_silent_us[DNS] > 50 * SECOND_US);
	assert_int_equal(summary_view().method_silent_us[TCP], 0);
	assert_false(summary_view().silent);
}

static void dead_targets_are_no_silence(void **state)
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

static void probes_that_were_never_sent_say_nothing(void **state)
{
	run_for(60 * SECOND_US);
	uint64_t before = channel_view(2, DNS).probes;

	net.unsent[2] = true;
	run_for(600 * SECOND_US);

	assert_int_equal(state_of(2), PREFIX_UP);
	assert_in_range(channel_view(2, DNS).failures, 0, 1);
	assert_in_range(channel_view(2, DNS).probes, before, before + 1);
}

static void a_table_too_small_for_all_probes_blames_no_prefix(void **state)
{
	net.config.probes_max = 3;
	for (unsigned i = 0; i < PREFIXES; i++)
		net.rtt_us[i] = 250 * MS_US;

	net.lost_percent[0] = 5;
	run_for(3600 * SECOND_US);

	assert_int_equal(net.downs.count, 0);
	assert_true(summary_view().settled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(a_dead_target_is_told_until_it_answers_again),
		NETWORK(an_error_of_this_host_that_all_get_counts_against_none),
		NETWORK(an_error_of_this_host_that_others_do_not_get_is_the_prefixs),
		NETWORK(a_prefix_is_no_control_of_itself),
		NETWORK(a_drained_prefix_is_a_control),
		NETWORK(answers_to_retransmissions_are_no_controls),
		NETWORK(a_method_that_no_prefix_answers_counts_against_none),
		NETWORK(dead_targets_are_no_silence),
		NETWORK(probes_that_were_never_sent_say_nothing),
		NETWORK(a_table_too_small_for_all_probes_blames_no_prefix),
	};

	return cmocka_run_group_tests_name("control probes", tests, NULL, NULL);
}
