/* The timetable of routine probes: evenly over time, evenly over targets, each pair in its turn. */
#include "unit.h"

#include "rule/schedule.h"

#define INTERVAL (2 * SECOND_US)
#define START    (1000 * INTERVAL)

static struct schedule schedule_new(size_t prefixes, unsigned methods, unsigned targets)
{
	struct schedule s;

	schedule_init(&s, INTERVAL, prefixes, methods,
	              (const unsigned[]){targets, targets, targets});
	return s;
}

static void every_channel_has_its_own_place_in_the_interval(void **state)
{
	const struct schedule s = schedule_new(5, 2, 13);
	uint64_t places = 0;
	(void)state;

	for (uint32_t prefix = 0; prefix < 5; prefix++) {
		for (unsigned m = 0; m < 2; m++) {
			uint64_t next = schedule_next_us(&s, prefix, m, START - 1);
			assert_int_equal((next - START) % (INTERVAL / 10), 0);
			places |= 1ULL << (next - START) / (INTERVAL / 10);
		}
	}
	assert_int_equal(places, (1 << 10) - 1);
}

static void the_methods_of_a_prefix_are_far_apart(void **state)
{
	const struct schedule s = schedule_new(5, 2, 13);
	(void)state;

	for (uint32_t prefix = 0; prefix < 5; prefix++) {
		uint64_t first = schedule_next_us(&s, prefix, 0, START - 1);
		assert_int_equal(schedule_next_us(&s, prefix, 1, START - 1), first + INTERVAL / 2);
	}
}

/* To wake up costs more than to probe. */
static void where_it_gets_dense_two_neighbours_share_a_moment(void **state)
{
	const struct schedule s = schedule_new(1000, 1, 13);
	uint64_t before = 0;
	(void)state;

	for (uint32_t prefix = 0; prefix < 1000; prefix++) {
		uint64_t next = schedule_next_us(&s, prefix, 0, START - 1);
		if (prefix % 2 == 1)
			assert_int_equal(next, before);
		else
			assert_true(next > before);
		before = next;
	}
}

static void the_next_time_is_after_now_and_an_interval_after_the_last(void **state)
{
	const struct schedule s = schedule_new(3, 1, 3);
	(void)state;

	uint64_t first = schedule_next_us(&s, 1, 0, 0);
	assert_in_range(first, 1, INTERVAL);
	assert_int_equal(schedule_next_us(&s, 1, 0, first), first + INTERVAL);
	assert_int_equal(schedule_next_us(&s, 1, 0, first + 1), first + INTERVAL);
	assert_int_equal(schedule_next_us(&s, 1, 0, first + INTERVAL - 1), first + INTERVAL);
}

static void only_a_channels_own_times_are_routine(void **state)
{
	const struct schedule s = schedule_new(5, 2, 13);
	(void)state;

	uint64_t due = schedule_next_us(&s, 2, 1, START);
	assert_true(schedule_is_routine(&s, 2, 1, due));
	assert_false(schedule_is_routine(&s, 2, 1, due + 1));
	assert_false(schedule_is_routine(&s, 1, 1, due));
	assert_false(schedule_is_routine(&s, 2, 0, due));
	assert_false(schedule_is_routine(&s, 2, 1, 0));
}

/* Whatever the numbers: none is left out, as they would be if steps and targets had a factor. */
static void a_channel_asks_each_target_once_in_as_many_intervals(void **state)
{
	(void)state;
	for (size_t prefixes = 1; prefixes <= 70; prefixes++) {
		for (unsigned targets = 1; targets <= TARGETS_MAX; targets++) {
			const struct schedule s = schedule_new(prefixes, 2, targets);
			uint64_t asked = 0;
			for (unsigned i = 0; i < targets; i++)
				asked |= 1ULL << schedule_target(&s, (uint32_t)prefixes - 1, 1,
				                                 START + i * INTERVAL);
			assert_int_equal(asked, UINT64_MAX >> (64 - targets));
		}
	}
}

/* The target of the nth probe of all, counted from an interval's begin. */
static unsigned target_of_nth(const struct schedule *s, uint64_t n)
{
	uint64_t place = n % s->channels;

	return schedule_target(s, (uint32_t)(place % s->prefixes), (unsigned)(place / s->prefixes),
	                       START + n / s->channels * INTERVAL);
}

/* The most probes that one target has within any window that is an interval long. */
static unsigned busiest_target(const struct schedule *s, unsigned targets)
{
	unsigned asked[TARGETS_MAX] = {0}, most = 0;

	for (uint64_t n = 0; n < s->channels * targets * 2; n++) {
		unsigned target = target_of_nth(s, n);
		if (n >= s->channels)
			asked[target_of_nth(s, n - s->channels)]--;
		if (++asked[target] > most)
			most = asked[target];
	}
	return most;
}

/* Where there are fewer probes than half the targets, one probe is more than twice the share. */
static void no_target_has_more_than_twice_its_share_of_an_interval(void **state)
{
	(void)state;
	for (size_t prefixes = 1; prefixes <= 40; prefixes++) {
		for (unsigned methods = 1; methods <= METHODS_MAX; methods++) {
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
	const unsigned targets[] = {13, 1, 64};
	struct schedule s;
	(void)state;
	schedule_init(&s, INTERVAL, 5, 3, targets);

	for (uint32_t c = 0; c < s.channels; c++) {
		for (uint64_t i = 0; i < 200; i++)
			assert_true(schedule_target(&s, c % 5, c / 5, START + i * INTERVAL) <
			            targets[c / 5]);
	}
}

static void neighbours_begin_with_the_same_target_and_groups_with_others(void **state)
{
	const struct schedule s = schedule_new(1000, 1, 13);
	unsigned asked[13] = {0};
	(void)state;

	for (uint32_t prefix = 0; prefix < 1000; prefix++)
		asked[schedule_first_target(&s, prefix, 0)]++;

	assert_int_equal(schedule_first_target(&s, 0, 0), schedule_first_target(&s, 1, 0));
	for (unsigned t = 0; t < 13; t++)
		assert_in_range(asked[t], 1000 / 13 / 2, 1000 / 13 * 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_channel_has_its_own_place_in_the_interval),
		cmocka_unit_test(the_methods_of_a_prefix_are_far_apart),
		cmocka_unit_test(where_it_gets_dense_two_neighbours_share_a_moment),
		cmocka_unit_test(the_next_time_is_after_now_and_an_interval_after_the_last),
		cmocka_unit_test(only_a_channels_own_times_are_routine),
		cmocka_unit_test(a_channel_asks_each_target_once_in_as_many_intervals),
		cmocka_unit_test(no_target_has_more_than_twice_its_share_of_an_interval),
		cmocka_unit_test(methods_with_different_numbers_of_targets_stay_within_them),
		cmocka_unit_test(neighbours_begin_with_the_same_target_and_groups_with_others),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
