/* The metrics file: its text, its bounds, when it is written, and what is said when it is not. */
#include "unit.h"

#include "capture.h"
#include "engine_fixture.h"
#include "log.h"
#include "view/metrics.h"

#include <stdlib.h>
#include <sys/stat.h>

#define PREFIXES 3
#define NAME     "nat64_monitor_"

static struct capture capture;
static struct counters counters;
static char *buf;
static char dir[32], path[64];

static int world_open(void **state)
{
	static const char *const words[] = {"192.0.2.1", "icmp:192.0.2.2"};

	(void)state;
	network_make(PREFIXES, words, COUNT(words));
	for (unsigned i = 0; i < PREFIXES; i++)
		entries[i].tier = (uint8_t)i;
	counters = (struct counters){.started_us = 1700000000250000ULL};
	fixture_open();
	buf = malloc(METRICS_TEXT_MAX);
	strcpy(dir, "/tmp/nat64health-XXXXXX");
	if (!buf || !mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/nat64-monitor.prom", dir);
	return 0;
}

static int world_close(void **state)
{
	(void)state;
	engine_free(engine);
	free(buf);
	unlink(path);
	rmdir(dir);
	return 0;
}

/* Every probe of a prefix below alive is answered. */
static void run_for(uint64_t duration, uint32_t alive)
{
	for (uint32_t i = 0; i < PREFIXES; i++)
		dead[i] = i >= alive;
	for (uint64_t end = now_us + duration; now_us <= end;)
		network_step();
}

static struct metrics_view view(void)
{
	return (struct metrics_view){&names, engine, &counters, now_us};
}

static struct text text_now(void)
{
	const struct metrics_view v = view();
	struct text text = text_in(buf, METRICS_TEXT_MAX);

	metrics_format(&text, &v);
	return text;
}

/* True if the text has this line. */
static bool has(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)); at += length) {
		if ((at == text || at[-1] == '\n') && at[length] == '\n')
			return true;
	}
	return false;
}

static size_t count_of(const char *text, const char *words)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
		count++;
	return count;
}

#define ASSERT_HAS(text, line)                                        \
	do {                                                          \
		if (!has(text, line))                                 \
			fail_msg("no line: %s\nin:\n%s", line, text); \
	} while (0)

static void what_is_not_known_yet_is_left_out(void **state)
{
	(void)state;
	const char *text = text_now().buf;

	assert_null(strstr(text, NAME "prefix_up{"));
	assert_null(strstr(text, NAME "prefix_srtt_seconds{"));
	assert_null(strstr(text, NAME "srtt_seconds{"));
	assert_null(strstr(text, NAME "set_change_timestamp_seconds"));
	assert_null(strstr(text, "nan"));
	ASSERT_HAS(text, NAME "prefixes{state=\"new\"} 3");
	ASSERT_HAS(text, NAME "prefix_tier{prefix=\"2001:db8:64:3::/96\"} 2");
	ASSERT_HAS(text, NAME "start_time_seconds 1700000000.25");
	ASSERT_HAS(text, NAME "info{version=\"" VERSION "\"} 1");
}

static void numbers_are_those_of_health_and_choice(void **state)
{
	(void)state;
	entries[1].drain = true;
	run_for(60 * SECOND_US, 2);
	counters.set_changed_us = 1700000060500000ULL;
	counters.sets = 3;
	counters.set_changes = 2;
	counters.ups = 5;
	counters.downs = 4;
	counters.reloads = 7;
	counters.reloads_taken = 6;
	const char *text = text_now().buf;

	ASSERT_HAS(text, "# TYPE " NAME "healthy_prefixes gauge");
	ASSERT_HAS(text, NAME "healthy_prefixes 2");
	ASSERT_HAS(text, NAME "set_min_prefixes 2");
	ASSERT_HAS(text, NAME "set_prefixes 2");
	ASSERT_HAS(text, NAME "uplink_silent 0");
	ASSERT_HAS(text, NAME "sets_written_total 3");
	ASSERT_HAS(text, NAME "set_changes_total 2");
	ASSERT_HAS(text, NAME "set_change_timestamp_seconds 1700000060.5");
	ASSERT_HAS(text, NAME "verdicts_total{state=\"up\"} 5");
	ASSERT_HAS(text, NAME "verdicts_total{state=\"down\"} 4");
	ASSERT_HAS(text, NAME "prefix_file_reloads_total{result=\"ok\"} 6");
	ASSERT_HAS(text, NAME "prefix_file_reloads_total{result=\"failed\"} 1");
	ASSERT_HAS(text, NAME "prefixes{state=\"up\"} 2");
	ASSERT_HAS(text, NAME "prefixes{state=\"down\"} 1");
	ASSERT_HAS(text, NAME "prefix_up{prefix=\"2001:db8:64:1::/96\"} 1");
	ASSERT_HAS(text, NAME "prefix_up{prefix=\"2001:db8:64:3::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_chosen{prefix=\"2001:db8:64:1::/96\"} 1");
	ASSERT_HAS(text, NAME "prefix_chosen{prefix=\"2001:db8:64:3::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_drained{prefix=\"2001:db8:64:2::/96\"} 1");
	ASSERT_HAS(text, NAME "prefix_drained{prefix=\"2001:db8:64:3::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_drained{prefix=\"2001:db8:64:1::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_flaps{prefix=\"2001:db8:64:1::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_srtt_seconds{prefix=\"2001:db8:64:1::/96\"} 0.02");
	ASSERT_HAS(text, "# TYPE " NAME "probes_total counter");
	ASSERT_HAS(text, NAME "srtt_seconds{prefix=\"2001:db8:64:2::/96\",method=\"icmp\"} 0.02");
	ASSERT_HAS(text, NAME "evidence{prefix=\"2001:db8:64:1::/96\",method=\"tcp\"} 0");
	ASSERT_HAS(text, NAME "target_alive{method=\"dns\",target=\"192.0.2.1:53\"} 1");
	ASSERT_HAS(text, NAME "target_alive{method=\"icmp\",target=\"192.0.2.2\"} 1");
}

static void counts_of_a_channel_agree(void **state)
{
	struct engine_channel channel;
	char line[128];

	(void)state;
	run_for(60 * SECOND_US, 2);
	const char *text = text_now().buf;
	engine_channel(engine, 2, 1, &channel);

	assert_true(channel.probes > 5 && channel.failures > 5 && channel.answers == 0);
	snprintf(line, sizeof(line),
	         NAME "probes_total{prefix=\"2001:db8:64:3::/96\",method=\"tcp\"} %llu",
	         (unsigned long long)channel.probes);
	ASSERT_HAS(text, line);
	snprintf(line, sizeof(line),
	         NAME "failures_total{prefix=\"2001:db8:64:3::/96\",method=\"tcp\"} %llu",
	         (unsigned long long)channel.failures);
	ASSERT_HAS(text, line);
	ASSERT_HAS(text, NAME "answers_total{prefix=\"2001:db8:64:3::/96\",method=\"tcp\"} 0");
}

static void a_flap_is_counted(void **state)
{
	(void)state;
	run_for(30 * SECOND_US, 3);
	run_for(60 * SECOND_US, 2);

	ASSERT_HAS(text_now().buf, NAME "prefix_flaps{prefix=\"2001:db8:64:3::/96\"} 1");
}

static void a_silent_uplink_is_told(void **state)
{
	(void)state;
	run_for(30 * SECOND_US, 3);
	run_for(60 * SECOND_US, 0);

	ASSERT_HAS(text_now().buf, NAME "uplink_silent 1");
	ASSERT_HAS(text_now().buf, NAME "healthy_prefixes 3");
}

/* HELP, TYPE, then every sample of the metric: a reader of the format may insist on it. */
static void each_metric_stands_once_and_whole(void **state)
{
	char seen[64][64];
	size_t metrics = 0, place = 0;

	(void)state;
	run_for(30 * SECOND_US, 3);
	counters.set_changed_us = 1;
	for (char *line = strtok(text_now().buf, "\n"); line; line = strtok(NULL, "\n"), place++) {
		const char *name = *line == '#' ? line + strlen("# HELP ") : line;
		size_t length = strcspn(name, " {");
		assert_true(length < sizeof(seen[0]));
		if (metrics == 0 || strlen(seen[metrics - 1]) != length ||
		    memcmp(seen[metrics - 1], name, length) != 0) {
			assert_int_equal(strncmp(line, "# HELP ", 7), 0);
			assert_true(metrics < COUNT(seen) && (metrics == 0 || place > 2));
			snprintf(seen[metrics++], sizeof(seen[0]), "%.*s", (int)length, name);
			place = 0;
		}
		if (place < 2)
			assert_memory_equal(line, place == 0 ? "# HELP " : "# TYPE ", 7);
		else
			assert_int_not_equal(*line, '#');
	}
	assert_int_equal(metrics, 25);
	for (size_t i = 0; i < metrics; i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
}

/* As long as lines can be: the longest prefixes, every method, every target. */
static void most_prefixes_and_targets_fit(void **state)
{
	const size_t count = METRICS_PREFIXES + 500;
	struct prefix_file long_file = {calloc(count, sizeof(*long_file.entries)), count};
	char target[32];

	(void)state;
	for (unsigned i = 0; i < TARGETS_MAX; i++) {
		snprintf(target, sizeof(target), "198.51.100.%u:65535", 100 + i);
		targets_add(&targets, target);
		snprintf(target, sizeof(target), "icmp:198.51.100.%u", 100 + i);
		targets_add(&targets, target);
	}
	for (size_t i = 0; i < count; i++) {
		struct prefix *p = &long_file.entries[i].prefix;
		memset(&p->addr, 0xab, 12);
		p->addr.s6_addr[8] = 0;
		p->addr.s6_addr[11] = (uint8_t)i;
		p->addr.s6_addr[10] = (uint8_t)(i >> 8);
		p->len = 96;
		long_file.entries[i].tier = 9;
	}
	engine_free(engine);
	file = long_file;
	fixture_open();
	run_for(30 * SECOND_US, 3);
	counters = (struct counters){
		.probes = UINT64_MAX / 2, .answers = UINT64_MAX / 2, .sets = UINT64_MAX / 2};

	struct text text = text_now();
	size_t listed = METRICS_PREFIXES;
	for (size_t i = 0; i < engine_set(engine)->count; i++)
		listed += engine_set(engine)->members[i] >= METRICS_PREFIXES;

	assert_false(text.cut);
	/* What numbers may still grow by: each line by 15 digits. */
	assert_true(text.used + 15 * count_of(text.buf, "\n") < METRICS_TEXT_MAX);
	assert_int_equal(count_of(text.buf, NAME "prefix_tier{"), listed);
	assert_int_equal(count_of(text.buf, NAME "probes_total{"), 3 * listed);
	assert_int_equal(count_of(text.buf, NAME "target_alive{"), 3 * TARGETS_MAX);
	free(long_file.entries);
}

/* What was said while it was reviewed now. */
static const char *reviewed(struct metrics *m)
{
	const struct metrics_view v = view();

	capture_begin(&capture);
	metrics_review(m, &v);
	return capture_end(&capture);
}

static bool was_written(void)
{
	return unlink(path) == 0;
}

static void it_is_written_every_10_s_and_soon_after_a_change(void **state)
{
	struct metrics m;

	(void)state;
	metrics_open(&m, path);
	assert_non_null(m.text);
	assert_true(metrics_due(&m) <= now_us);
	assert_string_equal(reviewed(&m), "");
	assert_true(was_written());
	assert_true(metrics_due(&m) == UINT64_MAX);

	now_us += 10 * SECOND_US - 1;
	reviewed(&m);
	assert_false(was_written());
	now_us += 1;
	reviewed(&m);
	assert_true(was_written());

	metrics_hasten(&m);
	assert_true(metrics_due(&m) == now_us + SECOND_US);
	now_us += SECOND_US - 1;
	reviewed(&m);
	assert_false(was_written());
	now_us += 1;
	reviewed(&m);
	assert_true(was_written());
	metrics_hasten(&m);
	reviewed(&m);
	assert_false(was_written());
	close(m.file.dir_fd);
	free(m.text);
}

static void the_file_is_the_text_and_anybody_may_read_it(void **state)
{
	static char read_back[1 << 16];
	struct metrics m;
	struct stat st;

	(void)state;
	metrics_open(&m, path);
	reviewed(&m);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	read_back[fread(read_back, 1, sizeof(read_back) - 1, in)] = '\0';
	fclose(in);

	assert_string_equal(read_back, text_now().buf);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	close(m.file.dir_fd);
	free(m.text);
}

static void a_failure_is_said_once_and_so_is_its_end(void **state)
{
	struct metrics m;

	(void)state;
	metrics_open(&m, path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_non_null(strstr(reviewed(&m), "; the old file stays\n"));
	now_us += 10 * SECOND_US;
	assert_string_equal(reviewed(&m), "");

	assert_int_equal(rmdir(path), 0);
	now_us += 10 * SECOND_US;
	assert_non_null(strstr(reviewed(&m), "/nat64-monitor.prom is written again\n"));
	assert_true(was_written());
	now_us += 10 * SECOND_US;
	assert_string_equal(reviewed(&m), "");
	close(m.file.dir_fd);
	free(m.text);
}

static void a_directory_that_is_missing_is_told_and_nothing_is_written(void **state)
{
	struct metrics m;

	(void)state;
	capture_begin(&capture);
	metrics_open(&m, "/nowhere/at-all.prom");
	int checked = metrics_check("/nowhere/at-all.prom");
	const char *said = capture_end(&capture);

	assert_int_equal(checked, -1);
	assert_int_equal(count_of(said, "cannot open directory /nowhere: No such file"), 2);
	assert_null(m.text);
	assert_true(metrics_due(&m) == UINT64_MAX);
	assert_string_equal(reviewed(&m), "");
	assert_int_equal(metrics_check(path), 0);
}

static void without_metrics_nothing_is_due(void **state)
{
	struct metrics m = {0};

	(void)state;
	metrics_hasten(&m);
	assert_true(metrics_due(&m) == UINT64_MAX);
	assert_string_equal(reviewed(&m), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_known_yet_is_left_out),
		TEST(numbers_are_those_of_health_and_choice),
		TEST(counts_of_a_channel_agree),
		TEST(a_flap_is_counted),
		TEST(a_silent_uplink_is_told),
		TEST(each_metric_stands_once_and_whole),
		TEST(most_prefixes_and_targets_fit),
		TEST(it_is_written_every_10_s_and_soon_after_a_change),
		TEST(the_file_is_the_text_and_anybody_may_read_it),
		TEST(a_failure_is_said_once_and_so_is_its_end),
		TEST(a_directory_that_is_missing_is_told_and_nothing_is_written),
		TEST(without_metrics_nothing_is_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
