/* Messages that go somewhere else than to standard error. */
#include "unit.h"

#include "capture.h"
#include "log.h"

#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_go_to_the_writer_instead),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
