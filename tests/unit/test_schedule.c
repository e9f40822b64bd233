/* The timetable of routine probes: evenly over time, evenly over targets, each pair in its turn. */
#include "unit.h"

#include "rule/schedule.h"

#include <string.h>

#define INTERVAL 2000000ULL
#define START    (1000 * INTERVAL)

static struct schedule schedule_new(size_t prefixes, unsigned methods, unsigned targets)
{
	const struct health_config config = {
		.prefixes = prefixes,
		.methods = methods,
		.targets = {targets, targets, targets},
		.interval_us = INTERVAL,
	};
	struct schedule s;

	schedule_init(&s, &config);
	return s;
}

static void every_channel_has_its_own_place_in_the_interval(void **state)
{
	const struct schedule s = schedule_new(5, 2, 13);
	(void)state;

	for (uint32_t c = 0; c < s.channels; c++)
		assert_int_equal(schedule_next_us(&s, c, START - 1), START + c * INTERVAL / 10);
}

static void the_next_time_is_after_now_and_an_interval_after_the_last(void **state)
{
	const struct schedule s = schedule_new(3, 1, 3);
	(void)state;

	uint64_t first = schedule_next_us(&s, 1, 0);
	assert_in_range(first, 1, INTERVAL);
	assert_int_equal(schedule_next_us(&s, 1, first), first + INTERVAL);
	assert_int_equal(schedule_next_us(&s, 1, first + 1), first + INTERVAL);
	assert_int_equal(schedule_next_us(&s, 1, first + INTERVAL - 1), first + INTERVAL);
}

static void only_a_channels_own_times_are_routine(void **state)
{
	const struct schedule s = schedule_new(5, 2, 13);
	(void)state;

	uint64_t due = schedule_next_us(&s, 7, START);
	assert_true(schedule_is_routine(&s, 7, due));
	assert_false(schedule_is_routine(&s, 7, due + 1));
	assert_false(schedule_is_routine(&s, 6, due));
	assert_false(schedule_is_routine(&s, 7, 0));
}

/* Whatever the numbers: none is left out, as they would be if steps and targets had a factor. */
static void a_channel_asks_each_target_once_in_as_many_intervals(void **state)
{
	(void)state;
	for (size_t prefixes = 1; prefixes <= 70; prefixes++) {
		for (unsigned targets = 1; targets <= HEALTH_TARGETS_MAX; targets++) {
			const struct schedule s = schedule_new(prefixes, 2, targets);
			uint32_t channel = (uint32_t)(prefixes * 2 - 1);
			uint64_t asked = 0;
			for (unsigned i = 0; i < targets; i++)
				asked |= 1ULL << schedule_target(&s, channel, START + i * INTERVAL);
			assert_int_equal(asked, UINT64_MAX >> (64 - targets));
		}
	}
}

/* In any window one interval long, counted in probes: the channels in their order, over and over.
 */
static unsigned busiest_target(const struct schedule *s, unsigned targets)
{
	unsigned asked[HEALTH_TARGETS_MAX] = {0}, most = 0;

	for (uint64_t n = 0; n < s->channels * targets * 2; n++) {
		uint32_t channel = (uint32_t)(n % s->channels);
		uint64_t due = START + n / s->channels * INTERVAL;
		unsigned target = schedule_target(s, channel, due);
		if (n >= s->channels)
			asked[schedule_target(s, channel, due - INTERVAL)]--;
		if (++asked[target] > most)
			most = asked[target];
	}
	return most;
}

/* Where there are fewer probes than half the targets, one probe is more than twice the share. */
static void no_target_has_more_than_twice_its_share_of_an_interval(void **state)
{
	(void)state;
	for (size_t prefixes = 1; prefixes <= 70; prefixes++) {
		for (unsigned methods = 1; methods <= HEALTH_METHODS_MAX; methods++) {
			for (unsigned targets = 1; targets <= 20; targets++) {
				const struct schedule s = schedule_new(prefixes, methods, targets);
				unsigned most = busiest_target(&s, targets);
				assert_true(most == 1 || most * targets <= 2 * s.channels);
			}
		}
	}
}

static void methods_with_different_numbers_of_targets_stay_within_them(void **state)
{
	const struct health_config config = {
		.prefixes = 5,
		.methods = 3,
		.targets = {13, 1, 64},
		.interval_us = INTERVAL,
	};
	struct schedule s;
	(void)state;
	schedule_init(&s, &config);

	for (uint32_t c = 0; c < s.channels; c++) {
		for (uint64_t i = 0; i < 200; i++)
			assert_true(schedule_target(&s, c, START + i * INTERVAL) <
			            config.targets[c / 5]);
	}
}

static void neighbours_begin_with_the_same_target_and_groups_with_others(void **state)
{
	const struct schedule s = schedule_new(1000, 2, 13);
	unsigned asked[13] = {0};
	(void)state;

	for (uint32_t c = 0; c < s.channels; c++)
		asked[schedule_first_target(&s, c)]++;

	assert_int_equal(schedule_first_target(&s, 0), schedule_first_target(&s, 15));
	assert_int_equal(schedule_first_target(&s, 0), schedule_first_target(&s, 1000));
	for (unsigned t = 0; t < 13; t++)
		assert_in_range(asked[t], 2000 / 13 / 2, 2000 / 13 * 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_channel_has_its_own_place_in_the_interval),
		cmocka_unit_test(the_next_time_is_after_now_and_an_interval_after_the_last),
		cmocka_unit_test(only_a_channels_own_times_are_routine),
		cmocka_unit_test(a_channel_asks_each_target_once_in_as_many_intervals),
		cmocka_unit_test(no_target_has_more_than_twice_its_share_of_an_interval),
		cmocka_unit_test(methods_with_different_numbers_of_targets_stay_within_them),
		cmocka_unit_test(neighbours_begin_with_the_same_target_and_groups_with_others),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
