/* Messages that go somewhere else than to standard error. */
#include "unit.h"

#include "capture.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct capture capture;
static char kept[LOG_MESSAGE_MAX];

static void message_keep(void *context, const char *message)
{
	++*(unsigned *)context;
	strcpy(kept, message);
}

static void messages_go_to_the_writer_instead(void **state)
{
	unsigned count = 0;
	(void)state;
	log_set_writer(message_keep, &count);

	capture_begin(&capture);
	log_error("a %d\033[2J\n", 1);
	assert_string_equal(kept, "a 1?[2J?");
	log_info("not at this level");
	assert_int_equal(count, 1);
	log_file_error("list", 3, "what");
	assert_string_equal(kept, "list:3: what");
	log_set_writer(NULL, NULL);
	log_notice("back again");

	assert_string_equal(capture_end(&capture), "nat64health: back again\n");
	assert_int_equal(count, 2);
}

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
	log_open("program", false);
	log_error("one");
	log_notice("two");
	log_file_error("list", 0, "three");
	setenv("JOURNAL_STREAM", "1:1", 1); /* somebody else's */
	log_open("program", false);
	log_error("four");
	unsetenv("JOURNAL_STREAM");
	log_open("nat64health", false);
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
		cmocka_unit_test(messages_go_to_the_writer_instead),
		cmocka_unit_test(journal_is_told_priorities),
		cmocka_unit_test(name_that_is_too_long_leaves_room_for_what_is_wrong),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
