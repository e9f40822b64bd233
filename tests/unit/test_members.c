/* The choice: which members stay, and when the set changes. */
#include "choice_fixture.h"

static void one_that_comes_within_the_slack_is_added_at_once(void **state)
{
	struct scene s = SCENE(2, 3, 20, 21, 80);
	(void)state;

	review(&s);
	s.candidates[2].latency_us = 40 * MS;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1, 2);
}

static void noise_moves_no_member(void **state)
{
	struct scene s = SCENE(2, 2, 20, 20, 21, 21);
	(void)state;

	review(&s);
	for (unsigned minute = 0; minute < 60; minute++) {
		for (unsigned i = 0; i < 4; i++)
			s.candidates[i].latency_us = (15 + (minute * 7 + i * 5) % 9) * MS;
		s.now_us += 60 * SECOND_US;
		assert_false(review(&s));
	}
	assert_true(choice_holds(&s.choice, 0));
	assert_true(choice_holds(&s.choice, 1));
}

static void a_member_that_fails_is_replaced_at_once(void **state)
{
	struct scene s = SCENE(2, 2, 20, 20, 80);
	(void)state;

	review(&s);
	s.now_us += SECOND_US;
	candidate_fail(&s, 0);
	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

static void a_lower_tier_that_comes_back_is_taken_at_once(void **state)
{
	struct scene s = SCENE(2, 3, 80, 80, 20, 20);
	(void)state;

	s.candidates[2].tier = s.candidates[3].tier = 1;
	s.candidates[0].healthy = s.candidates[1].healthy = false;
	review(&s);
	ASSERT_SET(&s, 2, 3);
	s.candidates[0].healthy = s.candidates[1].healthy = true;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void a_member_that_is_drained_leaves_at_once(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 90);
	(void)state;

	review(&s);
	s.candidates[0].drained = true;
	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

static void a_member_in_doubt_stays_while_none_has_to_go(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30, 40);
	(void)state;
	review(&s);

	s.candidates[1].doubtful = true;

	assert_false(review(&s));
}

static void a_member_in_doubt_goes_along_with_one_that_has_to(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30, 40);
	(void)state;
	review(&s);

	s.candidates[1].doubtful = true;
	candidate_fail(&s, 0);

	assert_true(review(&s));
	ASSERT_SET(&s, 2, 3);
}

static void where_all_are_in_doubt_members_stay(void **state)
{
	struct scene s = SCENE(2, 2, 40, 40, 30, 30);
	(void)state;
	s.candidates[2].healthy = s.candidates[3].healthy = false;
	review(&s);
	s.candidates[2].healthy = s.candidates[3].healthy = true;
	s.candidates[1].doubtful = s.candidates[2].doubtful = s.candidates[3].doubtful = true;

	candidate_fail(&s, 0);

	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

static void a_later_set_does_not_wait_for_the_unjudged(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;

	review(&s);
	candidate_fail(&s, 0);
	assert_true(review_unsettled(&s));
	ASSERT_SET(&s, 1, 2);
}

static void a_clearly_faster_one_is_taken_after_a_while(void **state)
{
	struct scene s = SCENE(2, 2, 100, 90, 100);
	(void)state;
	review(&s);

	s.candidates[2].latency_us = 40 * MS;

	assert_in_range(change_await(&s), 10 * SECOND_US, 10 * MINUTE_US);
	ASSERT_SET(&s, 2, 1);
}

static void a_small_advantage_is_none_however_long_it_lasts(void **state)
{
	struct scene s = SCENE(2, 2, 100, 100, 100);
	(void)state;
	review(&s);

	s.candidates[2].latency_us = 90 * MS;

	assert_int_equal(change_await(&s), 0);
}

static void one_that_was_faster_for_a_moment_has_to_prove_itself_anew(void **state)
{
	struct scene s = SCENE(2, 2, 100, 100, 100);
	(void)state;
	review(&s);
	s.candidates[2].latency_us = 40 * MS;
	uint64_t wait = change_await(&s);
	s = SCENE(2, 2, 100, 100, 100);
	review(&s);

	s.candidates[2].latency_us = 40 * MS;
	assert_false(review(&s));
	s.now_us += wait / 2;
	s.candidates[2].latency_us = 100 * MS;
	assert_false(review(&s));
	s.candidates[2].latency_us = 40 * MS;

	assert_int_equal(change_await(&s), wait);
}

static void a_member_that_is_much_slower_is_replaced_sooner(void **state)
{
	struct scene slow = SCENE(2, 2, 100, 100, 40), slower = SCENE(2, 2, 100, 100, 40);
	(void)state;
	slow.candidates[2].healthy = slower.candidates[2].healthy = false;
	review(&slow);
	review(&slower);

	slow.candidates[2].healthy = slower.candidates[2].healthy = true;
	slower.candidates[1].latency_us = 900 * MS;

	uint64_t later = change_await(&slow), sooner = change_await(&slower);
	assert_in_range(sooner, 1, later / 2);
	ASSERT_SET(&slower, 2, 0);
}

static void a_member_that_loses_much_is_replaced_sooner(void **state)
{
	struct scene slow = SCENE(2, 2, 100, 100, 40), lossy = SCENE(2, 2, 40, 40, 40);
	(void)state;
	slow.candidates[2].healthy = false;
	review(&slow);
	review(&lossy);

	slow.candidates[2].healthy = true;
	lossy.candidates[1].loss = 0.3F;

	uint64_t later = change_await(&slow), sooner = change_await(&lossy);
	assert_in_range(sooner, 1, later / 2);
	ASSERT_SET(&lossy, 0, 2);
}

static void a_member_beyond_the_slack_leaves_only_after_a_while(void **state)
{
	struct scene s = SCENE(2, 3, 20, 20, 20);
	(void)state;
	review(&s);

	s.candidates[2].latency_us = 200 * MS;

	assert_in_range(change_await(&s), SECOND_US, 10 * MINUTE_US);
	ASSERT_SET(&s, 0, 1);
}

static void a_new_order_alone_is_no_change_but_is_told(void **state)
{
	struct scene s = SCENE(2, 2, 20, 80, 100);
	(void)state;
	review(&s);

	s.candidates[0].latency_us = 90 * MS;

	assert_false(review(&s));
	ASSERT_SET(&s, 1, 0);
}

static void members_keep_their_places_under_new_numbers(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 10);
	(void)state;
	review(&s);
	ASSERT_SET(&s, 0, 2);
	s.candidates[1] = s.candidates[2];
	s.candidates[2] = s.candidates[0];
	s.candidates[0].latency_us = 9 * MS;

	list_renumber(&s, (const uint32_t[]){UINT32_MAX, 2, 0}, 3);

	assert_int_equal(change_await(&s), 0);
	assert_int_equal(s.choice.set.count, 2);
	assert_true(choice_holds(&s.choice, 1));
	assert_true(choice_holds(&s.choice, 2));
}

static void a_member_that_is_not_listed_any_more_is_replaced_at_once(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 90, 90);
	(void)state;
	review(&s);
	s.candidates[0] = s.candidates[2];
	s.count = 2;

	list_renumber(&s, (const uint32_t[]){2, 1}, 2);

	assert_true(review_unsettled(&s));
	ASSERT_SET(&s, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_comes_within_the_slack_is_added_at_once),
		cmocka_unit_test(noise_moves_no_member),
		cmocka_unit_test(a_member_that_fails_is_replaced_at_once),
		cmocka_unit_test(a_lower_tier_that_comes_back_is_taken_at_once),
		cmocka_unit_test(a_member_that_is_drained_leaves_at_once),
		cmocka_unit_test(a_member_in_doubt_stays_while_none_has_to_go),
		cmocka_unit_test(a_member_in_doubt_goes_along_with_one_that_has_to),
		cmocka_unit_test(where_all_are_in_doubt_members_stay),
		cmocka_unit_test(a_later_set_does_not_wait_for_the_unjudged),
		cmocka_unit_test(a_clearly_faster_one_is_taken_after_a_while),
		cmocka_unit_test(a_small_advantage_is_none_however_long_it_lasts),
		cmocka_unit_test(one_that_was_faster_for_a_moment_has_to_prove_itself_anew),
		cmocka_unit_test(a_member_that_is_much_slower_is_replaced_sooner),
		cmocka_unit_test(a_member_that_loses_much_is_replaced_sooner),
		cmocka_unit_test(a_member_beyond_the_slack_leaves_only_after_a_while),
		cmocka_unit_test(a_new_order_alone_is_no_change_but_is_told),
		cmocka_unit_test(members_keep_their_places_under_new_numbers),
		cmocka_unit_test(a_member_that_is_not_listed_any_more_is_replaced_at_once),
	};

	return cmocka_run_group_tests_name("members", tests, NULL, NULL);
}
