/* The choice: which prefixes are taken, by tier, group, loss and latency. */
#include "choice_fixture.h"

static void the_fastest_are_taken_and_the_best_stands_first(void **state)
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
	struct scene s = SCENE(2, 3, 20, 21, 20, 20);
	(void)state;

	s.candidates[1].tier = 1;
	s.candidates[2].tier = s.candidates[3].tier = 2;
	review(&s);
	ASSERT_SET(&s, 0, 1);
}

static void max_is_filled_from_the_tiers_in_use(void **state)
{
	struct scene s = SCENE(2, 3, 20, 20, 20, 21);
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

static void a_set_spans_as_many_groups_as_it_can(void **state)
{
	struct scene s = SCENE(2, 3, 10, 11, 30, 31, 40, 41);
	(void)state;

	for (uint32_t i = 0; i < 6; i++)
		s.candidates[i].group = 1 + i / 2;
	s.candidates[4].latency_us = 35 * MS; /* within the slack of the fastest */
	review(&s);
	ASSERT_SET(&s, 0, 2, 4);
}

static void where_a_group_has_died_the_set_takes_two_of_another(void **state)
{
	struct scene s = SCENE(3, 3, 10, 11, 30, 31, 40, 41);
	(void)state;

	for (uint32_t i = 0; i < 6; i++)
		s.candidates[i].group = 1 + i / 2;
	review(&s);
	candidate_fail(&s, 2);
	candidate_fail(&s, 3);
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1, 4);
}

static void a_lower_tier_goes_before_another_group(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;

	s.candidates[0].group = s.candidates[1].group = 1;
	s.candidates[2].group = 2;
	s.candidates[2].tier = 1;
	review(&s);
	ASSERT_SET(&s, 0, 1);
}

static void prefixes_without_a_group_are_of_their_own(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;

	s.candidates[2].group = 1;
	review(&s);
	ASSERT_SET(&s, 0, 1);
}

static void a_lossy_one_ranks_after_clean_ones_whatever_its_latency(void **state)
{
	struct scene s = SCENE(2, 3, 5, 80, 90);
	(void)state;

	s.candidates[0].loss = 0.1F;
	review(&s);
	ASSERT_SET(&s, 1, 2); /* not even as a third */
}

static void of_lossy_ones_the_less_lossy_goes_first(void **state)
{
	struct scene s = SCENE(2, 2, 5, 80, 90);
	(void)state;

	s.candidates[0].loss = 0.4F;
	s.candidates[1].loss = 0.1F;
	review(&s);
	ASSERT_SET(&s, 2, 1);
}

static void loss_that_all_share_is_no_difference(void **state)
{
	struct scene s = SCENE(2, 2, 80, 5, 6);
	(void)state;

	s.candidates[0].loss = 0.10F;
	s.candidates[1].loss = 0.12F;
	s.candidates[2].loss = 0.14F;
	review(&s);
	ASSERT_SET(&s, 1, 2);
}

static void a_member_that_becomes_lossy_is_replaced_in_seconds(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 80);
	(void)state;

	review(&s);
	s.candidates[0].loss = 0.12F;
	assert_false(review(&s));
	s.now_us += 7 * SECOND;
	assert_false(review(&s));
	s.now_us += SECOND;
	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fastest_are_taken_and_the_best_stands_first),
		cmocka_unit_test(a_lower_tier_goes_before_a_faster_one),
		cmocka_unit_test(tiers_are_used_only_up_to_min),
		cmocka_unit_test(max_is_filled_from_the_tiers_in_use),
		cmocka_unit_test(beyond_min_those_within_the_slack_are_taken_up_to_max),
		cmocka_unit_test(beyond_min_one_slower_than_the_slack_is_left_out),
		cmocka_unit_test(up_to_min_slowness_does_not_matter),
		cmocka_unit_test(a_set_spans_as_many_groups_as_it_can),
		cmocka_unit_test(where_a_group_has_died_the_set_takes_two_of_another),
		cmocka_unit_test(a_lower_tier_goes_before_another_group),
		cmocka_unit_test(prefixes_without_a_group_are_of_their_own),
		cmocka_unit_test(a_lossy_one_ranks_after_clean_ones_whatever_its_latency),
		cmocka_unit_test(of_lossy_ones_the_less_lossy_goes_first),
		cmocka_unit_test(loss_that_all_share_is_no_difference),
		cmocka_unit_test(a_member_that_becomes_lossy_is_replaced_in_seconds),
	};

	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
