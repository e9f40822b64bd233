/* What of the sandbox can be tried without being closed in: that a bad list is not half obeyed. */
#include "unit.h"

#include "capture.h"
#include "sandbox_calls.h"

#include <string.h>
#include <sys/prctl.h>

static struct capture capture;

/* Returns what was logged. */
static const char *refused(const struct sandbox_purpose *purpose)
{
	const struct sandbox_list list = {.allowed = {&sandbox_read, purpose}};

	capture_begin(&capture);
	int result = sandbox_seccomp_enter(&list);
	const char *words = capture_end(&capture);
	assert_int_equal(result, -1);
	assert_int_equal(prctl(PR_GET_SECCOMP), 0);
	return words;
}

static void list_that_cannot_be_taken_closes_nothing_and_is_told(void **state)
{
	static const struct sandbox_call calls[] = {{.name = "none", .nr = __NR_SCMP_ERROR}};
	static const struct sandbox_purpose purpose = SANDBOX_PURPOSE("try", calls, NULL);
	(void)state;

	/* Which error it is, is the library's: under valgrind it is another. */
	assert_non_null(strstr(refused(&purpose), "nat64health: cannot set up seccomp: "));
}

/* Entry by entry it is system call 0 with any arguments: io_setup on some machines. */
static void empty_entry_is_refused(void **state)
{
	static const struct sandbox_call calls[2] = {SANDBOX_CALL(write)};
	static const struct sandbox_purpose purpose = SANDBOX_PURPOSE("try", calls, NULL);
	(void)state;

	assert_non_null(strstr(refused(&purpose), "list for \"try\" has an empty entry"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_that_cannot_be_taken_closes_nothing_and_is_told),
		cmocka_unit_test(empty_entry_is_refused),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
