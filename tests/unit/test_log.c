/* Messages on standard error. */
#include "unit.h"

#include "capture.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct capture capture;

/* systemd.exec(5): lines to the journal begin with their priority, those to others do not. */
static void journal_is_told_priorities(void **state)
{
	static struct capture told;
	char stream[64];
	struct stat st;
	(void)state;

	capture_begin(&told);
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open("program");
	log_error("one");
	log_notice("two");
	log_file_error("list", 0, "three");
	setenv("JOURNAL_STREAM", "1:1", 1); /* somebody else's */
	log_open("program");
	log_error("four");
	unsetenv("JOURNAL_STREAM");
	log_open("nat64health");
	assert_string_equal(capture_end(&told), "<3>one\n<5>two\n<3>list: three\nprogram: four\n");
}

static void name_that_is_too_long_leaves_room_for_what_is_wrong(void **state)
{
	static char name[LOG_MESSAGE_MAX + 1];
	(void)state;

	memset(name, 'x', sizeof(name) - 1);
	capture_begin(&capture);
	log_file_error(name, 0, "what is wrong");
	assert_string_equal(capture_end(&capture), "what is wrong\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(journal_is_told_priorities),
		cmocka_unit_test(name_that_is_too_long_leaves_room_for_what_is_wrong),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
