/* What of the sandbox can be tried without being closed in: that a bad list is not half obeyed. */
#include "unit.h"

#include "capture.h"
#include "sandbox_calls.h"
#include "sandbox_landlock.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

static SANDBOX_PURPOSE(unknown, "try", NULL, {.name = "none", .nr = __NR_SCMP_ERROR});
static SANDBOX_PURPOSE(half_empty, "try", NULL, SANDBOX_CALL(write), {0});

static struct capture capture;

/* Entry by entry an empty one is system call 0 with any arguments: io_setup on some machines. */
TEST_THAT(list_that_cannot_be_taken_closes_nothing_and_is_told)
{
	const struct sandbox_list lists[] = {{.allowed = {&sandbox_read, &unknown}},
	                                     {.allowed = {&sandbox_read, &half_empty}},
	                                     {.killed = {&sandbox_attack, &half_empty}}};

	for (size_t i = 0; i < COUNT(lists); i++) {
		capture_begin(&capture);
		int result = sandbox_seccomp_enter(&lists[i]);
		const char *words = capture_end(&capture);
		assert_int_equal(result, -1);
		assert_int_equal(prctl(PR_GET_SECCOMP), 0);
		/* Which error it is, is the library's: under valgrind it is another. */
		assert_non_null(strstr(words, "nat64health: cannot set up seccomp: "));
	}
}

TEST_THAT(what_landlock_guards_is_told_by_its_abi)
{
	char words[SANDBOX_LANDLOCK_WORDS];

	assert_string_equal(sandbox_landlock_describe(1, words),
	                    "Landlock ABI 1: files, not truncation, not TCP ports, not devices, "
	                    "not signals");
	assert_string_equal(sandbox_landlock_describe(4, words),
	                    "Landlock ABI 4: files, truncation, TCP ports, not devices, "
	                    "not signals");
	assert_string_equal(sandbox_landlock_describe(7, words),
	                    "Landlock ABI 7: files, truncation, TCP ports, devices, signals");
	assert_non_null(strstr(sandbox_landlock_describe(-EPERM, words), "denied"));
}

RUN_TESTS(NULL, NULL)
