/* Loss expected, weather, and what failures and answers say. */
#include "unit.h"

#include "rule/loss.h"

#include <math.h>

#define SECOND   1000000ULL
#define INTERVAL (2 * SECOND)

/* cmocka's own assertion of floats is not in every version. */
#define ASSERT_NEAR(value, wanted) assert_true(fabs((value) - (wanted)) < 1e-6)

static double learn(struct loss_history *history, struct loss_pair *pair, unsigned probes,
                    unsigned one_fails_in)
{
	for (unsigned i = 1; i <= probes; i++)
		loss_learn(history, pair, one_fails_in != 0 && i % one_fails_in == 0, INTERVAL);
	return loss_expected(history->share, pair);
}

static void before_anything_is_learnt_3_percent_are_expected(void **state)
{
	struct loss_history history;
	struct loss_pair pair = {0};
	(void)state;

	loss_history_init(&history);

	ASSERT_NEAR(loss_expected(history.share, &pair), 0.03);
}

static void what_is_expected_is_between_2_and_10_percent(void **state)
{
	struct loss_history clean, lossy;
	struct loss_pair pairs[2] = {{0}};
	(void)state;
	loss_history_init(&clean);
	loss_history_init(&lossy);

	ASSERT_NEAR(learn(&clean, &pairs[0], 10000, 0), 0.02);
	ASSERT_NEAR(learn(&lossy, &pairs[1], 10000, 5), 0.10);
}

static void the_loss_of_the_last_half_hour_is_learnt(void **state)
{
	struct loss_history history;
	struct loss_pair pair = {0};
	(void)state;
	loss_history_init(&history);

	learn(&history, &pair, 3600, 20);
	assert_true(history.share > 0.04 && history.share < 0.06);
	learn(&history, &pair, 5 * 900, 0);
	assert_true(history.share < 0.001);
}

static void a_few_failures_at_the_start_are_not_taken_for_a_history(void **state)
{
	struct loss_history history;
	struct loss_pair pair = {0};
	(void)state;
	loss_history_init(&history);

	loss_learn(&history, &pair, true, INTERVAL);

	assert_true(history.share > 0.03 && history.share < 0.1);
}

static void a_bad_pair_is_not_held_against_its_channel(void **state)
{
	struct loss_history history;
	struct loss_pair pair = {0};
	(void)state;
	loss_history_init(&history);

	learn(&history, &pair, 20, 1);
	assert_true(loss_pair_is_bad(&pair));
	double before = history.share;
	learn(&history, &pair, 1000, 1);

	ASSERT_NEAR(history.share, before);
	learn(&history, &pair, 100, 0);
	assert_false(loss_pair_is_bad(&pair));
}

static void a_failure_says_more_where_less_loss_is_expected(void **state)
{
	(void)state;
	ASSERT_NEAR(loss_evidence_of_failure(0.02, 0), log(0.25 / 0.02));
	ASSERT_NEAR(loss_evidence_of_failure(0.10, 0), log(0.25 / 0.10));
}

static void an_answer_says_little_of_a_loss_of_a_quarter(void **state)
{
	(void)state;
	ASSERT_NEAR(loss_evidence_of_answer(0.02), log(0.98 / 0.75));
	assert_true(loss_evidence_of_answer(0.02) < loss_evidence_of_failure(0.02, 0) / 5);
}

static void a_failure_says_less_in_bad_weather_and_never_nothing(void **state)
{
	(void)state;
	/* 30% lost by all: 1 - 0.7 * 0.75 against 1 - 0.7 * 0.98 */
	ASSERT_NEAR(loss_evidence_of_failure(0.02, 0.3), log(0.475 / 0.314));
	assert_true(loss_evidence_of_failure(0.10, 0.99) > 0);
	ASSERT_NEAR(loss_evidence_of_failure(0.10, 1), 0);
}

static void weather_follows_the_companions(void **state)
{
	struct loss_weather weather = {0};
	uint64_t now = 100 * SECOND;
	(void)state;

	for (unsigned i = 0; i < 100; i++, now += SECOND)
		loss_weather_add(&weather, i % 3 == 0, now);
	assert_true(loss_weather_now(&weather, now) > 0.2);
	assert_true(loss_weather_now(&weather, now) < 0.45);

	for (unsigned i = 0; i < 100; i++, now += SECOND)
		loss_weather_add(&weather, false, now);
	assert_true(loss_weather_now(&weather, now) < 0.001);
}

static void weather_nobody_looked_at_for_half_a_minute_is_forgotten(void **state)
{
	struct loss_weather weather = {0};
	(void)state;
	for (unsigned i = 0; i < 100; i++)
		loss_weather_add(&weather, true, 100 * SECOND);
	assert_true(loss_weather_now(&weather, 130 * SECOND) > 0.9);

	ASSERT_NEAR(loss_weather_now(&weather, 130 * SECOND + 1), 0);
	loss_weather_add(&weather, true, 131 * SECOND);
	assert_true(loss_weather_now(&weather, 131 * SECOND) < 0.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_anything_is_learnt_3_percent_are_expected),
		cmocka_unit_test(what_is_expected_is_between_2_and_10_percent),
		cmocka_unit_test(the_loss_of_the_last_half_hour_is_learnt),
		cmocka_unit_test(a_few_failures_at_the_start_are_not_taken_for_a_history),
		cmocka_unit_test(a_bad_pair_is_not_held_against_its_channel),
		cmocka_unit_test(a_failure_says_more_where_less_loss_is_expected),
		cmocka_unit_test(an_answer_says_little_of_a_loss_of_a_quarter),
		cmocka_unit_test(a_failure_says_less_in_bad_weather_and_never_nothing),
		cmocka_unit_test(weather_follows_the_companions),
		cmocka_unit_test(weather_nobody_looked_at_for_half_a_minute_is_forgotten),
	};

	return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}
