/* The choice: who is taken, who stays, and when the set may change. */
#include "unit.h"

#include "rule/choice.h"

#define MS     1000U
#define SECOND 1000000ULL
#define START  (100 * SECOND)
#define SLACK  (30 * MS)

/* Candidates are healthy and of tier 0 unless a test says otherwise; some latencies, in ms. */
struct scene {
	struct choice choice;
	struct choice_candidate candidates[8];
	size_t count;
	uint64_t now_us;
};

static struct scene scene_new(unsigned min, unsigned max, const uint32_t *latencies_ms,
                              size_t count)
{
	struct scene s = {.count = count, .now_us = START};

	choice_init(&s.choice, &(struct choice_config){min, max, SLACK, START});
	for (size_t i = 0; i < count; i++) {
		s.candidates[i].healthy = true;
		s.candidates[i].latency_us = latencies_ms[i] * MS;
	}
	return s;
}

#define SCENE(min, max, ...)                                 \
	scene_new(min, max, (const uint32_t[]){__VA_ARGS__}, \
	          COUNT(((const uint32_t[]){__VA_ARGS__})))

static bool review(struct scene *s)
{
	return choice_review(&s->choice, s->candidates, s->count, true, s->now_us);
}

static bool review_unsettled(struct scene *s)
{
	return choice_review(&s->choice, s->candidates, s->count, false, s->now_us);
}

static void candidate_fail(struct scene *s, uint32_t candidate)
{
	s->candidates[candidate].healthy = false;
	s->candidates[candidate].failed_us = s->now_us;
}

static void assert_members(const struct choice *choice, const uint32_t *members, size_t count)
{
	assert_int_equal(choice->count, count);
	assert_memory_equal(choice->members, members, count * sizeof(*members));
}

#define ASSERT_SET(s, ...)                                            \
	assert_members(&(s)->choice, (const uint32_t[]){__VA_ARGS__}, \
	               COUNT(((const uint32_t[]){__VA_ARGS__})))

static void the_fastest_are_taken_in_ascending_order(void **state)
{
	struct scene s = SCENE(2, 2, 40, 20, 30, 10);
	(void)state;

	assert_true(review(&s));
	ASSERT_SET(&s, 1, 3);
	assert_true(choice_holds(&s.choice, 3));
	assert_false(choice_holds(&s.choice, 0));
}

static void a_lower_tier_goes_before_a_faster_one(void **state)
{
	struct scene s = SCENE(2, 2, 5, 5, 90, 80);
	(void)state;

	s.candidates[0].tier = s.candidates[1].tier = 1;
	review(&s);
	ASSERT_SET(&s, 2, 3);
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
	ASSERT_SET(&s, 0, 1);
}

static void a_small_advantage_is_none_however_long_it_lasts(void **state)
{
	struct scene s = SCENE(2, 2, 100, 100, 100);
	(void)state;

	review(&s);
	s.candidates[2].latency_us = 71 * MS; /* a member of 100 ms counts as one of 70 */
	for (unsigned i = 0; i < 100; i++, s.now_us += 10 * SECOND)
		assert_false(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void a_clearly_faster_one_is_taken_after_60_s_and_not_before(void **state)
{
	struct scene s = SCENE(2, 2, 100, 90, 100);
	(void)state;

	review(&s);
	s.candidates[2].latency_us = 40 * MS;
	assert_false(review(&s));
	assert_int_equal(choice_due(&s.choice, s.now_us), START + 60 * SECOND);
	s.now_us += 60 * SECOND - 1;
	assert_false(review(&s));
	s.now_us += 1;
	assert_true(review(&s));
	ASSERT_SET(&s, 1, 2);
	assert_int_equal(choice_due(&s.choice, s.now_us), UINT64_MAX);
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

static void a_drained_one_is_never_chosen(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 20);
	(void)state;

	s.candidates[0].drained = true;
	review(&s);
	ASSERT_SET(&s, 1, 2);

	/* not even to fill up, although it failed last */
	candidate_fail(&s, 1);
	s.now_us += SECOND;
	candidate_fail(&s, 0);
	assert_false(review(&s));
	ASSERT_SET(&s, 1, 2);
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

static void fewer_than_min_are_filled_up_with_those_that_failed_last(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30, 40);
	(void)state;

	review(&s);
	for (uint32_t i = 0; i < 3; i++) {
		static const uint32_t order[] = {0, 2, 1};
		s.now_us += SECOND;
		candidate_fail(&s, order[i]);
		review(&s);
	}
	ASSERT_SET(&s, 1, 3);
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

static void of_dead_members_the_one_that_failed_last_fills_up(void **state)
{
	struct scene s = SCENE(3, 3, 10, 20, 30, 40);
	(void)state;
	s.candidates[3].healthy = false;
	review(&s);
	candidate_fail(&s, 2);
	s.now_us += SECOND;
	candidate_fail(&s, 1);
	assert_false(review(&s));

	s.candidates[3].healthy = true;
	assert_true(review(&s));

	ASSERT_SET(&s, 0, 1, 3);
}

static void a_member_in_doubt_stays_while_nobody_has_to_go(void **state)
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

static void of_those_that_never_worked_members_fill_up(void **state)
{
	struct scene s = SCENE(2, 2, 10, 20, 30);
	(void)state;

	choice_adopt(&s.choice, 1);
	choice_adopt(&s.choice, 2);
	s.candidates[0].healthy = s.candidates[1].healthy = false;
	assert_false(review(&s));
	ASSERT_SET(&s, 1, 2);
}

static void with_none_healthy_the_set_is_held(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30, 40);
	(void)state;

	review(&s);
	for (uint32_t i = 4; i-- > 0;) {
		s.now_us += SECOND;
		s.candidates[i].healthy = false;
	}
	assert_false(review(&s));
	assert_int_equal(s.choice.healthy, 0);
	ASSERT_SET(&s, 0, 1, 2);
}

static void the_number_of_the_healthy_leaves_out_the_drained(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30, 40);
	(void)state;

	s.candidates[0].drained = true;
	candidate_fail(&s, 1);
	review(&s);
	assert_int_equal(s.choice.healthy, 2);
}

static void the_first_set_goes_out_when_all_are_judged(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	s.candidates[2].healthy = false;
	s.now_us += SECOND;
	assert_false(review_unsettled(&s));
	assert_true(review(&s));
	ASSERT_SET(&s, 0, 1);
}

static void the_first_set_waits_5_s_for_the_unjudged(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	s.candidates[2].healthy = false;
	s.now_us = START + 5 * SECOND - 1;
	assert_false(review_unsettled(&s));
	s.now_us = START + 5 * SECOND;
	assert_true(review_unsettled(&s));
	ASSERT_SET(&s, 0, 1);
}

static void the_first_set_never_goes_out_before_min_are_healthy(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	s.candidates[0].healthy = s.candidates[1].healthy = false;
	assert_false(review(&s));
	s.now_us += 3600 * SECOND;
	assert_false(review(&s));
	assert_false(review_unsettled(&s));
	assert_int_equal(s.choice.count, 0);
	s.candidates[1].healthy = true;
	assert_true(review_unsettled(&s));
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

static void it_is_due_when_the_first_set_is_and_else_never(void **state)
{
	struct scene s = SCENE(2, 3, 10, 20, 30);
	(void)state;

	assert_int_equal(choice_due(&s.choice, START), START + 5 * SECOND);
	assert_int_equal(choice_due(&s.choice, START + 6 * SECOND), UINT64_MAX);
	review(&s);
	assert_int_equal(choice_due(&s.choice, START), UINT64_MAX);
}

static void an_adopted_set_keeps_its_members_against_a_small_advantage(void **state)
{
	struct scene s = SCENE(2, 2, 100, 90, 100);
	(void)state;

	choice_adopt(&s.choice, 0);
	choice_adopt(&s.choice, 2);
	assert_false(review(&s));
	ASSERT_SET(&s, 0, 2);
}

static void an_adopted_set_of_less_than_min_is_filled_up_at_once(void **state)
{
	struct scene s = SCENE(2, 2, 100, 10, 20);
	(void)state;

	choice_adopt(&s.choice, 0);
	assert_true(review(&s));
	assert_int_equal(s.choice.count, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fastest_are_taken_in_ascending_order),
		cmocka_unit_test(a_lower_tier_goes_before_a_faster_one),
		cmocka_unit_test(tiers_are_used_only_up_to_min),
		cmocka_unit_test(max_is_filled_from_the_tiers_in_use),
		cmocka_unit_test(beyond_min_those_within_the_slack_are_taken_up_to_max),
		cmocka_unit_test(beyond_min_one_slower_than_the_slack_is_left_out),
		cmocka_unit_test(up_to_min_slowness_does_not_matter),
		cmocka_unit_test(one_that_comes_within_the_slack_is_added_at_once),
		cmocka_unit_test(noise_moves_no_member),
		cmocka_unit_test(a_small_advantage_is_none_however_long_it_lasts),
		cmocka_unit_test(a_clearly_faster_one_is_taken_after_60_s_and_not_before),
		cmocka_unit_test(one_that_was_faster_for_a_moment_starts_its_60_s_anew),
		cmocka_unit_test(a_member_beyond_the_slack_leaves_only_after_60_s),
		cmocka_unit_test(a_member_that_fails_is_replaced_at_once),
		cmocka_unit_test(a_lower_tier_that_comes_back_is_taken_at_once),
		cmocka_unit_test(a_drained_one_is_never_chosen),
		cmocka_unit_test(a_member_that_is_drained_leaves_at_once),
		cmocka_unit_test(fewer_than_min_are_filled_up_with_those_that_failed_last),
		cmocka_unit_test(a_dead_member_is_not_replaced_by_another_dead_one),
		cmocka_unit_test(of_dead_members_the_one_that_failed_last_fills_up),
		cmocka_unit_test(a_member_in_doubt_stays_while_nobody_has_to_go),
		cmocka_unit_test(a_member_in_doubt_goes_along_with_one_that_has_to),
		cmocka_unit_test(where_all_are_in_doubt_members_stay),
		cmocka_unit_test(of_those_that_never_worked_members_fill_up),
		cmocka_unit_test(with_none_healthy_the_set_is_held),
		cmocka_unit_test(the_number_of_the_healthy_leaves_out_the_drained),
		cmocka_unit_test(the_first_set_goes_out_when_all_are_judged),
		cmocka_unit_test(the_first_set_waits_5_s_for_the_unjudged),
		cmocka_unit_test(the_first_set_never_goes_out_before_min_are_healthy),
		cmocka_unit_test(a_later_set_does_not_wait_for_the_unjudged),
		cmocka_unit_test(it_is_due_when_the_first_set_is_and_else_never),
		cmocka_unit_test(an_adopted_set_keeps_its_members_against_a_small_advantage),
		cmocka_unit_test(an_adopted_set_of_less_than_min_is_filled_up_at_once),
	};

	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
