/* Loss: of a channel, of all alike, and what failures and answers say. */
#include "unit.h"

#include "rule/loss.h"

#include <math.h>

/* cmocka's own assertion of floats is not in every version. */
#define ASSERT_NEAR(value, wanted) assert_true(fabs((double)(value) - (wanted)) < 1e-6)

static void the_loss_of_about_a_hundred_probes_is_learnt(void **state)
{
	float share = 0;
	(void)state;

	for (unsigned i = 1; i <= 1000; i++)
		loss_learn(&share, i % 10 == 0);
	assert_true(share > 0.08F && share < 0.12F);
	for (unsigned i = 0; i < 500; i++)
		loss_learn(&share, false);
	assert_true(share < 0.005F);
}

static void one_failure_makes_no_loss_that_users_notice(void **state)
{
	float share = 0;
	(void)state;

	loss_learn(&share, true);

	assert_true(share > 0 && share < 0.01F);
}

static void a_failure_says_log_of_25_to_3_percent(void **state)
{
	(void)state;
	ASSERT_NEAR(loss_evidence_of_failure(0), log(0.25 / 0.03));
}

static void an_answer_says_less_than_an_eighth_of_that(void **state)
{
	(void)state;
	ASSERT_NEAR(loss_evidence_of_answer(), log(0.97 / 0.75));
	assert_true(loss_evidence_of_answer() < loss_evidence_of_failure(0) / 8);
}

static void a_failure_says_less_where_all_lose_and_never_nothing(void **state)
{
	(void)state;
	/* 30% lost by all: 1 - 0.7 * 0.75 against 1 - 0.7 * 0.97 */
	ASSERT_NEAR(loss_evidence_of_failure(0.3), log(0.475 / 0.321));
	assert_true(loss_evidence_of_failure(0.99) > 0);
	ASSERT_NEAR(loss_evidence_of_failure(1), 0);
}

static void common_loss_follows_control_probes(void **state)
{
	struct common_loss common = {0};
	uint64_t now_us = 100 * SECOND_US;
	(void)state;

	for (unsigned i = 0; i < 1000; i++, now_us += SECOND_US)
		common_loss_add(&common, i % 3 == 0, now_us);
	assert_true(common_loss_now(&common, now_us) > 0.2);
	assert_true(common_loss_now(&common, now_us) < 0.45);
	assert_true(common.steady > 0.28 && common.steady < 0.38);

	for (unsigned i = 0; i < 100; i++, now_us += SECOND_US)
		common_loss_add(&common, false, now_us);
	assert_true(common_loss_now(&common, now_us) < 0.001);
	assert_true(common_loss_max(&common, now_us) > 0.1);
}

static void what_was_lost_half_a_minute_ago_is_not_lost_now(void **state)
{
	struct common_loss common = {0};
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		common_loss_add(&common, true, 100 * SECOND_US);
	assert_true(common_loss_now(&common, 130 * SECOND_US) > 0.9);

	ASSERT_NEAR(common_loss_now(&common, 130 * SECOND_US + 1), 0);
	common_loss_add(&common, true, 131 * SECOND_US);
	assert_true(common_loss_now(&common, 131 * SECOND_US) < 0.1);
}

static void a_loss_is_more_if_it_is_a_tenth_beyond_and_thrice_what_all_lose(void **state)
{
	(void)state;
	assert_true(loss_is_more(0.11, 0.01));
	assert_false(loss_is_more(0.10, 0.01));
	assert_false(loss_is_more(0.35, 0.12));
	assert_true(loss_is_more(0.37, 0.12));
}

static void a_run_is_longer_the_smaller_the_loss_is(void **state)
{
	(void)state;
	assert_int_equal(loss_run(1), 1);
	assert_int_equal(loss_run(0.5), 6);
	assert_int_equal(loss_run(0.125), 30);
	assert_int_equal(loss_run(0), loss_run(0.01));
	/* A channel that loses a half gives it once in 64 times. */
	assert_true(pow(0.5, loss_run(0.5)) < 0.02);
}

static void a_failure_undoes_fewer_answers_where_all_lose(void **state)
{
	(void)state;
	assert_int_equal(loss_setback(0), 8);
	assert_int_equal(loss_setback(0.1), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loss_of_about_a_hundred_probes_is_learnt),
		cmocka_unit_test(one_failure_makes_no_loss_that_users_notice),
		cmocka_unit_test(a_failure_says_log_of_25_to_3_percent),
		cmocka_unit_test(an_answer_says_less_than_an_eighth_of_that),
		cmocka_unit_test(a_failure_says_less_where_all_lose_and_never_nothing),
		cmocka_unit_test(common_loss_follows_control_probes),
		cmocka_unit_test(what_was_lost_half_a_minute_ago_is_not_lost_now),
		cmocka_unit_test(a_loss_is_more_if_it_is_a_tenth_beyond_and_thrice_what_all_lose),
		cmocka_unit_test(a_run_is_longer_the_smaller_the_loss_is),
		cmocka_unit_test(a_failure_undoes_fewer_answers_where_all_lose),
	};

	return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
