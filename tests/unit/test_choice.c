/* The choice: which prefixes make a set, in which order, and when it changes. */
#include "unit.h"

#include "rule/choice.h"

#include <stdio.h>
#include <string.h>

#define MS             1000U
#define START          (100 * SECOND_US)
#define CANDIDATES_MAX 6

/* A candidate with its latency in ms; one that is down, with the second in which it failed, too. */
#define UP(...)                                                 \
	{                                                       \
		.healthy = true, .latency_us = MS * __VA_ARGS__ \
	}
#define DOWN(LATENCY, ...)                                                       \
	{                                                                        \
		.latency_us = MS * LATENCY, .failed_us = SECOND_US * __VA_ARGS__ \
	}
#define NEW(LATENCY)                                                                     \
	{                                                                                \
		.latency_us = MS * LATENCY, .failed_us = UINT64_MAX /* not judged yet */ \
	}
#define TIER(N)  .entry.tier = (N)
#define GROUP(N) .entry.group = (N)
#define DRAIN    .entry.drain = true
#define LOSS(N)  .loss = (N)
#define DOUBT    .doubtful = true

/* The slack is 30 ms everywhere. */
#define FIRST(NAME, MIN, MAX, SET, ...)                                                         \
	{                                                                                       \
		.name = NAME, .min = MIN, .max = MAX, .set = SET, .candidates = { __VA_ARGS__ } \
	}
static const struct first {
	const char *name;
	unsigned min, max;
	struct choice_candidate candidates[CANDIDATES_MAX];
	const char *set;
} firsts[] = {
	FIRST("the fastest are taken, the best first", 2, 2, "3 1", UP(40), UP(20), UP(30), UP(10)),
	FIRST("a lower tier goes before a faster one", 2, 2, "3 2", UP(5, TIER(1)), UP(5, TIER(1)),
              UP(90), UP(80)),
	FIRST("tiers are used only up to min", 2, 3, "0 1", UP(20), UP(20, TIER(1)),
              UP(20, TIER(2)), UP(20, TIER(2))),
	FIRST("max is filled from the tiers in use", 2, 3, "0 2 3", UP(20), UP(20, TIER(2)),
              UP(20, TIER(1)), UP(20, TIER(1))),
	FIRST("beyond min, those within the slack are taken up to max", 2, 4, "0 1 3 4", UP(20),
              UP(21), UP(50), UP(22), UP(23)),
	FIRST("beyond min, one as slow as the slack is taken", 2, 3, "0 1 2", UP(20), UP(21),
              UP(50)),
	FIRST("beyond min, one slower than the slack is left out", 2, 3, "0 1", UP(20), UP(21),
              UP(51)),
	FIRST("up to min, slowness does not matter", 2, 3, "0 1", UP(20), UP(900)),
	FIRST("a drained one is never chosen", 2, 3, "1 2", UP(10, DRAIN), UP(20), UP(20)),
	FIRST("a drained one does not fill up, although it failed last", 2, 3, "2 1",
              DOWN(10, 2, DRAIN), DOWN(20, 1), UP(20)),
	FIRST("a new group goes before a faster one of the same group", 2, 2, "0 2",
              UP(10, GROUP(1)), UP(11, GROUP(1)), UP(90, GROUP(2)), UP(95, GROUP(2))),
	FIRST("a set spans as many groups as it can, and is filled from those", 4, 4, "0 3 1 2",
              UP(10, GROUP(1)), UP(11, GROUP(1)), UP(12, GROUP(1)), UP(90, GROUP(2)),
              UP(13, GROUP(1))),
	FIRST("prefixes without a group are groups of their own", 3, 3, "0 2 3", UP(10, GROUP(1)),
              UP(11, GROUP(1)), UP(50), UP(60)),
	FIRST("a lower tier goes before a new group", 2, 2, "0 1", UP(10, GROUP(1)),
              UP(11, GROUP(1)), UP(5, TIER(1))),
	FIRST("the less lossy goes before the faster", 2, 2, "1 2", UP(10, LOSS(0.2F)), UP(80),
              UP(90)),
	FIRST("a loss that users do not notice is no difference", 2, 2, "0 1", UP(10, LOSS(0.02F)),
              UP(80), UP(90)),
	FIRST("what all lose is no difference", 2, 2, "0 1", UP(10, LOSS(0.24F)),
              UP(80, LOSS(0.2F)), UP(90, LOSS(0.2F))),
	FIRST("a lossy one is no gain beyond min", 2, 3, "0 1", UP(10), UP(11), UP(12, LOSS(0.2F))),
	FIRST("one that lacks a few targets is, and goes last", 2, 3, "0 1 2", UP(10), UP(11),
              UP(5, LOSS(0.2F), .lacks_targets = true)),
	FIRST("where min needs a lossy one, it goes last", 2, 2, "1 0", UP(10, LOSS(0.2F)), UP(80)),
	FIRST("fillers stand behind the healthy", 2, 2, "1 0", DOWN(10, 1), UP(20)),
	FIRST("fewer than min are filled up with those that failed last", 3, 3, "3 1 2",
              DOWN(10, 1), DOWN(20, 3), DOWN(30, 2), UP(40)),
	FIRST("without a healthy one there is no first set", 2, 3, "", DOWN(10, 1), DOWN(20, 1)),
};

/* A while is a minute or so, soon is well before. */
enum when { AT_ONCE, SOON, AFTER_A_WHILE, NEVER };

/* What the candidates are at first, what they become, and the set that comes of it. */
#define BEFORE(...) .before = {__VA_ARGS__}
#define AFTER(...)  .after = {__VA_ARGS__}
#define CHANGE(NAME, MIN, MAX, WHEN, SET, ...)                                              \
	{                                                                                   \
		.name = NAME, .min = MIN, .max = MAX, .when = WHEN, .set = SET, __VA_ARGS__ \
	}
static const struct change {
	const char *name;
	unsigned min, max;
	struct choice_candidate before[CANDIDATES_MAX], after[CANDIDATES_MAX];
	enum when when;
	const char *set;
} changes[] = {
	CHANGE("one that comes within the slack is added at once", 2, 3, AT_ONCE, "0 1 2",
               BEFORE(UP(20), UP(21), UP(80)), AFTER(UP(20), UP(21), UP(40))),
	CHANGE("a member that fails is replaced at once", 2, 2, AT_ONCE, "1 2",
               BEFORE(UP(20), UP(20), UP(80)), AFTER(DOWN(20, 1), UP(20), UP(80))),
	CHANGE("a later set does not wait for those not judged yet", 2, 2, AT_ONCE, "1 2",
               BEFORE(UP(20), UP(20), UP(80)), AFTER(DOWN(20, 1), UP(20), UP(80), NEW(20))),
	CHANGE("a lower tier that comes back is taken at once", 2, 3, AT_ONCE, "0 1",
               BEFORE(DOWN(80, 1), DOWN(80, 1), UP(20, TIER(1)), UP(20, TIER(1))),
               AFTER(UP(80), UP(80), UP(20, TIER(1)), UP(20, TIER(1)))),
	CHANGE("a member that is drained leaves at once", 2, 2, AT_ONCE, "1 2",
               BEFORE(UP(10), UP(20), UP(90)), AFTER(UP(10, DRAIN), UP(20), UP(90))),
	CHANGE("a member in doubt stays while none has to go", 2, 2, NEVER, "0 1",
               BEFORE(UP(10), UP(20), UP(30), UP(40)),
               AFTER(UP(10), UP(20, DOUBT), UP(30), UP(40))),
	CHANGE("a member in doubt goes along with one that has to", 2, 2, AT_ONCE, "2 3",
               BEFORE(UP(10), UP(20), UP(30), UP(40)),
               AFTER(DOWN(10, 1), UP(20, DOUBT), UP(30), UP(40))),
	CHANGE("where all are in doubt, members stay", 2, 2, AT_ONCE, "1 2",
               BEFORE(UP(40), UP(40), DOWN(30, 1), DOWN(30, 1)),
               AFTER(DOWN(40, 1), UP(40, DOUBT), UP(30, DOUBT), UP(30, DOUBT))),
	CHANGE("a clearly faster one is taken after a while", 2, 2, AFTER_A_WHILE, "2 1",
               BEFORE(UP(100), UP(90), UP(100)), AFTER(UP(100), UP(90), UP(40))),
	CHANGE("a small advantage is none, however long it lasts", 2, 2, NEVER, "0 1",
               BEFORE(UP(100), UP(100), UP(100)), AFTER(UP(100), UP(100), UP(90))),
	CHANGE("a member that is much slower is replaced sooner", 2, 2, SOON, "2 0",
               BEFORE(UP(100), UP(100), DOWN(40, 1)), AFTER(UP(100), UP(900), UP(40))),
	CHANGE("a member that loses much is replaced sooner", 2, 2, SOON, "0 2",
               BEFORE(UP(40), UP(40), UP(40)), AFTER(UP(40), UP(40, LOSS(0.3F)), UP(40))),
	CHANGE("a member beyond the slack leaves only after a while", 2, 3, AFTER_A_WHILE, "0 1",
               BEFORE(UP(20), UP(20), UP(20)), AFTER(UP(20), UP(20), UP(200))),
	CHANGE("a new order alone is no change, but is told", 2, 2, NEVER, "1 0",
               BEFORE(UP(20), UP(80), UP(100)), AFTER(UP(90), UP(80), UP(100))),
	CHANGE("of the failed, a member fills up before one that failed later", 2, 2, NEVER, "0 1",
               BEFORE(UP(10), UP(20), UP(30), UP(40)),
               AFTER(UP(10), DOWN(20, 1), DOWN(30, 2), DOWN(40, 2))),
	CHANGE("of the failed, one that answers again fills up first", 2, 2, AT_ONCE, "0 1",
               BEFORE(UP(10), DOWN(20, 1), DOWN(30, 2)),
               AFTER(UP(10), DOWN(20, 1, .answering = true), DOWN(30, 2))),
	CHANGE("a healthy one takes a filler's place at once", 2, 2, AT_ONCE, "0 2",
               BEFORE(UP(10), DOWN(20, 3), DOWN(30, 2)), AFTER(UP(10), DOWN(20, 3), UP(30))),
	CHANGE("with none healthy the set is held", 2, 3, NEVER, "0 1 2",
               BEFORE(UP(10), UP(20), UP(30), UP(40)),
               AFTER(DOWN(10, 4), DOWN(20, 3), DOWN(30, 2), DOWN(40, 1))),
	CHANGE("with none healthy a drained member is replaced all the same", 2, 2, AT_ONCE, "1 2",
               BEFORE(UP(10), UP(20), UP(90)), AFTER(DOWN(10, 1, DRAIN), DOWN(20, 1), DOWN(90, 1))),
};

/* The choice, its candidates, and a time that the test moves. */
struct scene {
	struct choice choice;
	struct choice_candidate candidates[CANDIDATES_MAX];
	uint64_t now_us;
};

static struct scene scene_new(unsigned min, unsigned max, const struct choice_candidate *candidates)
{
	struct scene s = {
		.choice = {.min = min, .max = max, .slack_us = 30 * MS, .start_us = START},
		.now_us = START,
	};

	memcpy(s.candidates, candidates, sizeof(s.candidates));
	return s;
}

#define SCENE(min, max, ...) \
	scene_new(min, max, (const struct choice_candidate[CANDIDATES_MAX]){__VA_ARGS__})

static bool review(struct scene *s)
{
	size_t count = 0;

	while (count < CANDIDATES_MAX && s->candidates[count].latency_us != 0)
		count++;
	return choice_review(&s->choice, s->candidates, count, s->now_us);
}

static void assert_set(const struct scene *s, const char *wanted)
{
	char members[8 * CANDIDATES_MAX] = "";

	for (size_t i = 0, at = 0; i < s->choice.set.count; i++)
		at += (size_t)sprintf(members + at, "%s%u", i ? " " : "", s->choice.set.members[i]);
	assert_string_equal(members, wanted);
}

/*
 * Lets time pass until the set changes. Returns how long it took, to a tenth of a second; HOUR_US
 * if it did not within that time.
 */
static uint64_t change_await(struct scene *s)
{
	uint64_t begin_us = s->now_us;

	while (!review(s) && s->now_us - begin_us < HOUR_US)
		s->now_us += 100 * MS_US;
	return s->now_us - begin_us;
}

static void first_set(void **state)
{
	const struct first *row = *state;
	struct scene s = scene_new(row->min, row->max, row->candidates);

	assert_int_equal(review(&s), *row->set != '\0');

	assert_set(&s, row->set);
}

static void set_changes(void **state)
{
	static const uint64_t bounds_us[][2] = {
		[AT_ONCE] = {0, 0},
		[SOON] = {SECOND_US, 20 * SECOND_US},
		[AFTER_A_WHILE] = {40 * SECOND_US, 10 * MINUTE_US},
		[NEVER] = {HOUR_US, HOUR_US},
	};
	const struct change *row = *state;
	struct scene s = scene_new(row->min, row->max, row->before);
	review(&s);

	memcpy(s.candidates, row->after, sizeof(s.candidates));
	uint64_t took_us = change_await(&s);

	assert_in_range(took_us, bounds_us[row->when][0], bounds_us[row->when][1]);
	assert_set(&s, row->set);
}

static void the_first_set_goes_out_when_all_are_judged_or_after_5_s(void **state)
{
	struct scene early = SCENE(2, 2, UP(10), DOWN(20, 1), NEW(30)), late = early;

	early.now_us += SECOND_US;
	assert_false(review(&early));
	early.candidates[2].failed_us = SECOND_US;
	assert_true(review(&early));

	late.now_us += 3 * SECOND_US;
	assert_false(review(&late));
	late.now_us += 2 * SECOND_US;
	assert_true(review(&late));
	assert_set(&late, "0 2");
}

static void noise_moves_no_member(void **state)
{
	struct scene s = SCENE(2, 2, UP(20), UP(20), UP(21), UP(21));

	review(&s);
	for (unsigned minute = 0; minute < 60; minute++) {
		for (unsigned i = 0; i < 4; i++)
			s.candidates[i].latency_us = (15 + (minute * 7 + i * 5) % 9) * MS;
		s.now_us += MINUTE_US;
		assert_false(review(&s));
	}
}

static void one_that_was_faster_for_a_moment_has_to_prove_itself_anew(void **state)
{
	struct scene s = SCENE(2, 2, UP(100), UP(100), UP(100));
	review(&s);
	struct scene other = s;
	other.candidates[2].latency_us = 40 * MS;
	uint64_t wait_us = change_await(&other);

	s.candidates[2].latency_us = 40 * MS;
	assert_false(review(&s));
	s.now_us += wait_us / 2;
	s.candidates[2].latency_us = 100 * MS;
	assert_false(review(&s));
	s.candidates[2].latency_us = 40 * MS;

	assert_int_equal(change_await(&s), wait_us);
}

/* Another list: candidate i of it was this one before. */
static void list_renumber(struct scene *s, const uint32_t *was, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s->candidates[i].entry.was = was[i];
	s->candidates[count].latency_us = 0;
	choice_renumber(&s->choice, s->candidates, count, s->now_us);
}

static void members_keep_their_places_under_new_numbers(void **state)
{
	struct scene s = SCENE(2, 2, UP(10), UP(20), UP(10));
	review(&s);
	assert_set(&s, "0 2");
	s.candidates[0].latency_us = 9 * MS;
	s.candidates[1].latency_us = 10 * MS;

	list_renumber(&s, (const uint32_t[]){ENGINE_NO_PREFIX, 2, 0}, 3);

	assert_int_equal(change_await(&s), HOUR_US);
	assert_true(engine_set_holds(&s.choice.set, 1));
	assert_true(engine_set_holds(&s.choice.set, 2));
}

static void a_member_that_is_not_listed_any_more_is_replaced_at_once(void **state)
{
	struct scene s = SCENE(2, 2, UP(10), UP(20), UP(90)), none_healthy = s;
	review(&s);
	review(&none_healthy);
	s.candidates[0] = s.candidates[2];
	none_healthy.candidates[0] = none_healthy.candidates[1] =
		(struct choice_candidate)DOWN(20, 1);

	list_renumber(&s, (const uint32_t[]){2, 1}, 2);
	list_renumber(&none_healthy, (const uint32_t[]){2, 1}, 2);

	assert_true(review(&s));
	assert_set(&s, "1 0");
	assert_true(review(&none_healthy));
	assert_set(&none_healthy, "1 0");
}

static const struct CMUnitTest others[] = {
	cmocka_unit_test(the_first_set_goes_out_when_all_are_judged_or_after_5_s),
	cmocka_unit_test(noise_moves_no_member),
	cmocka_unit_test(one_that_was_faster_for_a_moment_has_to_prove_itself_anew),
	cmocka_unit_test(members_keep_their_places_under_new_numbers),
	cmocka_unit_test(a_member_that_is_not_listed_any_more_is_replaced_at_once),
};

int main(void)
{
	struct CMUnitTest tests[COUNT(others) + COUNT(firsts) + COUNT(changes)], *t = tests;

	for (size_t i = 0; i < COUNT(others); i++)
		*t++ = others[i];
	for (size_t i = 0; i < COUNT(firsts); i++)
		*t++ = (struct CMUnitTest){firsts[i].name, first_set, NULL, NULL,
		                           (void *)&firsts[i]};
	for (size_t i = 0; i < COUNT(changes); i++)
		*t++ = (struct CMUnitTest){changes[i].name, set_changes, NULL, NULL,
		                           (void *)&changes[i]};
	return cmocka_run_group_tests_name("choice", tests, NULL, NULL);
}
