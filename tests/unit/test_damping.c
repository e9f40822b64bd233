/* Flap damping: the run of answers, by the flaps of the last hour. */
#include "unit.h"

#include "rule/damping.h"

#define SECOND   1000000ULL
#define HOUR     (3600 * SECOND)
#define INTERVAL (2 * SECOND)
#define START    (10 * HOUR)

static struct damping flapped(unsigned times)
{
	struct damping d = {.next = 0};

	for (unsigned i = 0; i < times; i++)
		damping_add(&d, START + i * SECOND);
	return d;
}

static uint32_t run_after(unsigned flaps, uint64_t interval)
{
	const struct damping d = flapped(flaps);

	return damping_run(&d, interval, START + 120 * SECOND);
}

static void each_flap_but_the_first_doubles_the_run(void **state)
{
	(void)state;
	assert_int_equal(run_after(0, INTERVAL), 5);
	assert_int_equal(run_after(1, INTERVAL), 5);
	assert_int_equal(run_after(2, INTERVAL), 10);
	assert_int_equal(run_after(3, INTERVAL), 20);
	assert_int_equal(run_after(6, INTERVAL), 160);
}

static void a_run_is_10_minutes_worth_at_most(void **state)
{
	(void)state;
	assert_int_equal(run_after(8, INTERVAL), 300);
	assert_int_equal(run_after(100, INTERVAL), 300);
	assert_int_equal(run_after(8, 30 * SECOND), 20);
}

static void a_long_interval_does_not_shorten_the_run_below_5(void **state)
{
	(void)state;
	assert_int_equal(run_after(8, 600 * SECOND), 5);
	assert_int_equal(run_after(8, 3600 * SECOND), 5);
}

static void a_flap_is_forgotten_after_an_hour(void **state)
{
	const struct damping d = flapped(2);
	(void)state;

	assert_int_equal(damping_flaps(&d, START + HOUR - 1), 2);
	assert_int_equal(damping_flaps(&d, START + HOUR), 1);
	assert_int_equal(damping_flaps(&d, START + HOUR + SECOND), 0);
}

static void the_last_8_flaps_are_remembered(void **state)
{
	const struct damping d = flapped(20);
	(void)state;

	assert_int_equal(damping_flaps(&d, START + 60 * SECOND), 8);
	assert_int_equal(damping_flaps(&d, START + 12 * SECOND + HOUR), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flap_but_the_first_doubles_the_run),
		cmocka_unit_test(a_run_is_10_minutes_worth_at_most),
		cmocka_unit_test(a_long_interval_does_not_shorten_the_run_below_5),
		cmocka_unit_test(a_flap_is_forgotten_after_an_hour),
		cmocka_unit_test(the_last_8_flaps_are_remembered),
	};

	return cmocka_run_group_tests_name("damping", tests, NULL, NULL);
}
