/* The rule knows no sockets, files or clocks: what its files include is asked of the compiler. */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Headers of what the rule must not know; errno.h and stdlib.h include none of them. */
static const char *const foreign[] = {"/netinet/", "/arpa/",        "/sys/socket.h", "/poll.h",
                                      "/stdio.h",  "/fcntl.h",      "/unistd.h",     "/time.h",
                                      "/syslog.h", "common/prefix", "common/clock",  "common/log"};

/* Returns the first foreign header that the files include, NULL if there is none; counts all. */
static const char *foreign_included(const char *files, unsigned *headers)
{
	static char header[512];
	char command[512];
	const char *found = NULL;

	snprintf(command, sizeof(command), "%s -std=gnu17 -M -Icommon -Imonitor %s",
	         getenv("CC") ? getenv("CC") : "cc", files);
	FILE *list = popen(command, "r");
	assert_non_null(list);
	for (*headers = 0; !found && fscanf(list, "%511s", header) == 1;) {
		*headers += strstr(header, ".h") != NULL;
		for (size_t i = 0; i < COUNT(foreign) && !found; i++)
			found = strstr(header, foreign[i]) ? header : NULL;
	}
	while (fgetc(list) != EOF)
		;
	assert_int_equal(pclose(list), 0);
	return found;
}

static void the_rule_includes_no_header_of_sockets_files_or_clocks(void **state)
{
	unsigned headers;
	const char *found = foreign_included("monitor/rule/*.c", &headers);
	(void)state;

	if (found)
		fail_msg("monitor/rule includes %s", found);
	assert_true(headers > 50);
}

/* Else the test before would show nothing. */
static void a_file_that_does_is_found(void **state)
{
	unsigned headers;
	(void)state;

	assert_non_null(foreign_included("common/clock.c", &headers));
	assert_non_null(foreign_included("common/prefix.c", &headers));
	assert_non_null(foreign_included("common/log.c", &headers));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rule_includes_no_header_of_sockets_files_or_clocks),
		cmocka_unit_test(a_file_that_does_is_found),
	};

	return cmocka_run_group_tests_name("pure", tests, NULL, NULL);
}
