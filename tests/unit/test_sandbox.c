/* What of the sandbox can be tried without being closed in: that a bad list is not half obeyed. */
#include "unit.h"

#include "capture.h"
#include "sandbox.h"

#include <string.h>
#include <sys/prctl.h>

static struct capture capture;

static void list_that_cannot_be_taken_closes_nothing_and_is_told(void **state)
{
	static const struct sandbox_call calls[] = {SANDBOX_CALL(read), {.nr = __NR_SCMP_ERROR}};
	const struct sandbox_group groups[] = {SANDBOX_GROUP(calls)};
	(void)state;

	capture_begin(&capture);
	int result = sandbox_seccomp(groups, COUNT(groups));
	/* Which error it is, is the library's: under valgrind it is another. */
	assert_non_null(strstr(capture_end(&capture), "nat64health: cannot set up seccomp: "));
	assert_int_equal(result, -1);
	assert_int_equal(prctl(PR_GET_SECCOMP), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_that_cannot_be_taken_closes_nothing_and_is_told),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
