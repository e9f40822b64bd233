/* The updater's numbers: as a file for Prometheus, and as words for the log. */
#include "unit.h"

#include "capture.h"
#include "update_metrics.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char text[UPDATE_METRICS_MAX];

static struct prefix_set set_of(const char *line)
{
	struct prefix_set set;
	char reason[SET_REASON_MAX];

	assert_int_equal(set_line_parse(&set, line, strlen(line),
	                                (struct set_size){1, SET_PREFIXES_MAX}, reason),
	                 SET_LINE_SET);
	return set;
}

static void assert_line(const char *line)
{
	char needle[128];

	snprintf(needle, sizeof(needle), "\n%s\n", line);
	if (!strstr(text, needle))
		fail_msg("no line \"%s\" in:\n%s", line, text);
}

static void every_number_is_told(void **state)
{
	struct prefix_set served = set_of("2001:db8:64:1::/96 2001:db8:64:5::/64");
	const struct update_metrics m = {
		.counts = {.lines = 1,
	                   .accepted = 2,
	                   .refused = {3, 4, 5},
	                   .writes = 6,
	                   .write_failures = 7,
	                   .signals = 8,
	                   .signal_failures = 9,
	                   .retries = 10,
	                   .questions = 11,
	                   .answers = 12},
		.in_force = true,
		.served = &served,
		.started_s = 1700000001,
		.line_s = 1700000002,
		.in_force_s = 1700000003,
		.verified_s = 1700000004,
	};
	static const char *const lines[] = {
		"nat64_update_info{version=\"" VERSION "\"} 1",
		"nat64_update_start_time_seconds 1700000001",
		"nat64_update_lines_total 1",
		"nat64_update_last_line_timestamp_seconds 1700000002",
		"nat64_update_sets_accepted_total 2",
		"nat64_update_sets_refused_total{reason=\"invalid\"} 3",
		"nat64_update_sets_refused_total{reason=\"not_allowed\"} 4",
		"nat64_update_sets_refused_total{reason=\"unfinished\"} 5",
		"nat64_update_writes_total 6",
		"nat64_update_write_failures_total 7",
		"nat64_update_signals_total 8",
		"nat64_update_signal_failures_total 9",
		"nat64_update_retries_total 10",
		"nat64_update_questions_total 11",
		"nat64_update_answers_total 12",
		"nat64_update_in_force 1",
		"nat64_update_verified 0",
		"nat64_update_in_force_timestamp_seconds 1700000003",
		"nat64_update_verified_timestamp_seconds 1700000004",
		"nat64_update_prefix_in_force{prefix=\"2001:db8:64:1::/96\"} 1",
		"nat64_update_prefix_in_force{prefix=\"2001:db8:64:5::/64\"} 1",
	};
	size_t samples = 0;
	(void)state;

	size_t length = update_metrics_text(text, &m);
	assert_int_equal(length, strlen(text));
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_line(lines[i]);
	for (const char *at = text; (at = strstr(at, "\nnat64_update_")); at++)
		samples++;
	assert_int_equal(samples, COUNT(lines));
}

/* Each name once: its help, its type, then all its samples. */
static void the_form_is_that_of_the_format(void **state)
{
	struct prefix_set served = set_of("2001:db8:64:1::/96 2001:db8:64:5::/64");
	const struct update_metrics m = {.served = &served};
	char name[64] = "", seen[UPDATE_METRICS_MAX] = " ", word[sizeof(name) + 2];
	char *rest = text;
	bool typed = false;
	(void)state;

	update_metrics_text(text, &m);
	assert_int_equal(text[strlen(text) - 1], '\n');
	for (char *line; (line = strsep(&rest, "\n")) && *line;) {
		char type[16];
		if (strncmp(line, "# HELP ", 7) == 0) {
			assert_int_equal(sscanf(line, "# HELP %63s", name), 1);
			assert_int_equal(line[strlen(line) - 1], '.');
			snprintf(word, sizeof(word), " %s ", name);
			assert_null(strstr(seen, word));
			strcat(seen, word);
			typed = false;
			continue;
		}
		if (line[0] == '#') {
			assert_int_equal(sscanf(line, "# TYPE %65s %15s", word, type), 2);
			assert_string_equal(word, name);
			bool counts = strcmp(type, "counter") == 0;
			assert_true(counts || strcmp(type, "gauge") == 0);
			assert_true(counts == (strstr(name, "_total") != NULL));
			typed = true;
			continue;
		}
		assert_true(typed);
		assert_int_equal(strncmp(line, name, strlen(name)), 0);
		assert_true(strchr(" {", line[strlen(name)]) != NULL);
	}
}

static void the_largest_text_fits_twice(void **state)
{
	struct update_metrics m = {.in_force = true, .verified = true};
	struct prefix_set served = {.count = SET_PREFIXES_MAX};
	(void)state;

	memset(&m.counts, 0xff, sizeof(m.counts));
	m.started_s = m.line_s = m.in_force_s = m.verified_s = INT64_MIN;
	for (size_t i = 0; i < served.count; i++) {
		memset(&served.prefixes[i].addr, 0x11, sizeof(struct in6_addr));
		served.prefixes[i].len = 96;
	}
	m.served = &served;
	assert_int_equal(m.counts.answers, ULONG_MAX);
	assert_in_range(update_metrics_text(text, &m), 3000, UPDATE_METRICS_MAX / 2);
}

static void nothing_is_due_until_something_happens_and_then_after_a_second(void **state)
{
	struct update_metrics m = {.written_ms = 5000};
	(void)state;

	assert_int_equal(update_metrics_due(&m), INT64_MAX);
	m.pending = true;
	assert_int_equal(update_metrics_due(&m), 6000);
}

static void a_file_that_cannot_be_written_is_told_once(void **state)
{
	const struct prefix_set served = {.count = 0};
	struct update_metrics m = {.served = &served};
	char dir[] = "/tmp/test_update_metrics.XXXXXX", path[64];
	struct capture *c = malloc(sizeof(*c));
	(void)state;

	assert_non_null(c);
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/metrics", dir);
	assert_int_equal(atomic_file_open(&m.file, path, LOG_WARNING, &m.problem), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	capture_begin(c);
	m.pending = true;
	update_metrics_write(&m, 1000);
	assert_int_equal(update_metrics_due(&m), INT64_MAX);
	update_metrics_write(&m, 2000);
	rmdir(path);
	update_metrics_write(&m, 3000);
	update_metrics_write(&m, 4000);
	capture_end(c);
	assert_int_equal(m.written_ms, 4000);
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

static void an_hour_is_told_in_differences(void **state)
{
	const struct counts then = {.lines = 1000, .refused = {1, 1, 0}, .questions = 7};
	const struct counts now = {.lines = 1060,
	                           .accepted = 1058,
	                           .refused = {2, 1, 1},
	                           .writes = 3,
	                           .signals = 4,
	                           .retries = 5,
	                           .questions = 67,
	                           .answers = 59};
	struct counts most;
	char words[UPDATE_HOUR_MAX];
	(void)state;

	update_metrics_hour(words, &then, &now);
	assert_string_equal(words, "60 lines, 2 refused; file replaced 3 times, BIND told 4 times, "
	                           "59 of 60 questions answered; 5 retries");
	memset(&most, 0xff, sizeof(most));
	update_metrics_hour(words, &(struct counts){0}, &most);
	assert_true(strlen(words) < UPDATE_HOUR_MAX - 1);
	assert_non_null(strstr(words, " retries"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_is_told),
		cmocka_unit_test(the_form_is_that_of_the_format),
		cmocka_unit_test(the_largest_text_fits_twice),
		cmocka_unit_test(nothing_is_due_until_something_happens_and_then_after_a_second),
		cmocka_unit_test(a_file_that_cannot_be_written_is_told_once),
		cmocka_unit_test(an_hour_is_told_in_differences),
	};

	return cmocka_run_group_tests_name("update_metrics", tests, NULL, NULL);
}
