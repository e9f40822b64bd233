/* The choice: which prefixes make a first set, and in which order. */
#include "choice_fixture.h"

static void the_fastest_are_taken_the_best_first(void **state)
{
	struct scene s = SCENE(2, 2, 40, 20, 30, 10);
	(void)state;

	assert_true(review(&s));
	ASSERT_SET(&s, 3, 1);
	assert_true(choice_holds(&s.choice, 3));
	assert_false(choice_holds(&s.choice, 0));
}

static void a_lower_tier_goes_before_a_faster_one(void **state)
{
	struct scene s = SCENE(2, 2, 5, 5, 90, 80);
	(void)state;

	s.candidates[0].tier = s.candidates[1].tier = 1;
	review(&s);
	ASSERT_SET(&s, 3, 2);
}

static void tiers_are_used_only_up_to_min(void **state)
{
	struct scene s = SCENE(2, 3, 20, 20, 20, 20);
	(void)state;

	s.candidates[1].tier = 1;
	s.candidates[2].tier = 2;
	s.candidates[3].tier = 2;
	review(&s);
	ASSERT_SET(&s, 0, 1);
}

static void max_is_filled_from_the_tiers_in_use(void **state)
{
	struct scene s = SCENE(2, 3, 20, 20, 20, 20);
	(void)state;

	s.candidates[1].tier = 2;
	s.candidates[2].tier = s.candidates[3].tier = 1;
	review(&s);
	ASSERT_SET(&s, 0, 2, 3);
}

static void beyond_min_those_within_the_slack_are_taken_up_to_max(void **state)
{
	struct scene s = SCENE(2, 4, 20, 21, 50, 22, 23);
	(void)state;

	review(&s);
	ASSERT_SET(&s, 0, 1, 3, 4);
}

static void beyond_min_one_slower_than_the_slack_is_left_out(void **state)
{
	struct scene within = SCENE(2, 3, 20, 21, 50), beyond = SCENE(2, 3, 20, 21, 51);
	(void)state;

	review(&within);
	review(&beyond);
	ASSERT_SET(&within, 0, 1, 2);
	ASSERT_SET(&beyond, 0, 1);
}

static void up_to_min_slowness_does_not_matter(void **state)
{
	struct scene s = SCENE(2, 3, 20, 900);
	(void)state;

	review(&s);
	ASSERT_SET(&s, 0, 1);
}

static void a_drained_one_is_never_chosen(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 20);
	(void)state;

	s.candidates[0].drained = true;
	review(&s);
	ASSERT_SET(&s, 1, 2);

	/* not even to fill up, although it failed last */
	candidate_fail(&s, 1);
	s.now_us += SECOND_US;
	candidate_fail(&s, 0);
	assert_false(review(&s));
	ASSERT_SET(&s, 2, 1);
}

static void the_first_set_goes_out_when_all_are_judged(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	s.candidates[2].healthy = false;
	s.now_us += SECOND_US;
	assert_false(review_unsettled(&s));
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void the_first_set_waits_5_s_for_the_unjudged(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	s.candidates[2].healthy = false;
	s.now_us = START + 3 * SECOND_US;
	assert_false(review_unsettled(&s));
	s.now_us = START + 5 * SECOND_US;
	assert_true(review_unsettled(&s));
	ASSERT_SET(&s, 0, 1);
}

static void a_new_group_goes_before_a_faster_one_of_the_same_group(void **state)
{
	struct scene s = SCENE(2, 2, 10, 11, 90, 95);
	(void)state;
	s.candidates[0].group = s.candidates[1].group = 1;
	s.candidates[2].group = s.candidates[3].group = 2;

	review(&s);

	ASSERT_SET(&s, 0, 2);
}

static void a_set_spans_as_many_groups_as_it_can_and_is_filled_from_those(void **state)
{
	struct scene s = SCENE(4, 4, 10, 11, 12, 90, 13);
	(void)state;
	for (uint32_t i = 0; i < 5; i++)
		s.candidates[i].group = i < 3 || i == 4 ? 1 : 2;

	review(&s);

	ASSERT_SET(&s, 0, 3, 1, 2);
}

static void prefixes_without_a_group_are_groups_of_their_own(void **state)
{
	struct scene s = SCENE(3, 3, 10, 11, 50, 60);
	(void)state;
	s.candidates[0].group = s.candidates[1].group = 1;

	review(&s);

	ASSERT_SET(&s, 0, 2, 3);
}

static void a_lower_tier_goes_before_a_new_group(void **state)
{
	struct scene s = SCENE(2, 2, 10, 11, 5);
	(void)state;
	s.candidates[0].group = s.candidates[1].group = 1;
	s.candidates[2].tier = 1;

	review(&s);

	ASSERT_SET(&s, 0, 1);
}

static void the_less_lossy_goes_before_the_faster(void **state)
{
	struct scene s = SCENE(2, 2, 10, 80, 90);
	(void)state;
	s.candidates[0].loss = 0.2F;

	review(&s);

	ASSERT_SET(&s, 1, 2);
}

static void a_loss_that_users_do_not_notice_is_no_difference(void **state)
{
	struct scene s = SCENE(2, 2, 10, 80, 90);
	(void)state;
	s.candidates[0].loss = 0.02F;

	review(&s);

	ASSERT_SET(&s, 0, 1);
}

static void what_all_lose_is_no_difference(void **state)
{
	struct scene s = SCENE(2, 2, 10, 80, 90);
	(void)state;
	s.candidates[0].loss = 0.24F;
	s.candidates[1].loss = s.candidates[2].loss = 0.2F;

	review(&s);

	ASSERT_SET(&s, 0, 1);
}

static void a_lossy_one_is_no_gain_beyond_min(void **state)
{
	struct scene s = SCENE(2, 3, 10, 11, 12);
	(void)state;
	s.candidates[2].loss = 0.2F;

	review(&s);

	ASSERT_SET(&s, 0, 1);
}

static void where_min_needs_a_lossy_one_it_goes_last(void **state)
{
	struct scene s = SCENE(2, 2, 10, 80);
	(void)state;
	s.candidates[0].loss = 0.2F;

	review(&s);

	ASSERT_SET(&s, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fastest_are_taken_the_best_first),
		cmocka_unit_test(a_lower_tier_goes_before_a_faster_one),
		cmocka_unit_test(tiers_are_used_only_up_to_min),
		cmocka_unit_test(max_is_filled_from_the_tiers_in_use),
		cmocka_unit_test(beyond_min_those_within_the_slack_are_taken_up_to_max),
		cmocka_unit_test(beyond_min_one_slower_than_the_slack_is_left_out),
		cmocka_unit_test(up_to_min_slowness_does_not_matter),
		cmocka_unit_test(a_drained_one_is_never_chosen),
		cmocka_unit_test(the_first_set_goes_out_when_all_are_judged),
		cmocka_unit_test(the_first_set_waits_5_s_for_the_unjudged),
		cmocka_unit_test(a_new_group_goes_before_a_faster_one_of_the_same_group),
		cmocka_unit_test(a_set_spans_as_many_groups_as_it_can_and_is_filled_from_those),
		cmocka_unit_test(prefixes_without_a_group_are_groups_of_their_own),
		cmocka_unit_test(a_lower_tier_goes_before_a_new_group),
		cmocka_unit_test(the_less_lossy_goes_before_the_faster),
		cmocka_unit_test(a_loss_that_users_do_not_notice_is_no_difference),
		cmocka_unit_test(what_all_lose_is_no_difference),
		cmocka_unit_test(a_lossy_one_is_no_gain_beyond_min),
		cmocka_unit_test(where_min_needs_a_lossy_one_it_goes_last),
	};

	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
