/* The probes under way: numbers given and taken back, and the list of each target. */
#include "unit.h"

#include "rule/pending.h"

#include <string.h>

#define ROOM 8

static struct pending pending;

static int table_open(void **state)
{
	(void)state;
	return pending_init(&pending, ROOM);
}

static int table_close(void **state)
{
	(void)state;
	pending_free(&pending);
	return 0;
}

static uint32_t open_to(unsigned method, unsigned target)
{
	const struct pending_probe probe = {.method = (uint8_t)method, .target = (uint8_t)target};

	return pending_open(&pending, &probe);
}

/* How many are under way to the target; fails if one is not its. */
static unsigned count_to(unsigned method, unsigned target)
{
	unsigned count = 0;
	uint32_t previous = PENDING_NONE;

	for (uint32_t id = pending.first[method][target]; id != PENDING_NONE;
	     id = pending.probes[id].next) {
		assert_int_equal(pending.probes[id].method, method);
		assert_int_equal(pending.probes[id].target, target);
		assert_int_equal(pending.probes[id].previous, previous);
		assert_int_equal(pending.probes[id].state, PENDING_WAITING);
		previous = id;
		assert_true(++count <= ROOM);
	}
	return count;
}

static void a_probe_is_found_by_its_target_until_it_is_closed(void **state)
{
	(void)state;
	uint32_t id = open_to(1, 5);

	assert_true(id < ROOM);
	assert_int_equal(count_to(1, 5), 1);
	assert_int_equal(count_to(0, 5), 0);
	pending_close(&pending, id);
	assert_int_equal(count_to(1, 5), 0);
	assert_int_equal(pending.probes[id].state, PENDING_FREE);
}

static void a_full_table_has_room_again_once_one_is_closed(void **state)
{
	uint64_t given = 0;
	(void)state;
	for (unsigned i = 0; i < ROOM; i++)
		given |= 1ULL << open_to(0, i);
	assert_int_equal(given, (1 << ROOM) - 1);

	assert_int_equal(open_to(0, 1), PENDING_NONE);
	pending_close(&pending, 3);
	assert_int_equal(open_to(0, 1), 3);
}

static void any_of_a_targets_probes_may_be_closed(void **state)
{
	(void)state;
	for (unsigned place = 0; place < 3; place++) {
		uint32_t ids[3];
		for (unsigned i = 0; i < 3; i++)
			ids[i] = open_to(2, 63);
		pending_close(&pending, ids[place]);
		assert_int_equal(count_to(2, 63), 2);
		for (unsigned i = 0; i < 3; i++) {
			if (i != place)
				pending_close(&pending, ids[i]);
		}
		assert_int_equal(count_to(2, 63), 0);
	}
}

static void without_room_no_probe_is_taken_in(void **state)
{
	(void)state;
	pending_free(&pending);
	assert_int_equal(pending_init(&pending, 0), 0);

	assert_int_equal(open_to(0, 0), PENDING_NONE);
}

static void the_newest_of_a_target_is_found_first(void **state)
{
	(void)state;
	uint32_t older = open_to(0, 7), newer = open_to(0, 7);

	assert_int_equal(pending.first[0][7], newer);
	assert_int_equal(pending.probes[newer].next, older);
}

static void after_all_are_forgotten_all_numbers_are_free(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROOM; i++)
		open_to(1, i);
	pending_close(&pending, 2);

	pending_clear(&pending);

	for (unsigned i = 0; i < ROOM; i++)
		assert_int_equal(count_to(1, i), 0);
	for (unsigned i = 0; i < ROOM; i++)
		assert_true(open_to(0, 0) < ROOM);
	assert_int_equal(open_to(0, 0), PENDING_NONE);
}

#define PENDING(test) cmocka_unit_test_setup_teardown(test, table_open, table_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PENDING(a_probe_is_found_by_its_target_until_it_is_closed),
		PENDING(a_full_table_has_room_again_once_one_is_closed),
		PENDING(any_of_a_targets_probes_may_be_closed),
		PENDING(the_newest_of_a_target_is_found_first),
		PENDING(after_all_are_forgotten_all_numbers_are_free),
		PENDING(without_room_no_probe_is_taken_in),
	};

	return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
