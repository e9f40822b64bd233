/* Partial failures: targets lost through one prefix, and loss of any kind. */
#include "engine_fixture.h"

static void targets_lose(uint32_t prefix, unsigned count)
{
	for (unsigned t = 0; t < TARGETS; t++)
		net.lost[prefix][t] = t < count;
}

static void assert_out_by_lost_targets(unsigned lost)
{
	run_for(60 * SECOND_US);

	targets_lose(1, lost);
	run_for(30 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].prefix, 1);
	assert_int_equal(net.downs[0].cause, CAUSE_TARGETS);
	run_for(3600 * SECOND_US);
	assert_false(is_up(1));
	targets_lose(1, 0);
	run_for(120 * SECOND_US);
	assert_true(is_up(1));
}

static void four_of_13_lost_take_a_prefix_down_until_they_answer(void **state)
{
	(void)state;
	assert_out_by_lost_targets(4);
	assert_int_equal(net.downs[0].targets, 0xf);
}

static void eight_of_13_lost_take_a_prefix_down_until_they_answer(void **state)
{
	(void)state;
	assert_out_by_lost_targets(8);
}

static void two_of_three_lost_take_a_prefix_down(void **state)
{
	(void)state;
	net.config.targets[DNS] = net.config.targets[TCP] = 3;
	assert_out_by_lost_targets(2);
}

static void three_of_13_lost_are_no_death_and_rank_it_last(void **state)
{
	(void)state;
	net.rtt_us[1] = 10 * MS_US; /* the fastest of all */
	run_for(120 * SECOND_US);
	assert_true(view_of(1).in_set);

	targets_lose(1, 3);
	run_for(60 * SECOND_US);

	assert_true(is_up(1));
	assert_false(view_of(1).in_set);
	run_for(3600 * SECOND_US);
	assert_int_equal(net.down_count, 0);
}

static void one_of_three_lost_is_no_death(void **state)
{
	(void)state;
	net.config.targets[DNS] = net.config.targets[TCP] = 3;
	run_for(60 * SECOND_US);

	targets_lose(1, 1);
	run_for(7200 * SECOND_US);

	assert_int_equal(net.down_count, 0);
	assert_false(view_of(1).in_set);
}

static void a_prefix_with_a_lost_target_is_still_seen_to_die(void **state)
{
	(void)state;
	net.config.targets[DNS] = net.config.targets[TCP] = 3;
	targets_lose(2, 1);
	run_for(7200 * SECOND_US);

	prefix_set_dead(2, true);
	run_for(8 * SECOND_US);

	assert_int_equal(net.down_count, 1);
}

static void targets_lost_through_all_prefixes_are_dead_and_count_against_none(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);

	for (unsigned t = 0; t < 6; t++)
		net.target_dead[t] = true;
	run_for(3600 * SECOND_US);

	assert_int_equal(net.down_count, 0);
}

static void a_prefix_that_loses_40_percent_goes_down_by_loss(void **state)
{
	(void)state;
	run_for(1200 * SECOND_US);

	net.lost_percent[0] = 40;
	run_for(60 * SECOND_US);

	assert_true(net.down_count > 0);
	assert_int_equal(net.downs[0].prefix, 0);
	assert_int_equal(net.downs[0].cause, CAUSE_LOSS);
	assert_true(net.downs[0].loss > 0.2 && net.downs[0].loss < 0.9);
	assert_true(net.downs[0].common_loss < 0.1);
}

static void a_prefix_that_loses_15_percent_is_out_of_the_set_in_ten_minutes(void **state)
{
	(void)state;
	net.rtt_us[0] = 10 * MS_US;
	run_for(120 * SECOND_US);
	assert_true(view_of(0).in_set);

	net.lost_percent[0] = 15;
	run_for(600 * SECOND_US);

	assert_false(view_of(0).in_set);
}

static void what_all_lose_alike_is_no_prefixs_fault(void **state)
{
	(void)state;
	run_for(1200 * SECOND_US);
	unsigned changes = net.changes;

	for (unsigned i = 0; i < PREFIXES; i++)
		net.lost_percent[i] = 30;
	run_for(600 * SECOND_US);

	assert_int_equal(net.down_count, 0);
	assert_int_equal(net.changes, changes);
}

static void loss_beyond_what_all_lose_is_told(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);

	net.lost_percent[3] = 7;
	run_for(600 * SECOND_US);

	assert_true(view_of(3).loss > 0.02);
	assert_true(view_of(2).loss < 0.02);
}

/* Two prefixes: neither a shortage nor the loss makes verdicts come and go. */
static void half_lost_through_one_of_two_gives_few_verdicts(void **state)
{
	(void)state;
	net.count = 2;
	run_for(60 * SECOND_US);

	net.lost_percent[1] = 50;
	run_for(3600 * SECOND_US);

	assert_in_range(net.down_count, 1, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(four_of_13_lost_take_a_prefix_down_until_they_answer),
		NETWORK(eight_of_13_lost_take_a_prefix_down_until_they_answer),
		NETWORK(two_of_three_lost_take_a_prefix_down),
		NETWORK(three_of_13_lost_are_no_death_and_rank_it_last),
		NETWORK(one_of_three_lost_is_no_death),
		NETWORK(a_prefix_with_a_lost_target_is_still_seen_to_die),
		NETWORK(targets_lost_through_all_prefixes_are_dead_and_count_against_none),
		NETWORK(a_prefix_that_loses_40_percent_goes_down_by_loss),
		NETWORK(a_prefix_that_loses_15_percent_is_out_of_the_set_in_ten_minutes),
		NETWORK(what_all_lose_alike_is_no_prefixs_fault),
		NETWORK(loss_beyond_what_all_lose_is_told),
		NETWORK(half_lost_through_one_of_two_gives_few_verdicts),
	};

	return cmocka_run_group_tests_name("partial", tests, NULL, NULL);
}
