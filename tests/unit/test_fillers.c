/* The choice where fewer are healthy than a set needs: what it is filled up with. */
#include "choice_fixture.h"

/* As a new prefix that is found dead when the file was read again. */
static void a_dead_member_is_not_replaced_by_another_dead_one(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30, 40);
	(void)state;
	review(&s);
	for (uint32_t i = 1; i < 4; i++) {
		s.now_us += SECOND_US;
		candidate_fail(&s, 4 - i);
		review(&s);
	}
	ASSERT_SET(&s, 0, 1);

	s.now_us += SECOND_US;
	candidate_fail(&s, 2);
	assert_false(review(&s));

	s.candidates[2].healthy = true;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 2);
}

static void fillers_stand_behind_the_healthy(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20);
	(void)state;

	candidate_fail(&s, 0);
	review(&s);

	ASSERT_SET(&s, 1, 0);
}

static void fewer_than_min_are_filled_up_with_those_that_failed_last(void **state)
{
	struct scene s = SCENE(3, 3, 10, 20, 30, 40);
	(void)state;
	static const uint32_t order[] = {0, 2, 1};
	for (size_t i = 0; i < COUNT(order); i++) {
		s.now_us += SECOND_US;
		candidate_fail(&s, order[i]);
	}

	assert_true(review(&s));

	assert_int_equal(s.choice.set.count, 3);
	assert_int_equal(s.choice.set.members[0], 3);
	assert_false(choice_holds(&s.choice, 0));
}

/* A dead one for a dead one would be a change for nothing. */
static void of_the_failed_a_member_fills_up_before_one_that_failed_later(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30, 40);
	(void)state;
	review(&s);
	candidate_fail(&s, 1);
	s.now_us += SECOND_US;
	candidate_fail(&s, 2);
	candidate_fail(&s, 3);

	assert_false(review(&s));

	ASSERT_SET(&s, 0, 1);
}

static void of_the_failed_one_that_answers_again_fills_up_first(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;
	candidate_fail(&s, 1);
	s.now_us += SECOND_US;
	candidate_fail(&s, 2);
	review(&s);
	ASSERT_SET(&s, 0, 2);

	s.candidates[1].answering = true;

	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void with_none_healthy_the_set_is_held(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30, 40);
	(void)state;
	review(&s);

	for (uint32_t i = 4; i-- > 0;) {
		s.now_us += SECOND_US;
		candidate_fail(&s, i);
	}

	assert_int_equal(change_await(&s), 0);
	ASSERT_SET(&s, 0, 1, 2);
}

static void without_a_healthy_one_there_is_no_first_set(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		candidate_fail(&s, i);

	s.now_us += HOUR_US;

	assert_false(review(&s));
	assert_false(review_unsettled(&s));
	assert_int_equal(s.choice.set.count, 0);
}

static void one_healthy_prefix_makes_a_first_set_that_is_filled_up(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;
	candidate_fail(&s, 0);
	s.now_us += SECOND_US;
	candidate_fail(&s, 2);

	assert_false(review_unsettled(&s));
	assert_true(review(&s));

	ASSERT_SET(&s, 1, 2);
}

static void after_5_s_the_first_set_is_filled_up_with_the_unjudged(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;
	candidate_fail(&s, 0);
	s.candidates[2].healthy = false;
	s.candidates[2].failed_us = UINT64_MAX;

	s.now_us = START + 5 * SECOND_US;

	assert_true(review_unsettled(&s));
	ASSERT_SET(&s, 1, 2);
}

static void with_none_healthy_an_unlisted_member_is_replaced_all_the_same(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 90);
	(void)state;
	review(&s);
	for (uint32_t i = 0; i < 3; i++)
		candidate_fail(&s, i);
	s.candidates[0] = s.candidates[2];

	list_renumber(&s, (const uint32_t[]){2, 1}, 2);
	s.count = 2;

	assert_true(review(&s));
	ASSERT_SET(&s, 1, 0);
}

static void with_none_healthy_a_drained_member_is_replaced_all_the_same(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 90);
	(void)state;
	review(&s);
	for (uint32_t i = 0; i < 3; i++)
		candidate_fail(&s, i);

	s.candidates[0].drained = true;

	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_member_is_not_replaced_by_another_dead_one),
		cmocka_unit_test(fillers_stand_behind_the_healthy),
		cmocka_unit_test(fewer_than_min_are_filled_up_with_those_that_failed_last),
		cmocka_unit_test(of_the_failed_a_member_fills_up_before_one_that_failed_later),
		cmocka_unit_test(of_the_failed_one_that_answers_again_fills_up_first),
		cmocka_unit_test(with_none_healthy_the_set_is_held),
		cmocka_unit_test(without_a_healthy_one_there_is_no_first_set),
		cmocka_unit_test(one_healthy_prefix_makes_a_first_set_that_is_filled_up),
		cmocka_unit_test(after_5_s_the_first_set_is_filled_up_with_the_unjudged),
		cmocka_unit_test(with_none_healthy_an_unlisted_member_is_replaced_all_the_same),
		cmocka_unit_test(with_none_healthy_a_drained_member_is_replaced_all_the_same),
	};

	return cmocka_run_group_tests_name("fillers", tests, NULL, NULL);
}
