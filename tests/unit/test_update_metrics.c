/* The updater's numbers, as a file for Prometheus. */
#include "unit.h"

#include "capture.h"
#include "update_metrics.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char text[UPDATE_METRICS_MAX];

static void assert_line(const char *line)
{
	char needle[128];

	snprintf(needle, sizeof(needle), "\n%s\n", line);
	if (!strstr(text, needle))
		fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void every_number_is_told(void **state)
{
	struct prefix_set served = {.count = 2};
	const struct feed feed = {.accepted = 2, .refusals = 3, .line_us = 1700000002 * SECOND_US};
	const struct update_metrics m = {
		.feed = &feed,
		.served = &served,
		.in_force = true,
		.verified = false,
		.signals = 8,
		.started_us = 1700000001 * SECOND_US,
		.changed_us = 1700000003 * SECOND_US,
	};
	static const char *const lines[] = {
		"nat64_update_info{version=\"" VERSION "\"} 1",
		"nat64_update_start_time_seconds 1700000001",
		"nat64_update_in_force 1",
		"nat64_update_verified 0",
		"nat64_update_last_change_timestamp_seconds 1700000003",
		"nat64_update_last_line_timestamp_seconds 1700000002",
		"nat64_update_sets_accepted_total 2",
		"nat64_update_sets_refused_total 3",
		"nat64_update_signals_total 8",
		"nat64_update_prefix_in_force{prefix=\"2001:db8:64:1::/96\"} 1",
		"nat64_update_prefix_in_force{prefix=\"2001:db8:64:5::/64\"} 1",
	};
	size_t samples = 0;
	(void)state;
	assert_int_equal(prefix_parse(&served.prefixes[0], "2001:db8:64:1::/96"), PREFIX_OK);
	assert_int_equal(prefix_parse(&served.prefixes[1], "2001:db8:64:5::/64"), PREFIX_OK);

	size_t length = update_metrics_text(text, &m);
	assert_int_equal(length, strlen(text));
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_line(lines[i]);
	assert_line("# TYPE nat64_update_in_force gauge");
	assert_line("# TYPE nat64_update_signals_total counter");
	for (const char *at = text; (at = strstr(at, "\nnat64_update_")); at++)
		samples++;
	assert_int_equal(samples, COUNT(lines));
}

static void the_largest_text_fits_twice(void **state)
{
	struct feed feed = {.accepted = ULONG_MAX, .refusals = ULONG_MAX, .line_us = UINT64_MAX};
	struct update_metrics m = {.in_force = true,
	                           .verified = true,
	                           .feed = &feed,
	                           .signals = ULONG_MAX,
	                           .started_us = UINT64_MAX,
	                           .changed_us = UINT64_MAX};
	struct prefix_set served = {.count = SET_PREFIXES_MAX};
	(void)state;

	for (size_t i = 0; i < served.count; i++) {
		memset(&served.prefixes[i].addr, 0x11, sizeof(struct in6_addr));
		served.prefixes[i].len = 96;
	}
	m.served = &served;
	assert_in_range(update_metrics_text(text, &m), 1500, UPDATE_METRICS_MAX / 2);
}

static void nothing_is_due_until_something_happens_and_then_after_a_second(void **state)
{
	struct update_metrics m = {.written_us = 5 * SECOND_US};
	(void)state;

	assert_true(update_metrics_due(&m) == UINT64_MAX);
	m.pending = true;
	assert_int_equal(update_metrics_due(&m), 6 * SECOND_US);
}

static void a_file_that_cannot_be_written_is_told_once(void **state)
{
	const struct prefix_set served = {.count = 0};
	const struct feed feed = {.lines = 0};
	struct update_metrics m = {.feed = &feed, .served = &served};
	char dir[] = "/tmp/test_update_metrics.XXXXXX", path[64];
	struct capture *c = malloc(sizeof(*c));
	(void)state;

	assert_non_null(c);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/metrics", dir);
	assert_int_equal(atomic_file_open(&m.file, path, &m.problem), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	capture_begin(c);
	m.pending = true;
	update_metrics_write(&m, 1000);
	assert_true(update_metrics_due(&m) == UINT64_MAX);
	update_metrics_write(&m, 2000);
	rmdir(path);
	update_metrics_write(&m, 3000);
	update_metrics_write(&m, 4000);
	capture_end(c);
	assert_int_equal(m.written_us, 4000);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	close(m.file.dir_fd);
	char *second = strchr(c->text, '\n');
	assert_non_null(strstr(c->text, "cannot rename"));
	assert_non_null(second);
	assert_non_null(strstr(second, "is written again"));
	assert_ptr_equal(strchr(second + 1, '\n'), strrchr(c->text, '\n'));
	free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_told),
		cmocka_unit_test(the_largest_text_fits_twice),
		cmocka_unit_test(nothing_is_due_until_something_happens_and_then_after_a_second),
		cmocka_unit_test(a_file_that_cannot_be_written_is_told_once),
	};

	return cmocka_run_group_tests_name("update_metrics", tests, NULL, NULL);
}
