/* The choice: which members stay, when a set may change, and what fills it up in a shortage. */
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
		s.now_us += 60 * SECOND;
		assert_false(review(&s));
	}
}

static void a_small_advantage_is_none_however_long_it_lasts(void **state)
{
	struct scene s = SCENE(2, 2, 100, 100, 100);
	(void)state;

	review(&s);
	s.candidates[2].latency_us = 71 * MS; /* a member of 100 ms counts as one of 70 */
	for (unsigned i = 0; i < 100; i++, s.now_us += 10 * SECOND)
		assert_false(review(&s));
}

static void a_clearly_faster_one_is_taken_after_60_s_and_not_before(void **state)
{
	struct scene s = SCENE(2, 2, 100, 90, 100);
	(void)state;

	review(&s);
	s.candidates[2].latency_us = 40 * MS;
	assert_false(review(&s));
	s.now_us += 60 * SECOND - 1;
	assert_false(review(&s));
	s.now_us += 1;
	assert_true(review(&s));
	ASSERT_SET(&s, 2, 1);
}

static void a_member_that_is_slower_by_a_lot_is_replaced_after_8_s(void **state)
{
	struct scene s = SCENE(2, 2, 20, 20, 30);
	(void)state;

	review(&s);
	s.candidates[0].latency_us = 500 * MS;
	assert_false(review(&s));
	s.now_us += 8 * SECOND;
	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

static void one_that_was_faster_for_a_moment_starts_its_60_s_anew(void **state)
{
	struct scene s = SCENE(2, 2, 100, 100, 40);
	(void)state;

	s.candidates[2].healthy = false;
	review(&s);
	s.candidates[2].healthy = true;
	assert_false(review(&s));
	s.now_us += 50 * SECOND;
	s.candidates[2].latency_us = 100 * MS;
	assert_false(review(&s));
	s.now_us += SECOND;
	s.candidates[2].latency_us = 40 * MS;
	assert_false(review(&s));
	s.now_us += 59 * SECOND;
	assert_false(review(&s));
	s.now_us += SECOND;
	assert_true(review(&s));
	assert_true(choice_holds(&s.choice, 2));
}

static void a_member_beyond_the_slack_leaves_only_after_60_s(void **state)
{
	struct scene s = SCENE(2, 3, 20, 20, 20);
	(void)state;

	review(&s);
	s.candidates[2].latency_us = 200 * MS;
	assert_false(review(&s));
	s.now_us += 59 * SECOND;
	assert_false(review(&s));
	s.now_us += SECOND;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void a_member_that_fails_is_replaced_at_once(void **state)
{
	struct scene s = SCENE(2, 2, 20, 20, 80);
	(void)state;

	review(&s);
	s.now_us += SECOND;
	candidate_fail(&s, 0);
	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

static void a_lower_tier_that_comes_back_is_taken_at_once(void **state)
{
	struct scene s = SCENE(2, 3, 80, 81, 20, 20);
	(void)state;

	s.candidates[2].tier = s.candidates[3].tier = 1;
	s.candidates[0].healthy = s.candidates[1].healthy = false;
	review(&s);
	ASSERT_SET(&s, 2, 3);
	s.candidates[0].healthy = s.candidates[1].healthy = true;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void a_drained_one_is_never_chosen_not_even_to_fill_up(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 20);
	(void)state;

	s.candidates[0].drained = true;
	review(&s);
	ASSERT_SET(&s, 1, 2);

	candidate_fail(&s, 1);
	s.now_us += SECOND;
	candidate_fail(&s, 0);
	assert_false(review(&s));
	ASSERT_SET(&s, 2, 1);
}

static void a_member_that_is_drained_leaves_at_once_even_if_none_is_healthy(void **state)
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

static void fewer_than_min_are_filled_up_with_those_that_failed_last(void **state)
{
	static const uint32_t order[] = {0, 2, 1};
	struct scene s = SCENE(2, 2, 10, 20, 30, 40);
	(void)state;

	review(&s);
	for (uint32_t i = 0; i < 3; i++) {
		s.now_us += SECOND;
		candidate_fail(&s, order[i]);
		review(&s);
	}
	ASSERT_SET(&s, 3, 1); /* the filler stands behind */
}

/* As a new prefix that is found dead when the file was read again. */
static void a_dead_member_is_not_replaced_by_another_dead_one(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30, 40);
	(void)state;
	review(&s);
	for (uint32_t i = 1; i < 4; i++) {
		s.now_us += SECOND;
		candidate_fail(&s, 4 - i);
		review(&s);
	}
	ASSERT_SET(&s, 0, 1);

	s.now_us += SECOND;
	candidate_fail(&s, 2);
	assert_false(review(&s));
	s.candidates[2].healthy = true;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 2);
}

static void a_dead_member_is_replaced_by_one_that_answers_again(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;
	review(&s);
	candidate_fail(&s, 2);
	s.now_us += SECOND;
	candidate_fail(&s, 1);
	review(&s);
	ASSERT_SET(&s, 0, 1);

	s.candidates[2].answering = true;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 2);
}

static void a_filler_that_answers_is_not_replaced_in_a_hurry(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;
	candidate_fail(&s, 1);
	candidate_fail(&s, 2);
	s.candidates[1].answering = true;
	review(&s);
	ASSERT_SET(&s, 0, 1);

	s.candidates[2].healthy = true;
	assert_false(review(&s));
	s.now_us += 60 * SECOND;
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 2);
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

static void with_none_healthy_the_set_is_held(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30, 40);
	(void)state;

	review(&s);
	for (uint32_t i = 4; i-- > 0;) {
		s.now_us += SECOND;
		candidate_fail(&s, i);
	}
	assert_false(review(&s));
	ASSERT_SET(&s, 0, 1, 2);
}

static void the_first_set_goes_out_when_all_are_judged(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	candidate_fail(&s, 2);
	s.now_us += SECOND;
	assert_false(review_unsettled(&s));
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void the_first_set_waits_4_s_for_the_unjudged(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	s.candidates[2].healthy = false;
	s.candidates[2].failed_us = UINT64_MAX;
	s.now_us = START + 4 * SECOND - 1;
	assert_false(review_unsettled(&s));
	s.now_us = START + 4 * SECOND;
	assert_true(review_unsettled(&s));
	ASSERT_SET(&s, 0, 1);
}

static void a_first_set_with_too_few_healthy_is_filled_up(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	candidate_fail(&s, 0);
	s.now_us += SECOND;
	candidate_fail(&s, 2);
	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
}

static void there_is_no_first_set_while_none_is_healthy(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	for (uint32_t i = 0; i < 3; i++)
		candidate_fail(&s, i);
	s.now_us += 3600 * SECOND;
	assert_false(review(&s));
	assert_int_equal(s.choice.set.count, 0);
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

/* Candidate i of the new list was this one of the old. */
static void list_renumber(struct scene *s, const uint32_t *was, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s->candidates[i].was = was[i];
	s->count = count;
	choice_renumber(&s->choice, s->candidates, count, s->now_us);
}

static void members_keep_their_place_in_another_list(void **state)
{
	struct scene s = SCENE(2, 2, 100, 90, 100);
	(void)state;

	review(&s);
	ASSERT_SET(&s, 1, 0);
	s.candidates[1].latency_us = 100 * MS;
	list_renumber(&s, (const uint32_t[]){1, UINT32_MAX, 0}, 3);
	assert_false(review(&s));
	assert_true(choice_holds(&s.choice, 0) && choice_holds(&s.choice, 2));
}

static void a_member_that_is_not_listed_any_more_leaves_even_if_none_is_healthy(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;

	review(&s);
	for (uint32_t i = 0; i < 3; i++)
		candidate_fail(&s, i);
	list_renumber(&s, (const uint32_t[]){1, 2}, 2);
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void a_list_without_any_member_is_begun_like_a_first_one(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;

	review(&s);
	for (uint32_t i = 0; i < 3; i++) {
		candidate_fail(&s, i);
		s.candidates[i].failed_us = UINT64_MAX;
	}
	list_renumber(&s, (const uint32_t[]){UINT32_MAX, UINT32_MAX, UINT32_MAX}, 3);
	assert_false(review_unsettled(&s));
	assert_int_equal(s.choice.set.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_comes_within_the_slack_is_added_at_once),
		cmocka_unit_test(noise_moves_no_member),
		cmocka_unit_test(a_small_advantage_is_none_however_long_it_lasts),
		cmocka_unit_test(a_clearly_faster_one_is_taken_after_60_s_and_not_before),
		cmocka_unit_test(a_member_that_is_slower_by_a_lot_is_replaced_after_8_s),
		cmocka_unit_test(one_that_was_faster_for_a_moment_starts_its_60_s_anew),
		cmocka_unit_test(a_member_beyond_the_slack_leaves_only_after_60_s),
		cmocka_unit_test(a_member_that_fails_is_replaced_at_once),
		cmocka_unit_test(a_lower_tier_that_comes_back_is_taken_at_once),
		cmocka_unit_test(a_drained_one_is_never_chosen_not_even_to_fill_up),
		cmocka_unit_test(a_member_that_is_drained_leaves_at_once_even_if_none_is_healthy),
		cmocka_unit_test(fewer_than_min_are_filled_up_with_those_that_failed_last),
		cmocka_unit_test(a_dead_member_is_not_replaced_by_another_dead_one),
		cmocka_unit_test(a_dead_member_is_replaced_by_one_that_answers_again),
		cmocka_unit_test(a_filler_that_answers_is_not_replaced_in_a_hurry),
		cmocka_unit_test(a_member_in_doubt_stays_while_none_has_to_go),
		cmocka_unit_test(a_member_in_doubt_goes_along_with_one_that_has_to),
		cmocka_unit_test(where_all_are_in_doubt_members_stay),
		cmocka_unit_test(with_none_healthy_the_set_is_held),
		cmocka_unit_test(the_first_set_goes_out_when_all_are_judged),
		cmocka_unit_test(the_first_set_waits_4_s_for_the_unjudged),
		cmocka_unit_test(a_first_set_with_too_few_healthy_is_filled_up),
		cmocka_unit_test(there_is_no_first_set_while_none_is_healthy),
		cmocka_unit_test(a_later_set_does_not_wait_for_the_unjudged),
		cmocka_unit_test(members_keep_their_place_in_another_list),
		cmocka_unit_test(
			a_member_that_is_not_listed_any_more_leaves_even_if_none_is_healthy),
		cmocka_unit_test(a_list_without_any_member_is_begun_like_a_first_one),
	};

	return cmocka_run_group_tests_name("choice_change", tests, NULL, NULL);
}
