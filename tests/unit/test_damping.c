/* Flap damping: the run of answers, by the flaps of the last hour. */
#include "unit.h"

#include "rule/damping.h"

#define INTERVAL (2 * SECOND_US)
#define START    (10 * HOUR_US)

static struct damping flapped(unsigned times)
{
	struct damping d = {.next = 0};

	for (unsigned i = 0; i < times; i++)
		damping_add(&d, START + i * SECOND_US);
	return d;
}

static uint32_t run_after(unsigned flaps, uint32_t run, uint64_t interval_us)
{
	const struct damping d = flapped(flaps);

	return damping_run(&d, run, interval_us, START + 120 * SECOND_US);
}

static void each_flap_but_the_first_doubles_the_run(void **state)
{
	(void)state;
	assert_int_equal(run_after(0, 7, INTERVAL), 7);
	assert_int_equal(run_after(1, 7, INTERVAL), 7);
	assert_int_equal(run_after(2, 7, INTERVAL), 14);
	assert_int_equal(run_after(3, 7, INTERVAL), 28);
	assert_int_equal(run_after(6, 7, INTERVAL), 7 * 32);
}

static void a_run_is_10_minutes_worth_at_most(void **state)
{
	(void)state;
	assert_int_equal(run_after(8, 7, INTERVAL), 300);
	assert_int_equal(run_after(100, 7, INTERVAL), 300);
	assert_int_equal(run_after(0, 100000, INTERVAL), 300);
	assert_int_equal(run_after(8, 7, 30 * SECOND_US), 20);
}

static void the_longest_run_doubled_does_not_overflow(void **state)
{
	(void)state;
	assert_int_equal(run_after(8, UINT32_MAX, INTERVAL), 300);
}

static void a_long_interval_leaves_some_answers_to_wait_for(void **state)
{
	(void)state;
	assert_in_range(run_after(8, 7, 600 * SECOND_US), 2, 7);
	assert_in_range(run_after(8, 7, 3600 * SECOND_US), 2, 7);
}

static void a_flap_is_forgotten_after_an_hour(void **state)
{
	const struct damping d = flapped(2);
	(void)state;

	assert_int_equal(damping_flaps(&d, START + HOUR_US - 1), 2);
	assert_int_equal(damping_flaps(&d, START + HOUR_US), 1);
	assert_int_equal(damping_flaps(&d, START + HOUR_US + SECOND_US), 0);
}

static void the_last_8_flaps_are_remembered(void **state)
{
	const struct damping d = flapped(20);
	(void)state;

	assert_int_equal(damping_flaps(&d, START + 60 * SECOND_US), 8);
	assert_int_equal(damping_flaps(&d, START + 12 * SECOND_US + HOUR_US), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flap_but_the_first_doubles_the_run),
		cmocka_unit_test(a_run_is_10_minutes_worth_at_most),
		cmocka_unit_test(the_longest_run_doubled_does_not_overflow),
		cmocka_unit_test(a_long_interval_leaves_some_answers_to_wait_for),
		cmocka_unit_test(a_flap_is_forgotten_after_an_hour),
		cmocka_unit_test(the_last_8_flaps_are_remembered),
	};

	return cmocka_run_group_tests_name("damping", tests, NULL, NULL);
}
