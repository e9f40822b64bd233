/* Verdicts: what brings a prefix down, what it takes to come back, and what is told of it. */
#include "engine_fixture.h"

#include <math.h>

TEST_THAT(a_prefix_is_up_once_each_method_was_answered)
{
	net.dead[0][TCP] = true;

	run_for(500 * MS_US);

	assert_int_equal(state_of(0), PREFIX_NEW);
	assert_int_equal(state_of(1), PREFIX_UP);
}

TEST_THAT(a_method_that_no_prefix_answers_holds_neither_settling_nor_recovery_back)
{
	method_filter(DNS);

	run_for(5 * SECOND_US);
	assert_int_equal(summary_view().healthy, PREFIXES);
	assert_int_equal(net.changes, 1);

	net.dead[3][TCP] = true;
	run_for(30 * SECOND_US);
	assert_int_equal(state_of(3), PREFIX_DOWN);
	net.dead[3][TCP] = false;
	assert_true(prefix_await_up(3) < MINUTE_US);
}

/* Its first connection was lost, so that it is not up when the silence begins. */
TEST_THAT(a_prefix_that_is_silent_for_a_second_at_the_start_is_not_judged_for_it)
{
	net.dead[4][TCP] = true;
	run_for(400 * MS_US);

	prefix_set_dead(4, true);
	run_for(1100 * MS_US);
	prefix_set_dead(4, false);
	run_for(5 * SECOND_US);

	assert_int_equal(net.downs.count, 0);
	assert_int_equal(state_of(4), PREFIX_UP);
}

TEST_THAT(a_dead_prefix_goes_down_and_the_verdict_says_why)
{
	run_for(600 * SECOND_US);

	prefix_kill(3);

	const struct verdict *v = &net.downs.last;
	const struct engine_prefix view = prefix_view(3);
	assert_int_equal(net.downs.count, 1);
	assert_int_equal(v->prefix, 3);
	assert_int_equal(v->cause, CAUSE_SILENCE);
	assert_int_equal(v->failure, FAILURE_TIMEOUT);
	assert_true(v->targets != 0 && v->targets < 1ULL << TARGETS);
	assert_true(v->control < PREFIXES && v->control != 3);
	assert_int_equal(view.failed_us, net.downs.at_us);
	assert_int_equal(view.failure.targets, v->targets);
	assert_int_equal(view.flaps, 1);
}

TEST_THAT(a_prefix_dead_by_one_method_goes_down_by_that)
{
	run_for(600 * SECOND_US);

	net.dead[2][TCP] = true;
	run_for(30 * SECOND_US);

	assert_int_equal(net.downs.count, 1);
	assert_int_equal(net.downs.last.prefix, 2);
	assert_int_equal(net.downs.last.method, TCP);
}

TEST_THAT(a_reset_is_a_failure_at_once)
{
	net.rtt_us[1] = SECOND_US; /* a timeout would take longer */
	run_for(600 * SECOND_US);
	uint64_t before = channel_view(1, TCP).failures;

	net.failure = FAILURE_RESET;
	net.fails[1] = true;
	for (unsigned asked = net.probes[1][TCP]; net.probes[1][TCP] == asked;)
		run_for(MS_US);
	assert_true(channel_view(1, TCP).failures > before);

	run_for(30 * SECOND_US);
	assert_int_equal(state_of(1), PREFIX_DOWN);
	assert_int_equal(net.downs.last.failure, FAILURE_RESET);
}

/* At any moment of the timetable. */
TEST_THAT(an_outage_of_1400_ms_is_too_short_for_a_verdict)
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

TEST_THAT(a_lossy_prefix_goes_down)
{
	run_for(600 * SECOND_US);

	net.lost_percent[0] = 40;
	run_for(120 * SECOND_US);

	assert_true(net.downs.count > 0);
	assert_int_equal(net.downs.last.prefix, 0);
	assert_int_equal(net.downs.last.cause, CAUSE_LOSS);
	assert_true(net.downs.last.loss > 0.1 && net.downs.last.loss < 1);
}

/* Answers come later than they are waited for, but come. */
TEST_THAT(an_answer_that_is_late_takes_its_evidence_back)
{
	double up = 0, down = 0; /* the largest steps of the evidence */
	run_for(600 * SECOND_US);

	net.rtt_us[2] = 700 * MS_US; /* beyond the timeout, until that has adapted */
	for (uint64_t end = net.now_us + 5 * SECOND_US; net.now_us < end;) {
		double before = evidence_of(2, DNS);
		run_for(MS_US);
		up = fmax(up, evidence_of(2, DNS) - before);
		down = fmax(down, before - evidence_of(2, DNS));
	}
	run_for(60 * SECOND_US);

	assert_true(up > 0);
	assert_true(down >= up);
	assert_true(evidence_of(2, DNS) <= 0);
	assert_int_equal(net.downs.count, 0);
}

TEST_THAT(an_answer_is_listened_for_3_s_and_no_longer)
{
	run_for(600 * SECOND_US);

	net.rtt_us[4] = 2900 * MS_US;
	uint64_t before = channel_view(4, DNS).answers;
	run_for(5 * SECOND_US);
	assert_true(channel_view(4, DNS).answers > before);

	net.rtt_us[4] = 3100 * MS_US;
	run_for(4 * SECOND_US);
	before = channel_view(4, DNS).answers;
	run_for(5 * SECOND_US);
	assert_int_equal(channel_view(4, DNS).answers, before);
}

/* The system sends a lost SYN again after a second: what is answered then was lost all the same. */
TEST_THAT(answers_to_retransmissions_are_losses_and_measure_nothing)
{
	net.config.methods = 1;
	net.config.targets[0] = 1;
	net.config.retransmit_us[0] = SECOND_US;
	run_for(600 * SECOND_US);

	uint64_t answers = channel_view(4, 0).answers, failures = channel_view(4, 0).failures;

	net.rtt_us[4] = SECOND_US + RTT_US;
	run_for(3500 * MS_US);

	assert_true(channel_view(4, 0).answers > answers);
	assert_true(channel_view(4, 0).failures > failures);
	assert_true(evidence_of(4, 0) > 0);
	assert_in_range(prefix_view(4).srtt_us, RTT_US - 1, RTT_US + 1);
}

TEST_THAT(latency_is_the_median_of_round_trips)
{
	net.rtt_us[1] = 90 * MS_US;
	net.rtt_us[4] = 1500 * MS_US;

	run_for(120 * SECOND_US);

	assert_in_range(prefix_view(0).srtt_us, 39 * MS_US, 41 * MS_US);
	assert_in_range(prefix_view(1).srtt_us, 89 * MS_US, 91 * MS_US);
	assert_in_range(prefix_view(4).srtt_us, 1400 * MS_US, 1600 * MS_US);
}

RUN_TESTS(network_open, network_close)
