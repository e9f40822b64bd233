/*
 * What all unit tests share: cmocka with what it wants included before it, and a main() that runs
 * each TEST_THAT(sentence) { ... } of a file, in their order.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "units.h"

static struct CMUnitTest unit_tests[128]; /* the compiler says when a file has more */

static inline int unit_run(const char *file, CMFixtureFunction make, CMFixtureFunction remove)
{
	for (size_t i = 0; i < COUNT(unit_tests) && unit_tests[i].name; i++) {
		unit_tests[i].setup_func = make;
		unit_tests[i].teardown_func = remove;
	}
	return cmocka_run_group_tests_name(file, unit_tests, NULL, NULL);
}

/* clang-format off */
#define TEST_THAT(sentence)                                                                     \
	static void sentence(void **state);                                                     \
	static void __attribute__((constructor)) sentence##_add(void)                           \
	{                                                                                       \
		unit_tests[__COUNTER__] = (struct CMUnitTest)cmocka_unit_test(sentence);        \
	}                                                                                       \
	static void sentence(void **state __attribute__((unused)))

/* Ends a file of tests: what make() sets up before each, remove() takes away; NULL for neither. */
#define RUN_TESTS(make, remove)                                                                 \
	int main(void)                                                                          \
	{                                                                                       \
		return unit_run(__FILE__, make, remove);                                        \
	}
/* clang-format on */

/* Every test is handed a state, and few want it. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
