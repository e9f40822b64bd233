/* Health and choice together: from answers to the set in force, and over a reload of the file. */
#include "unit.h"

#include "rule/engine.h"

#define RTT_US   20000ULL
#define PREFIXES 4

static struct engine_entry entries[PREFIXES];
static size_t count;
static bool dead[PREFIXES];
static unsigned heard;
static bool reviewing;
static uint64_t now_us;

static int world_open(void **state)
{
	(void)state;
	for (unsigned i = 0; i < PREFIXES; i++) {
		entries[i] = (struct engine_entry){.was = ENGINE_NO_PREFIX};
		dead[i] = false;
	}
	count = PREFIXES;
	heard = 0;
	reviewing = true;
	now_us = 100 * SECOND_US;
	return 0;
}

static void verdict_hear(void *context, const struct verdict *verdict)
{
	(void)verdict;
	++*(unsigned *)context;
}

static struct engine *fixture_open(void)
{
	const struct engine_config config = {
		.methods = 1,
		.targets = {3},
		.interval_us = 2 * SECOND_US,
		.set_min = 2,
		.set_max = 3,
		.slack_us = 50000,
		.prefixes_max = PREFIXES,
		.probes_max = 64,
		.on_verdict = verdict_hear,
		.context = &heard,
	};
	struct engine *engine = engine_new(&config);

	assert_non_null(engine);
	engine_load(engine, entries, count, now_us);
	return engine;
}

static bool set_holds(const struct engine *engine, uint32_t prefix)
{
	const struct engine_set *set = engine_set(engine);

	for (size_t i = 0; i < set->count; i++) {
		if (set->members[i] == prefix)
			return true;
	}
	return false;
}

static enum prefix_state state_of(const struct engine *engine, uint32_t prefix)
{
	struct engine_prefix view;

	engine_prefix(engine, prefix, now_us, &view);
	return view.state;
}

static size_t healthy_of(const struct engine *engine)
{
	struct engine_summary summary;

	engine_summary(engine, now_us, &summary);
	return summary.healthy;
}

/* Every probe is answered within its own moment, unless its prefix is dead. */
static unsigned run_for(struct engine *engine, uint64_t duration)
{
	unsigned changes = 0;

	for (uint64_t end = now_us + duration; now_us <= end;) {
		struct engine_order order;
		while ((order = engine_next(engine, now_us)).kind != ORDER_IDLE) {
			if (order.kind == ORDER_PROBE && !dead[order.prefix])
				engine_answer(engine, order.probe, now_us);
		}
		if (reviewing)
			changes += engine_review(engine, now_us);
		uint64_t due = engine_due(engine, now_us);
		assert_true(due > now_us || !reviewing);
		now_us = due > now_us && due < now_us + RTT_US ? due : now_us + RTT_US;
	}
	return changes;
}

static void the_first_set_comes_within_a_second(void **state)
{
	struct engine *engine = fixture_open();
	(void)state;

	assert_int_equal(run_for(engine, SECOND_US), 1);

	assert_int_equal(engine_set(engine)->count, 3);
	assert_int_equal(heard, PREFIXES);
	engine_free(engine);
}

static void a_member_that_dies_is_replaced(void **state)
{
	struct engine *engine = fixture_open();
	(void)state;
	run_for(engine, 600 * SECOND_US);
	uint32_t member = engine_set(engine)->members[0];

	dead[member] = true;
	assert_int_equal(run_for(engine, 6 * SECOND_US), 1);

	assert_false(set_holds(engine, member));
	assert_int_equal(engine_set(engine)->count, 3);
	assert_int_equal(heard, PREFIXES + 1);
	engine_free(engine);
}

/* All at once, and nobody is left to say that it is not the uplink. */
static void when_nobody_is_answered_the_set_stays(void **state)
{
	struct engine *engine = fixture_open();
	(void)state;
	run_for(engine, 60 * SECOND_US);

	for (unsigned i = 0; i < PREFIXES; i++)
		dead[i] = true;

	assert_int_equal(run_for(engine, 600 * SECOND_US), 0);
	assert_int_equal(engine_set(engine)->count, 3);
	assert_int_equal(healthy_of(engine), PREFIXES);
	engine_free(engine);
}

/* A drained prefix goes on as witness, so that all others are found dead. */
static void while_nothing_is_healthy_the_set_stays(void **state)
{
	(void)state;
	entries[3].drain = true;
	struct engine *engine = fixture_open();
	run_for(engine, 60 * SECOND_US);
	assert_int_equal(engine_set(engine)->count, 3);

	for (unsigned i = 0; i < 3; i++)
		dead[i] = true;
	reviewing = false; /* the three are found between two reviews */
	run_for(engine, 20 * SECOND_US);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(state_of(engine, i), PREFIX_DOWN);
	reviewing = true;

	assert_int_equal(run_for(engine, 600 * SECOND_US), 0);
	assert_int_equal(healthy_of(engine), 0);
	assert_int_equal(engine_set(engine)->count, 3);
	engine_free(engine);
}

static void tiers_and_drains_of_the_file_are_obeyed(void **state)
{
	(void)state;
	entries[0].drain = true;
	entries[1].tier = 1;
	struct engine *engine = fixture_open();

	run_for(engine, 60 * SECOND_US);

	assert_int_equal(engine_set(engine)->count, 2);
	assert_true(set_holds(engine, 2));
	assert_true(set_holds(engine, 3));
	engine_free(engine);
}

static void a_reload_keeps_state_and_membership(void **state)
{
	(void)state;
	dead[1] = true;
	struct engine *engine = fixture_open();
	run_for(engine, 60 * SECOND_US);
	assert_false(set_holds(engine, 1));
	count = 3; /* the first is gone from the file: 1, 2, 3 are now 0, 1, 2 */
	for (unsigned i = 0; i < 3; i++) {
		dead[i] = dead[i + 1];
		entries[i].was = i + 1;
	}

	engine_load(engine, entries, count, now_us);

	assert_int_equal(state_of(engine, 0), PREFIX_DOWN);
	assert_int_equal(state_of(engine, 1), PREFIX_UP);
	assert_int_equal(engine_set(engine)->count, 2);
	assert_true(set_holds(engine, 1));
	assert_true(set_holds(engine, 2));
	assert_int_equal(run_for(engine, 60 * SECOND_US), 0);
	engine_free(engine);
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
