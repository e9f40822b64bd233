/* Loss: what a channel loses, what all lose, and what failures and answers say of it. */
#include "unit.h"

#include "rule/loss.h"

#include <math.h>

#define START (100 * SECOND_US)

/* cmocka's own assertion of floats is not in every version. */
#define ASSERT_NEAR(value, wanted) assert_true(fabs((value) - (wanted)) < 1e-6)

/* One in so many control probes is lost (0: none), a second apart. Returns when it is over. */
static uint64_t common_learn(struct common_loss *common, unsigned probes, unsigned one_in,
                             uint64_t now_us)
{
	for (unsigned i = 1; i <= probes; i++, now_us += SECOND_US)
		common_loss_add(common, one_in != 0 && i % one_in == 0, now_us);
	return now_us;
}

TEST_THAT(a_channels_share_follows_what_it_loses_and_a_single_probe_is_little_of_it)
{
	float share = 0;

	loss_learn(&share, true);
	assert_true(share > 0 && share < 0.05F);
	for (unsigned i = 0; i < 2000; i++)
		loss_learn(&share, i % 5 == 0);
	assert_true(share > 0.15F && share < 0.25F);
	for (unsigned i = 0; i < 2000; i++)
		loss_learn(&share, false);
	assert_true(share < 0.001F);
}

/* Else the evidence would grow by itself, or never. */
TEST_THAT(evidence_falls_by_a_usual_loss_and_grows_by_a_bad_one)
{
	double failure = loss_evidence_of_failure(0), answer = loss_evidence_of_answer();

	assert_true(0.03 * failure - 0.97 * answer < 0);
	assert_true(0.25 * failure - 0.75 * answer > 0);
}

TEST_THAT(a_failure_says_less_the_more_all_lose)
{
	double before = loss_evidence_of_failure(0);

	for (unsigned percent = 10; percent < 100; percent += 10) {
		double evidence = loss_evidence_of_failure(percent / 100.0);
		assert_true(evidence < before);
		before = evidence;
		assert_true(before > 0);
	}
	ASSERT_NEAR(loss_evidence_of_failure(1), 0);
}

TEST_THAT(common_loss_follows_the_control_probes)
{
	struct common_loss common = {0};

	uint64_t now = common_learn(&common, 100, 3, START);
	assert_true(common_loss_now(&common, now) > 0.2);
	assert_true(common_loss_now(&common, now) < 0.5);

	now = common_learn(&common, 100, 0, now);
	assert_true(common_loss_now(&common, now) < 0.001);
}

TEST_THAT(a_storm_is_seen_at_once_and_remembered_for_longer)
{
	struct common_loss common = {0};

	uint64_t now = common_learn(&common, 12, 1, START);
	assert_true(common_loss_now(&common, now) > 0.5);

	now = common_learn(&common, 40, 0, now);
	assert_true(common_loss_max(&common, now) > 2 * common_loss_now(&common, now));
}

TEST_THAT(common_loss_that_was_not_measured_for_half_a_minute_is_none)
{
	struct common_loss common = {0};
	for (unsigned i = 0; i < 100; i++)
		common_loss_add(&common, true, START);
	assert_true(common_loss_now(&common, START + 30 * SECOND_US) > 0.9);

	ASSERT_NEAR(common_loss_now(&common, START + 30 * SECOND_US + 1), 0);
	common_loss_add(&common, true, START + 31 * SECOND_US);
	assert_true(common_loss_now(&common, START + 31 * SECOND_US) < 0.5);
}

TEST_THAT(loss_that_all_share_is_not_more_than_theirs)
{
	struct common_loss none = {0}, common = {0};
	common_learn(&common, 1000, 5, START);

	assert_true(loss_is_more(0.2, &none));
	assert_false(loss_is_more(0.2, &common));
	assert_true(loss_is_more(0.9, &common));
	assert_false(loss_is_more(0.01, &none));
}

/* The chance to see no failure in that many probes is 2%, and one probe less would not do. */
TEST_THAT(a_run_would_have_shown_the_loss)
{
	for (unsigned percent = 2; percent < 95; percent++) {
		double share = percent / 100.0;
		uint32_t run = loss_run(share);
		assert_true(pow(1 - share, run) <= 0.02);
		assert_true(run == 1 || pow(1 - share, run - 1) > 0.018);
	}
	assert_int_equal(loss_run(1), 1);
	assert_in_range(loss_run(0), 100, 1000);
}

TEST_THAT(a_failure_undoes_fewer_answers_where_all_lose)
{
	struct common_loss none = {0}, common = {0};
	uint64_t now = common_learn(&common, 1000, 3, START);

	assert_true(loss_setback(&none, now) >= 5);
	assert_true(loss_setback(&common, now) < loss_setback(&none, now));
}

RUN_TESTS(NULL, NULL)
