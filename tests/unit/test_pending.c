/* The probes under way: numbers given and taken back, and the list of each target. */
#include "unit.h"

#include "rule/state.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 8

static struct pending pending;
static struct channel channels[METHODS_MAX];

static int pending_open_table(void **state)
{
	(void)state;
	for (unsigned m = 0; m < METHODS_MAX; m++)
		channels[m].method = m;
	pending = (struct pending){.probes = calloc(ROOM, sizeof(*pending.probes)), .max = ROOM};
	assert_non_null(pending.probes);
	pending.free = PENDING_NONE;
	memset(pending.first, 0xff, sizeof(pending.first));
	return 0;
}

static int pending_close_table(void **state)
{
	(void)state;
	free(pending.probes);
	return 0;
}

static uint32_t open_to(unsigned method, unsigned target)
{
	const struct pending_probe probe = {.channel = &channels[method], .target = target};

	return pending_open(&pending, &probe);
}

/* How many are under way to the target; fails if one is not its. */
static unsigned count_to(unsigned method, unsigned target)
{
	unsigned count = 0;
	uint32_t previous = PENDING_NONE;

	for (uint32_t id = pending.first[method][target]; id != PENDING_NONE;
	     id = pending.probes[id].next) {
		assert_int_equal(pending.probes[id].channel->method, method);
		assert_int_equal(pending.probes[id].target, target);
		assert_int_equal(pending.probes[id].previous, previous);
		assert_int_equal(pending.probes[id].state, PENDING_WAITING);
		previous = id;
		assert_true(++count <= ROOM);
	}
	return count;
}

static void numbers_are_below_the_room_and_each_is_given_once(void **state)
{
	unsigned given = 0;
	(void)state;

	for (unsigned i = 0; i < ROOM; i++) {
		uint32_t id = open_to(0, i % 3);
		assert_true(id < ROOM);
		assert_false(given >> id & 1);
		given |= 1U << id;
	}
	assert_int_equal(open_to(0, 0), PENDING_NONE);
}

static void a_number_that_is_closed_is_given_again_before_a_new_one(void **state)
{
	(void)state;
	open_to(0, 0);
	uint32_t id = open_to(0, 1);
	open_to(0, 2);

	pending_close(&pending, id);

	assert_int_equal(open_to(1, 5), id);
	assert_int_equal(pending.used, 3);
}

static void each_target_has_its_own_list_and_the_newest_stands_first(void **state)
{
	uint32_t ids[4];
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		ids[i] = open_to(i % 2, 7);
	assert_int_equal(count_to(0, 7), 2);
	assert_int_equal(count_to(1, 7), 2);
	assert_int_equal(pending.first[0][7], ids[2]);
}

static void one_may_leave_its_list_from_anywhere(void **state)
{
	uint32_t ids[5];
	(void)state;
	for (unsigned i = 0; i < 5; i++)
		ids[i] = open_to(0, 3);

	pending_close(&pending, ids[4]); /* the first of the list */
	assert_int_equal(count_to(0, 3), 4);
	pending_close(&pending, ids[2]);
	assert_int_equal(count_to(0, 3), 3);
	pending_close(&pending, ids[0]); /* the last */
	assert_int_equal(count_to(0, 3), 2);
	pending_close(&pending, ids[1]);
	pending_close(&pending, ids[3]);
	assert_int_equal(count_to(0, 3), 0);
}

#define TABLE(test) cmocka_unit_test_setup_teardown(test, pending_open_table, pending_close_table)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE(numbers_are_below_the_room_and_each_is_given_once),
		TABLE(a_number_that_is_closed_is_given_again_before_a_new_one),
		TABLE(each_target_has_its_own_list_and_the_newest_stands_first),
		TABLE(one_may_leave_its_list_from_anywhere),
	};

	return cmocka_run_group_tests_name("pending", tests, NULL, NULL);
}
