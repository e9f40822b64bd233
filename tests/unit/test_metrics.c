/* The metrics file: its text, and its bounds. */
#include "view_fixture.h"

#include "view/files.h"
#include "view/metrics.h"

#include <stdlib.h>

#define NAME "nat64_monitor_"

static char *buf;

static int text_open(void **state)
{
	static const char *const words[] = {"192.0.2.1", "icmp:192.0.2.2"};

	view_make(3, words, COUNT(words));
	view.counters.started_us = 1700000000250000ULL;
	buf = malloc(FILES_TEXT_MAX);
	return buf ? 0 : -1;
}

static int text_close(void **state)
{
	free(buf);
	return 0;
}

static struct text text_now(void)
{
	struct text text = text_in(buf, FILES_TEXT_MAX);

	metrics_format(&text, &view);
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
	for (unsigned i = 0; i < 3; i++)
		played.prefixes[i] = (struct engine_prefix){.state = PREFIX_NEW};
	view.summary.states[PREFIX_NEW] = 3;
	const char *text = text_now().buf;

	ASSERT_LACKS(text, NAME "prefix_up{");
	ASSERT_LACKS(text, NAME "prefix_srtt_seconds{");
	ASSERT_LACKS(text, NAME "srtt_seconds{");
	ASSERT_LACKS(text, NAME "set_change_timestamp_seconds");
	ASSERT_LACKS(text, "nan");
	ASSERT_HAS(text, NAME "prefixes{state=\"new\"} 3");
	ASSERT_HAS(text, NAME "prefix_tier{prefix=\"2001:db8:64:3::/96\"} 0");
	ASSERT_HAS(text, NAME "start_time_seconds 1700000000.25");
	ASSERT_HAS(text, NAME "info{version=\"" VERSION "\"} 1");
}

static void totals_are_those_of_the_view(void **state)
{
	view.summary.healthy = 1;
	view.summary.states[PREFIX_UP] = 2;
	view.summary.states[PREFIX_DOWN] = 1;
	output.lines = 3;
	view.counters = (struct counters){
		.set_changed_us = 1700000060500000ULL,
		.set_changes = 2,
		.ups = 5,
		.downs = 4,
		.reloads = 7,
		.reloads_taken = 6,
	};
	const char *text = text_now().buf;

	ASSERT_HAS(text, "# TYPE " NAME "healthy_prefixes gauge");
	ASSERT_HAS(text, NAME "healthy_prefixes 1");
	ASSERT_HAS(text, NAME "set_min_prefixes 2");
	ASSERT_HAS(text, NAME "set_prefixes 2");
	ASSERT_HAS(text, NAME "uplink_silent 0");
	ASSERT_HAS(text, NAME "sending 1");
	ASSERT_HAS(text, NAME "sets_written_total 3");
	ASSERT_HAS(text, NAME "set_changes_total 2");
	ASSERT_HAS(text, NAME "set_change_timestamp_seconds 1700000060.5");
	ASSERT_HAS(text, NAME "verdicts_total{state=\"up\"} 5");
	ASSERT_HAS(text, NAME "verdicts_total{state=\"down\"} 4");
	ASSERT_HAS(text, NAME "prefix_file_reloads_total{result=\"ok\"} 6");
	ASSERT_HAS(text, NAME "prefix_file_reloads_total{result=\"failed\"} 1");
	ASSERT_HAS(text, NAME "prefixes{state=\"up\"} 2");
	ASSERT_HAS(text, NAME "prefixes{state=\"down\"} 1");
}

static void numbers_of_a_prefix_are_those_of_the_engine(void **state)
{
	entries[1].drain = true;
	entries[2].tier = 2;
	played.prefixes[2] = (struct engine_prefix){.state = PREFIX_DOWN, .loss = 0.5, .flaps = 3};
	const char *text = text_now().buf;

	ASSERT_HAS(text, NAME "prefix_up{prefix=\"2001:db8:64:1::/96\"} 1");
	ASSERT_HAS(text, NAME "prefix_up{prefix=\"2001:db8:64:3::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_chosen{prefix=\"2001:db8:64:1::/96\"} 1");
	ASSERT_HAS(text, NAME "prefix_chosen{prefix=\"2001:db8:64:3::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_tier{prefix=\"2001:db8:64:3::/96\"} 2");
	ASSERT_HAS(text, NAME "prefix_drained{prefix=\"2001:db8:64:2::/96\"} 1");
	ASSERT_HAS(text, NAME "prefix_drained{prefix=\"2001:db8:64:3::/96\"} 0");
	ASSERT_HAS(text, NAME "prefix_flaps{prefix=\"2001:db8:64:3::/96\"} 3");
	ASSERT_HAS(text, NAME "prefix_loss_ratio{prefix=\"2001:db8:64:3::/96\"} 0.5");
	ASSERT_HAS(text, NAME "prefix_srtt_seconds{prefix=\"2001:db8:64:1::/96\"} 0.01");
	ASSERT_LACKS(text, NAME "prefix_srtt_seconds{prefix=\"2001:db8:64:3::/96\"}");
}

static void numbers_of_a_method_are_those_of_the_engine(void **state)
{
	played.channels[1][2] = (struct engine_channel){
		.probes = 30, .answers = 20, .failures = 9, .evidence = 1.5, .srtt_us = 20000};
	played.prefixes[1].lost[2] = 1;
	played.dead[0][0] = true;
	const char *text = text_now().buf;

#define LABELS "{prefix=\"2001:db8:64:2::/96\",method=\"icmp\"} "
	ASSERT_HAS(text, "# TYPE " NAME "probes_total counter");
	ASSERT_HAS(text, NAME "probes_total" LABELS "30");
	ASSERT_HAS(text, NAME "answers_total" LABELS "20");
	ASSERT_HAS(text, NAME "failures_total" LABELS "9");
	ASSERT_HAS(text, NAME "targets_lost" LABELS "1");
	ASSERT_HAS(text, NAME "evidence" LABELS "1.5");
	ASSERT_HAS(text, NAME "srtt_seconds" LABELS "0.02");
	ASSERT_HAS(text, NAME "target_alive{method=\"dns\",target=\"192.0.2.1:53\"} 0");
	ASSERT_HAS(text, NAME "target_alive{method=\"icmp\",target=\"192.0.2.2\"} 1");
}

static void a_silent_uplink_and_a_host_that_cannot_send_are_told(void **state)
{
	view.summary.silent = true;
	sockets.failing_us = view.now_us - 5 * SECOND_US + 1;
	ASSERT_HAS(text_now().buf, NAME "uplink_silent 1");
	ASSERT_HAS(text_now().buf, NAME "sending 1");
	view.now_us++;
	ASSERT_HAS(text_now().buf, NAME "sending 0");
}

/* HELP, TYPE, then every sample of the metric: a reader of the format may insist on it. */
static void each_metric_stands_once_and_whole(void **state)
{
	char seen[64][64];
	size_t metrics = 0, place = 0;

	view.counters.set_changed_us = 1;
	played.channels[0][0].srtt_us = 1;
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
	assert_int_equal(metrics, 27);
	for (size_t i = 0; i < metrics; i++) {
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i], seen[j]);
	}
}

/* As long as lines can be: the longest prefixes, every method, every target. */
static void most_prefixes_and_targets_fit(void **state)
{
	char target[32];

	for (unsigned i = 0; i < TARGETS_MAX; i++) {
		snprintf(target, sizeof(target), "198.51.100.%u:65535", 100 + i);
		targets_add(&options.targets, target);
		snprintf(target, sizeof(target), "icmp:198.51.100.%u", 100 + i);
		targets_add(&options.targets, target);
	}
	list_number(PLAYED_MAX);
	for (size_t i = 0; i < PLAYED_MAX; i++) {
		struct prefix *p = &entries[i].prefix;
		memset(&p->addr, 0xab, 12);
		p->addr.s6_addr[8] = 0;
		p->addr.s6_addr[11] = (uint8_t)i;
		p->addr.s6_addr[10] = (uint8_t)(i >> 8);
		p->len = 96;
	}
	set_choose((const uint32_t[]){1, 390, 300}, 3);

	struct text text = text_now();

	assert_false(text.cut);
	/* What numbers may still grow by: each line by 15 digits. */
	assert_true(text.used + 15 * count_of(text.buf, "\n") < FILES_TEXT_MAX);
	assert_int_equal(count_of(text.buf, NAME "prefix_tier{"), METRICS_PREFIXES_MAX + 2);
	assert_int_equal(count_of(text.buf, NAME "probes_total{"), 3 * (METRICS_PREFIXES_MAX + 2));
	assert_int_equal(count_of(text.buf, NAME "target_alive{"), 3 * TARGETS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, text_open, text_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_known_yet_is_left_out),
		TEST(totals_are_those_of_the_view),
		TEST(numbers_of_a_prefix_are_those_of_the_engine),
		TEST(numbers_of_a_method_are_those_of_the_engine),
		TEST(a_silent_uplink_and_a_host_that_cannot_send_are_told),
		TEST(each_metric_stands_once_and_whole),
		TEST(most_prefixes_and_targets_fit),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
