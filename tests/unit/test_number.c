/* Numbers that people write: what is one, and what is not. */
#include "unit.h"

#include "number.h"

#include <errno.h>

TEST_THAT(digits_up_to_the_bound_are_a_number)
{
	unsigned number = 7;

	assert_int_equal(number_parse(&number, "0", 10), 0);
	assert_int_equal(number, 0);
	assert_int_equal(number_parse(&number, "65535", UINT16_MAX), 0);
	assert_int_equal(number, 65535);
	assert_int_equal(number_parse(&number, "007", 10), 0);
	assert_int_equal(number, 7);
}

TEST_THAT(anything_else_is_none_and_changes_nothing)
{
	static const char *const bad[] = {"",   "11",  "-1", "+1",         " 1",
	                                  "1 ", "0x1", "1.", "4294967296", "99999999999999999999"};
	unsigned number = 7;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(number_parse(&number, bad[i], 10), -EINVAL);
	assert_int_equal(number, 7);
}

TEST_THAT(seconds_may_have_fractions)
{
	uint64_t us = 7;

	assert_int_equal(seconds_parse(&us, "0.1", 0.1, 3600), 0);
	assert_int_equal(us, 100000);
	assert_int_equal(seconds_parse(&us, "3600", 0.1, 3600), 0);
	assert_int_equal(us, 3600 * SECOND_US);
	assert_int_equal(seconds_parse(&us, "1.000001", 0.1, 3600), 0);
	assert_int_equal(us, 1000001);
	assert_int_equal(seconds_parse(&us, "0", 0, 3600), 0);
	assert_int_equal(us, 0);
}

TEST_THAT(seconds_out_of_bounds_are_none)
{
	static const char *const bad[] = {"",   ".",   "0.05", "3601",  "1e3",
	                                  "-1", "inf", "nan",  "1.2.3", "2s"};
	uint64_t us = 7;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(seconds_parse(&us, bad[i], 0.1, 3600), -EINVAL);
	assert_int_equal(us, 7);
}

RUN_TESTS(NULL, NULL)
