/* The choice: tiers, slack, stickiness, and what is done when too few are healthy. */
#include "unit.h"

#include "choice.h"

#include <string.h>

#define SECOND_US 1000000ULL
#define MS        1000U

static struct choice choice;
static struct choice_candidate candidates[6];
static size_t count;
static uint64_t now_us;

static int choice_open(void **state)
{
	const struct choice_config config = {.size = {2, 3}, .slack_us = 50 * MS};
	(void)state;

	choice_init(&choice, &config);
	memset(candidates, 0, sizeof(candidates));
	count = 5;
	now_us = SECOND_US;
	for (size_t i = 0; i < COUNT(candidates); i++)
		candidates[i] = (struct choice_candidate){.healthy = true, .latency_us = 20 * MS};
	return 0;
}

static bool review(void)
{
	return choice_review(&choice, candidates, count, true, now_us);
}

/* As the judge does: looked at every now and then. */
static bool review_for(uint64_t duration)
{
	bool changed = false;

	for (uint64_t end = now_us + duration; now_us < end; now_us += SECOND_US)
		changed |= review();
	return changed;
}

static void fail(uint32_t candidate)
{
	candidates[candidate].healthy = false;
	candidates[candidate].failed_us = now_us += SECOND_US;
}

static void assert_set(const char *members)
{
	char text[16];
	size_t at = 0;

	for (size_t i = 0; i < choice.count; i++)
		text[at++] = (char)('0' + choice.members[i]);
	text[at] = '\0';
	assert_string_equal(text, members);
}

static void the_first_set_is_the_fastest(void **state)
{
	(void)state;
	candidates[1].latency_us = 25 * MS;
	candidates[3].latency_us = 22 * MS;

	assert_true(review());

	assert_set("024");
}

static void the_first_set_waits_until_all_are_judged(void **state)
{
	(void)state;

	assert_false(choice_review(&choice, candidates, count, false, now_us));
	assert_int_equal(choice_due(&choice, now_us), 5 * SECOND_US);
	assert_true(choice_review(&choice, candidates, count, false, 5 * SECOND_US));
}

static void the_first_set_waits_for_min_healthy(void **state)
{
	(void)state;
	for (uint32_t i = 1; i < count; i++)
		fail(i);

	assert_false(review_for(60 * SECOND_US));
	candidates[3].healthy = true;
	assert_true(review());

	assert_set("03");
}

static void a_lower_tier_is_preferred_though_slower(void **state)
{
	(void)state;
	candidates[0].tier = candidates[1].tier = candidates[2].tier = 1;
	candidates[3].latency_us = candidates[4].latency_us = 300 * MS;

	review();

	assert_set("34");
}

static void a_third_of_a_worse_tier_is_not_taken(void **state)
{
	(void)state;
	count = 3;
	candidates[1].tier = 3;

	review();

	assert_set("02");
}

static void the_next_tier_fills_up_to_min(void **state)
{
	(void)state;
	candidates[0].tier = 0;
	for (uint32_t i = 1; i < count; i++)
		candidates[i].tier = 2;
	candidates[4].tier = 1;

	review();

	assert_set("04");
}

static void a_better_tier_that_comes_back_is_taken_at_once(void **state)
{
	(void)state;
	for (uint32_t i = 2; i < count; i++)
		candidates[i].tier = 1;
	fail(0);
	review();
	assert_true(choice_holds(&choice, 1));
	assert_false(choice_holds(&choice, 0));

	candidates[0].healthy = true;

	assert_true(review());
	assert_set("01");
}

static void a_third_beyond_the_slack_is_not_taken(void **state)
{
	(void)state;
	count = 3;
	candidates[1].latency_us = 71 * MS;

	review();

	assert_set("02");
}

static void a_set_of_min_ignores_the_slack(void **state)
{
	(void)state;
	count = 2;
	candidates[1].latency_us = 900 * MS;

	review();

	assert_set("01");
}

static void a_slow_third_leaves_after_a_while(void **state)
{
	(void)state;
	count = 3;
	review();
	assert_set("012");

	candidates[1].latency_us = 220 * MS;
	assert_false(review_for(59 * SECOND_US));
	assert_true(review_for(3 * SECOND_US));

	assert_set("02");
}

static void a_slightly_faster_one_changes_nothing(void **state)
{
	(void)state;
	review();
	assert_set("012");

	candidates[4].latency_us = 12 * MS;

	assert_false(review_for(600 * SECOND_US));
}

static void a_much_faster_one_must_stay_so_for_a_minute(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++)
		candidates[i].latency_us = 60 * MS;
	candidates[3].healthy = candidates[4].healthy = false;
	review();
	assert_set("012");

	candidates[4].healthy = true;
	assert_false(review_for(30 * SECOND_US));
	candidates[4].latency_us = 60 * MS; /* no longer faster: the minute starts anew */
	assert_false(review_for(SECOND_US));
	candidates[4].latency_us = 20 * MS;
	assert_false(review_for(59 * SECOND_US));
	assert_true(choice_due(&choice, now_us) <= now_us + 2 * SECOND_US);
	assert_true(review_for(3 * SECOND_US));

	assert_true(choice_holds(&choice, 4));
}

static void a_member_that_fails_is_replaced_at_once(void **state)
{
	(void)state;
	review();

	fail(1);

	assert_true(review());
	assert_set("023");
}

static void one_that_comes_back_does_not_push_anybody_out(void **state)
{
	(void)state;
	review();
	fail(1);
	review();

	candidates[1].healthy = true;

	assert_false(review_for(600 * SECOND_US));
	assert_set("023");
}

static void a_drained_prefix_is_never_chosen(void **state)
{
	(void)state;
	candidates[0].drained = true;
	count = 4;
	review();
	assert_set("123");

	fail(1);
	fail(2);
	fail(3);
	review();

	assert_false(choice_holds(&choice, 0));
}

static void a_member_that_is_drained_leaves_at_once(void **state)
{
	(void)state;
	review();

	candidates[2].drained = true;

	assert_true(review());
	assert_set("013");
}

static void too_few_are_filled_up_with_the_last_that_failed(void **state)
{
	(void)state;
	count = 4;
	review();
	fail(3);
	fail(1);
	fail(2);

	assert_true(review());

	assert_set("02");
}

static void while_nothing_is_healthy_the_set_stays(void **state)
{
	(void)state;
	review();

	for (uint32_t i = 0; i < count; i++)
		fail(i);

	assert_false(review_for(600 * SECOND_US));
	assert_set("012");
	assert_int_equal(choice.healthy, 0);
}

static void an_adopted_set_is_in_force(void **state)
{
	(void)state;
	choice_adopt(&choice, 1);
	choice_adopt(&choice, 3);
	choice_adopt(&choice, 4);

	assert_false(review_for(60 * SECOND_US));

	assert_set("134");
}

#define CHOICE(test) cmocka_unit_test_setup(test, choice_open)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHOICE(the_first_set_is_the_fastest),
		CHOICE(the_first_set_waits_until_all_are_judged),
		CHOICE(the_first_set_waits_for_min_healthy),
		CHOICE(a_lower_tier_is_preferred_though_slower),
		CHOICE(a_third_of_a_worse_tier_is_not_taken),
		CHOICE(the_next_tier_fills_up_to_min),
		CHOICE(a_better_tier_that_comes_back_is_taken_at_once),
		CHOICE(a_third_beyond_the_slack_is_not_taken),
		CHOICE(a_set_of_min_ignores_the_slack),
		CHOICE(a_slow_third_leaves_after_a_while),
		CHOICE(a_slightly_faster_one_changes_nothing),
		CHOICE(a_much_faster_one_must_stay_so_for_a_minute),
		CHOICE(a_member_that_fails_is_replaced_at_once),
		CHOICE(one_that_comes_back_does_not_push_anybody_out),
		CHOICE(a_drained_prefix_is_never_chosen),
		CHOICE(a_member_that_is_drained_leaves_at_once),
		CHOICE(too_few_are_filled_up_with_the_last_that_failed),
		CHOICE(while_nothing_is_healthy_the_set_stays),
		CHOICE(an_adopted_set_is_in_force),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
