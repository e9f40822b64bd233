/* What is told to people: verdicts, sets with their reasons, shortages, and the hour's line. */
#include "unit.h"

#include "capture.h"
#include "engine_fixture.h"
#include "log.h"

static struct capture capture;
static bool loud;

static int world_open(void **state)
{
	static const char *const words[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3",
	                                    "192.0.2.4", "192.0.2.5", "192.0.2.6"};

	(void)state;
	network_make(4, words, COUNT(words));
	fixture_open();
	return 0;
}

static int world_close(void **state)
{
	(void)state;
	engine_free(engine);
	return 0;
}

static void verdict_hear(const struct verdict *verdict)
{
	if (loud)
		report_verdict(&names, verdict);
}

static void run_for(uint64_t duration)
{
	listener = verdict_hear;
	for (uint64_t end = now_us + duration; now_us <= end;)
		network_step();
}

static const char *said_in(uint64_t duration)
{
	loud = true;
	capture_begin(&capture);
	run_for(duration);
	loud = false;
	return capture_end(&capture);
}

#define ASSERT_SAID(said, words)                                         \
	do {                                                             \
		if (!strstr(said, words))                                \
			fail_msg("not said: %s\nsaid: %s", words, said); \
	} while (0)

static struct prefix_set set_chosen(void)
{
	struct prefix_set set = {.count = engine_set(engine)->count};

	for (size_t i = 0; i < set.count; i++)
		set.prefixes[i] = entries[engine_set(engine)->members[i]].prefix;
	return set;
}

static struct prefix_set set_of(unsigned a, unsigned b)
{
	return (struct prefix_set){{entries[a].prefix, entries[b].prefix}, 2};
}

static const char *set_said(const struct prefix_set *set, const struct prefix_set *before)
{
	capture_begin(&capture);
	report_set(&names, engine, set, before, now_us);
	return capture_end(&capture);
}

static void down_names_method_targets_and_who_was_answered(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	dead[1] = true;

	const char *said = said_in(30 * SECOND_US);

	ASSERT_SAID(said, "2001:db8:64:2::/96 is down: no ");
	ASSERT_SAID(said, ":53 and 2 more, which answered other prefixes (last: 2001:db8:");
	assert_null(strstr(said, "(last: 2001:db8:64:2::/96)"));
	assert_null(strstr(said, "evidence"));
}

static void up_names_the_answers_in_a_row(void **state)
{
	(void)state;
	ASSERT_SAID(said_in(10 * SECOND_US),
	            "2001:db8:64:1::/96 is up: it answers by each method\n");
	dead[1] = true;
	run_for(30 * SECOND_US);
	dead[1] = false;

	const char *said = said_in(60 * SECOND_US);

	ASSERT_SAID(said, "2001:db8:64:2::/96 is up: 5 answers in a row by each method\n");
}

static void the_first_set_needs_no_reason(void **state)
{
	const struct prefix_set none = {.count = 0}, set = set_of(0, 1);

	(void)state;
	assert_string_equal(set_said(&set, &none),
	                    "nat64health: set: 2001:db8:64:1::/96 2001:db8:64:2::/96\n");
}

static void a_set_tells_who_left_and_why(void **state)
{
	const struct prefix_set before = set_of(0, 1), after = set_of(0, 2);
	struct prefix_set stranger = before;

	(void)state;
	run_for(10 * SECOND_US);
	assert_string_equal(
		set_said(&after, &before),
		"nat64health: set: 2001:db8:64:1::/96 2001:db8:64:3::/96 (was: "
		"2001:db8:64:1::/96 2001:db8:64:2::/96); 2001:db8:64:2::/96 is slower\n");

	entries[1].tier = 3;
	ASSERT_SAID(set_said(&after, &before),
	            "; 2001:db8:64:2::/96 is of a tier that is not needed");

	entries[1].drain = true;
	ASSERT_SAID(set_said(&after, &before), "; 2001:db8:64:2::/96 is drained\n");

	entries[1].drain = false;
	dead[1] = true;
	run_for(30 * SECOND_US);
	ASSERT_SAID(set_said(&after, &before), "; 2001:db8:64:2::/96 is down\n");

	prefix_parse(&stranger.prefixes[1], "64:ff9b::/96");
	ASSERT_SAID(set_said(&after, &stranger), "; 64:ff9b::/96 is not listed any more\n");
}

static void a_prefix_of_a_tier_in_use_is_called_slow(void **state)
{
	const struct prefix_set before = set_of(0, 1), after = set_of(0, 2);

	(void)state;
	run_for(10 * SECOND_US);
	entries[1].tier = 3;
	entries[0].tier = 3;

	ASSERT_SAID(set_said(&after, &before), "; 2001:db8:64:2::/96 is slower\n");
}

static void a_prefix_that_just_failed_is_not_called_slow(void **state)
{
	const struct prefix_set before = set_of(0, 1), after = set_of(0, 2);

	(void)state;
	run_for(60 * SECOND_US);
	dead[1] = true;
	struct engine_prefix view = {.doubt = false};
	for (unsigned i = 0; i < 400 && !view.doubt; i++) {
		run_for(RTT_US / 2);
		engine_prefix(engine, 1, now_us, &view);
	}
	assert_true(view.doubt);

	ASSERT_SAID(set_said(&after, &before), "; 2001:db8:64:2::/96 does not answer just now\n");
}

static void who_stayed_is_not_named(void **state)
{
	struct prefix_set set = set_of(0, 1);
	const struct prefix_set before = set;

	(void)state;
	run_for(10 * SECOND_US);
	set.prefixes[set.count++] = entries[2].prefix;

	ASSERT_SAID(set_said(&set, &before), "(was: 2001:db8:64:1::/96 2001:db8:64:2::/96)\n");
}

static enum engine_supply supply_said(enum engine_supply was, const char *words)
{
	capture_begin(&capture);
	enum engine_supply supply = report_supply(&names, engine, now_us, was);
	const char *said = capture_end(&capture);

	if (*words == '\0')
		assert_string_equal(said, "");
	ASSERT_SAID(said, words);
	return supply;
}

static void a_shortage_is_told_once_and_so_is_its_end(void **state)
{
	(void)state;
	run_for(10 * SECOND_US);
	assert_int_equal(supply_said(SUPPLY_ENOUGH, ""), SUPPLY_ENOUGH);

	dead[1] = dead[2] = dead[3] = true;
	run_for(60 * SECOND_US);
	assert_int_equal(supply_said(SUPPLY_ENOUGH, "1 of 4 prefixes healthy, fewer than 2: filled "
	                                            "up with those that failed last\n"),
	                 SUPPLY_SHORT);
	assert_int_equal(supply_said(SUPPLY_SHORT, ""), SUPPLY_SHORT);

	dead[1] = dead[2] = dead[3] = false;
	run_for(60 * SECOND_US);
	assert_int_equal(supply_said(SUPPLY_SHORT, "4 of 4 prefixes healthy again\n"),
	                 SUPPLY_ENOUGH);
}

static void a_start_with_too_few_is_told_once_all_are_judged(void **state)
{
	(void)state;
	dead[1] = dead[2] = dead[3] = true;
	assert_int_equal(supply_said(SUPPLY_ENOUGH, ""), SUPPLY_ENOUGH);
	assert_int_equal(supply_said(SUPPLY_SHORT, ""), SUPPLY_SHORT);

	run_for(60 * SECOND_US);

	assert_int_equal(engine_set(engine)->count, 0);
	assert_int_equal(supply_said(SUPPLY_ENOUGH, "1 of 4 prefixes healthy, fewer than 2: no set "
	                                            "goes out\n"),
	                 SUPPLY_SHORT);
}

static void the_hour_is_summed_up_once(void **state)
{
	struct counters counters = {.probes = 1000, .answers = 990, .ups = 4};
	struct report_hour hour = {.since_us = now_us};

	(void)state;
	capture_begin(&capture);
	report_hour(&hour, &names, engine, &counters, now_us);
	report_hour(&hour, &names, engine, &counters, now_us + HOUR_US - 1);
	assert_string_equal(capture_end(&capture), "");

	capture_begin(&capture);
	report_hour(&hour, &names, engine, &counters, now_us + HOUR_US);
	assert_string_equal(capture_end(&capture),
	                    "nat64health: in the last hour: 1000 probes, 990 answered, 4 times a "
	                    "prefix up or down, 0 changes of the set; 0 of 4 prefixes healthy; "
	                    "set: none yet\n");

	run_for(10 * SECOND_US);
	counters = (struct counters){
		.probes = 1500, .answers = 1480, .ups = 5, .downs = 2, .set_changes = 3};
	capture_begin(&capture);
	report_hour(&hour, &names, engine, &counters, hour.since_us + HOUR_US - 1);
	report_hour(&hour, &names, engine, &counters, hour.since_us + HOUR_US + 5);
	assert_string_equal(capture_end(&capture),
	                    "nat64health: in the last hour: 500 probes, 490 answered, 3 times a "
	                    "prefix up or down, 3 changes of the set; 4 of 4 prefixes healthy; "
	                    "set: 2001:db8:64:1::/96 2001:db8:64:2::/96 2001:db8:64:3::/96\n");
	assert_int_equal(set_chosen().count, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(down_names_method_targets_and_who_was_answered,
	                                        world_open, world_close),
		cmocka_unit_test_setup_teardown(up_names_the_answers_in_a_row, world_open,
	                                        world_close),
		cmocka_unit_test_setup_teardown(the_first_set_needs_no_reason, world_open,
	                                        world_close),
		cmocka_unit_test_setup_teardown(a_set_tells_who_left_and_why, world_open,
	                                        world_close),
		cmocka_unit_test_setup_teardown(a_prefix_of_a_tier_in_use_is_called_slow,
	                                        world_open, world_close),
		cmocka_unit_test_setup_teardown(a_prefix_that_just_failed_is_not_called_slow,
	                                        world_open, world_close),
		cmocka_unit_test_setup_teardown(who_stayed_is_not_named, world_open, world_close),
		cmocka_unit_test_setup_teardown(a_shortage_is_told_once_and_so_is_its_end,
	                                        world_open, world_close),
		cmocka_unit_test_setup_teardown(a_start_with_too_few_is_told_once_all_are_judged,
	                                        world_open, world_close),
		cmocka_unit_test_setup_teardown(the_hour_is_summed_up_once, world_open,
	                                        world_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
