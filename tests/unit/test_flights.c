/* The probes under way: numbers given and taken back, and the list of each target. */
#include "unit.h"

#include "rule/flights.h"

#include <string.h>

#define ROOM 8

static struct flights flights;

static int flights_setup(void **state)
{
	(void)state;
	return flights_init(&flights, ROOM);
}

static int flights_teardown(void **state)
{
	(void)state;
	flights_free(&flights);
	return 0;
}

static uint32_t open_to(unsigned method, unsigned target)
{
	const struct flight flight = {.method = (uint8_t)method, .target = (uint8_t)target};

	return flights_open(&flights, &flight);
}

/* How many are under way to the target; fails if one is not its. */
static unsigned count_to(unsigned method, unsigned target)
{
	unsigned count = 0;
	uint32_t previous = FLIGHTS_NONE;

	for (uint32_t id = flights.first[method][target]; id != FLIGHTS_NONE;
	     id = flights.all[id].next) {
		assert_int_equal(flights.all[id].method, method);
		assert_int_equal(flights.all[id].target, target);
		assert_int_equal(flights.all[id].previous, previous);
		assert_int_equal(flights.all[id].state, FLIGHT_WAITING);
		previous = id;
		assert_true(++count <= ROOM);
	}
	return count;
}

static void a_flight_is_found_by_its_target_until_it_is_closed(void **state)
{
	(void)state;
	uint32_t id = open_to(1, 5);

	assert_true(id < ROOM);
	assert_int_equal(count_to(1, 5), 1);
	assert_int_equal(count_to(0, 5), 0);
	flights_close(&flights, id);
	assert_int_equal(count_to(1, 5), 0);
	assert_int_equal(flights.all[id].state, FLIGHT_FREE);
}

static void when_all_fly_there_is_none_left_until_one_is_closed(void **state)
{
	uint64_t given = 0;
	(void)state;
	for (unsigned i = 0; i < ROOM; i++)
		given |= 1ULL << open_to(0, i);
	assert_int_equal(given, (1 << ROOM) - 1);

	assert_int_equal(open_to(0, 1), FLIGHTS_NONE);
	flights_close(&flights, 3);
	assert_int_equal(open_to(0, 1), 3);
}

static void any_of_a_targets_flights_may_be_closed(void **state)
{
	(void)state;
	for (unsigned place = 0; place < 3; place++) {
		uint32_t ids[3];
		for (unsigned i = 0; i < 3; i++)
			ids[i] = open_to(2, 63);
		flights_close(&flights, ids[place]);
		assert_int_equal(count_to(2, 63), 2);
		for (unsigned i = 0; i < 3; i++) {
			if (i != place)
				flights_close(&flights, ids[i]);
		}
		assert_int_equal(count_to(2, 63), 0);
	}
}

static void with_no_room_nothing_flies(void **state)
{
	(void)state;
	flights_free(&flights);
	assert_int_equal(flights_init(&flights, 0), 0);

	assert_int_equal(open_to(0, 0), FLIGHTS_NONE);
}

#define FLIGHTS(test) cmocka_unit_test_setup_teardown(test, flights_setup, flights_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FLIGHTS(a_flight_is_found_by_its_target_until_it_is_closed),
		FLIGHTS(when_all_fly_there_is_none_left_until_one_is_closed),
		FLIGHTS(any_of_a_targets_flights_may_be_closed),
		FLIGHTS(with_no_room_nothing_flies),
	};

	return cmocka_run_group_tests_name("flights", tests, NULL, NULL);
}
