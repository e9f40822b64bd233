/* Health and choice together: from answers to the set in force, and over a reload of the file. */
#include "unit.h"

#include "rule/engine.h"


#define RTT_US    20000ULL
#define PREFIXES  4

static struct prefix_entry entries[PREFIXES];
static struct prefix_file file;
static bool dead[PREFIXES];
static unsigned heard;
static bool reviewing;
static uint64_t now_us;

static int world_open(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PREFIXES; i++) {
		entries[i] = (struct prefix_entry){.tier = 0};
		dead[i] = false;
	}
	file = (struct prefix_file){.entries = entries, .count = PREFIXES};
	heard = 0;
	reviewing = true;
	now_us = 100 * SECOND_US;
	return 0;
}

static void fixture_open(struct engine *engine)
{
	const struct engine_config config = {
		.file = &file,
		.methods = 1,
		.targets = {3},
		.interval_us = 2 * SECOND_US,
		.size = {2, 3},
		.slack_us = 50000,
		.flights = 64,
		.now_us = now_us,
	};

	assert_int_equal(engine_init(engine, &config), 0);
}

static void verdict_hear(void *context, const struct health_verdict *verdict)
{
	(void)verdict;
	++*(unsigned *)context;
}

/* Every probe is answered within its own moment, unless its prefix is dead. */
static unsigned run_for(struct engine *engine, uint64_t duration)
{
	unsigned changes = 0;

	for (uint64_t end = now_us + duration; now_us <= end;) {
		struct health_order order;
		while ((order = health_next(engine->health, now_us)).kind != HEALTH_IDLE) {
			if (order.kind == HEALTH_PROBE && !dead[order.prefix])
				health_answer(engine->health, order.flight, now_us);
		}
		if (reviewing)
			changes += engine_review(engine, now_us, verdict_hear, &heard);
		uint64_t due = engine_due(engine, now_us);
		assert_true(due > now_us);
		now_us = due < now_us + RTT_US ? due : now_us + RTT_US;
	}
	return changes;
}

static void the_first_set_comes_within_a_second(void **state)
{
	struct engine engine;
	(void)state;
	fixture_open(&engine);

	assert_int_equal(run_for(&engine, SECOND_US), 1);

	assert_int_equal(engine.choice.count, 3);
	assert_int_equal(heard, PREFIXES);
	engine_free(&engine);
}

static void a_member_that_dies_is_replaced(void **state)
{
	struct engine engine;
	(void)state;
	fixture_open(&engine);
	run_for(&engine, 600 * SECOND_US);
	uint32_t member = engine.choice.members[0];

	dead[member] = true;
	assert_int_equal(run_for(&engine, 6 * SECOND_US), 1);

	assert_false(choice_holds(&engine.choice, member));
	assert_int_equal(engine.choice.count, 3);
	assert_int_equal(heard, PREFIXES + 1);
	engine_free(&engine);
}

/* All at once, and nobody is left to say that it is not the uplink. */
static void when_nobody_is_answered_the_set_stays(void **state)
{
	struct engine engine;
	(void)state;
	fixture_open(&engine);
	run_for(&engine, 60 * SECOND_US);

	for (unsigned i = 0; i < PREFIXES; i++)
		dead[i] = true;

	assert_int_equal(run_for(&engine, 600 * SECOND_US), 0);
	assert_int_equal(engine.choice.count, 3);
	assert_int_equal(engine.choice.healthy, PREFIXES);
	engine_free(&engine);
}

/* A drained prefix goes on as witness, so that all others are found dead. */
static void while_nothing_is_healthy_the_set_stays(void **state)
{
	struct engine engine;
	(void)state;
	entries[3].drain = true;
	fixture_open(&engine);
	run_for(&engine, 60 * SECOND_US);
	assert_int_equal(engine.choice.count, 3);

	for (unsigned i = 0; i < 3; i++)
		dead[i] = true;
	reviewing = false; /* the three are found between two reviews */
	run_for(&engine, 20 * SECOND_US);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(health_prefix_state(engine.health, i), HEALTH_DOWN);
	reviewing = true;

	assert_int_equal(run_for(&engine, 600 * SECOND_US), 0);
	assert_int_equal(engine.choice.healthy, 0);
	assert_int_equal(engine.choice.count, 3);
	engine_free(&engine);
}

static void tiers_and_drains_of_the_file_are_obeyed(void **state)
{
	struct engine engine;
	(void)state;
	entries[0].drain = true;
	entries[1].tier = 1;
	fixture_open(&engine);

	run_for(&engine, 60 * SECOND_US);

	assert_int_equal(engine.choice.count, 2);
	assert_true(choice_holds(&engine.choice, 2));
	assert_true(choice_holds(&engine.choice, 3));
	engine_free(&engine);
}

static void a_reload_keeps_state_and_membership(void **state)
{
	struct engine old, engine;
	(void)state;
	dead[1] = true;
	fixture_open(&old);
	run_for(&old, 60 * SECOND_US);
	assert_false(choice_holds(&old.choice, 1));
	file.count = 3; /* the first is gone from the file: 1, 2, 3 are now 0, 1, 2 */
	for (unsigned i = 0; i < 3; i++)
		dead[i] = dead[i + 1];

	fixture_open(&engine);
	for (uint32_t i = 0; i < 3; i++)
		engine_adopt(&engine, i, &old, i + 1);

	assert_int_equal(health_prefix_state(engine.health, 0), HEALTH_DOWN);
	assert_int_equal(health_prefix_state(engine.health, 1), HEALTH_UP);
	assert_int_equal(engine.choice.count, 2);
	assert_true(choice_holds(&engine.choice, 1));
	assert_true(choice_holds(&engine.choice, 2));
	assert_int_equal(run_for(&engine, 60 * SECOND_US), 0);
	engine_free(&old);
	engine_free(&engine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_first_set_comes_within_a_second, world_open),
		cmocka_unit_test_setup(a_member_that_dies_is_replaced, world_open),
		cmocka_unit_test_setup(when_nobody_is_answered_the_set_stays, world_open),
		cmocka_unit_test_setup(while_nothing_is_healthy_the_set_stays, world_open),
		cmocka_unit_test_setup(tiers_and_drains_of_the_file_are_obeyed, world_open),
		cmocka_unit_test_setup(a_reload_keeps_state_and_membership, world_open),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
