/*
 * A file of unit tests: UNIT_TEST(a_sentence_about_behaviour) { ... } for each, and UNIT_TESTS() at
 * its end. cmocka hands each test a state, which few need.
 */
#ifndef NAT64HEALTH_UNIT_H
#define NAT64HEALTH_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "units.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

static struct CMUnitTest unit_tests[64]; /* of this file, in their order */
static size_t unit_count;

static inline void unit_add(struct CMUnitTest test)
{
	assert_true(unit_count < COUNT(unit_tests));
	unit_tests[unit_count++] = test;
}

static inline int unit_run(const char *group, CMFixtureFunction setup, CMFixtureFunction teardown)
{
	for (size_t i = 0; i < unit_count; i++) {
		unit_tests[i].setup_func = setup;
		unit_tests[i].teardown_func = teardown;
	}
	return _cmocka_run_group_tests(group, unit_tests, unit_count, NULL, NULL);
}

#define UNIT_TEST(test)                                                          \
	static void test(void **state);                                          \
	static void __attribute__((constructor)) test##_add(void)                \
	{                                                                        \
		unit_add((struct CMUnitTest){.name = #test, .test_func = test}); \
	}                                                                        \
	static void test(void **state)

/* Each test runs between setup and teardown; NULL: there is nothing to do. */
#define UNIT_TESTS(group, setup, teardown)               \
	int main(void)                                   \
	{                                                \
		return unit_run(group, setup, teardown); \
	}

#endif
