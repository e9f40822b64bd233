/* The metrics file: its text, and its bounds. */
#include "view_fixture.h"

#include "view/files.h"
#include "view/metrics.h"

#define NAME "nat64_monitor_"

static char buf[FILES_TEXT_MAX];

static int text_open(void **state)
{
	view_make(3, 1);
	assert_null(targets_add(&options.targets, "icmp:192.0.2.2"));
	view.counters.started_us = 1700000000250000ULL;
	return 0;
}

static struct text text_now(void)
{
	struct text text = text_in(buf, sizeof(buf));

	metrics_format(&text, &view);
	return text;
}

/* What is expected of a sample, and its value. */
struct sample {
	const char *name, *value;
};

/* Each of them is a line of the text as it is now. */
static void assert_samples(const struct sample *samples, size_t count)
{
	char line[256];

	text_now();
	for (size_t i = 0; i < count; i++) {
		snprintf(line, sizeof(line), "\n" NAME "%s %s\n", samples[i].name,
		         samples[i].value);
		ASSERT_HOLDS(buf, line);
	}
}

#define ASSERT_SAMPLES(...)                                  \
	assert_samples((const struct sample[]){__VA_ARGS__}, \
	               COUNT(((const struct sample[]){__VA_ARGS__})))

static size_t count_of(const char *words)
{
	size_t count = 0;

	for (const char *at = buf; (at = strstr(at, words)); at += strlen(words))
		count++;
	return count;
}

TEST_THAT(what_is_not_known_yet_is_left_out)
{
	for (unsigned i = 0; i < 3; i++)
		played.prefixes[i] = (struct engine_prefix){.state = PREFIX_NEW};
	view.summary.states[PREFIX_NEW] = 3;

	ASSERT_SAMPLES({"prefixes{state=\"new\"}", "3"},
	               {"prefix_tier{prefix=\"2001:db8:64:3::/96\"}", "0"},
	               {"start_time_seconds", "1700000000.25"},
	               {"info{version=\"" VERSION "\"}", "1"});
	ASSERT_LACKS(buf, NAME "prefix_up{");
	ASSERT_LACKS(buf, NAME "prefix_srtt_seconds{");
	ASSERT_LACKS(buf, NAME "srtt_seconds{");
	ASSERT_LACKS(buf, NAME "set_change_timestamp_seconds");
	ASSERT_LACKS(buf, "nan");
}

TEST_THAT(totals_are_those_of_the_view)
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
	ASSERT_SAMPLES({"healthy_prefixes", "1"}, {"set_min_prefixes", "2"}, {"set_prefixes", "2"},
	               {"uplink_silent", "0"}, {"sending", "1"}, {"sets_written_total", "3"},
	               {"set_changes_total", "2"}, {"set_change_timestamp_seconds", "1700000060.5"},
	               {"verdicts_total{state=\"up\"}", "5"},
	               {"verdicts_total{state=\"down\"}", "4"},
	               {"prefix_file_reloads_total{result=\"ok\"}", "6"},
	               {"prefix_file_reloads_total{result=\"failed\"}", "1"},
	               {"prefixes{state=\"up\"}", "2"}, {"prefixes{state=\"down\"}", "1"});
	ASSERT_HOLDS(buf, "# TYPE " NAME "healthy_prefixes gauge\n");

	view.summary.silent = true;
	sockets.failing_us = view.now_us - 5 * SECOND_US;
	ASSERT_SAMPLES({"uplink_silent", "1"}, {"sending", "0"});
}

TEST_THAT(numbers_of_a_prefix_are_those_of_the_engine)
{
#define OF_1 "{prefix=\"2001:db8:64:1::/96\"}"
#define OF_3 "{prefix=\"2001:db8:64:3::/96\"}"
	entries[0].drain = true;
	entries[2].tier = 2;
	played.prefixes[2] = (struct engine_prefix){.state = PREFIX_DOWN, .loss = 0.5, .flaps = 3};

	ASSERT_SAMPLES({"prefix_up" OF_1, "1"}, {"prefix_up" OF_3, "0"},
	               {"prefix_chosen" OF_1, "1"}, {"prefix_chosen" OF_3, "0"},
	               {"prefix_drained" OF_1, "1"}, {"prefix_drained" OF_3, "0"},
	               {"prefix_srtt_seconds" OF_1, "0.01"}, {"prefix_tier" OF_3, "2"},
	               {"prefix_flaps" OF_3, "3"}, {"prefix_loss_ratio" OF_3, "0.5"});
	ASSERT_LACKS(buf, NAME "prefix_srtt_seconds" OF_3);
}

TEST_THAT(numbers_of_a_method_are_those_of_the_engine)
{
#define OF_2 "{prefix=\"2001:db8:64:2::/96\",method=\"icmp\"}"
	played.channels[1][2] = (struct engine_channel){
		.probes = 30, .answers = 20, .failures = 9, .evidence = 1.5, .srtt_us = 20000};
	played.prefixes[1].lost[2] = 1;
	played.dead[0][0] = true;

	ASSERT_SAMPLES({"probes_total" OF_2, "30"}, {"answers_total" OF_2, "20"},
	               {"failures_total" OF_2, "9"}, {"targets_lost" OF_2, "1"},
	               {"evidence" OF_2, "1.5"}, {"srtt_seconds" OF_2, "0.02"},
	               {"target_alive{method=\"dns\",target=\"192.0.2.1:53\"}", "0"},
	               {"target_alive{method=\"icmp\",target=\"192.0.2.2\"}", "1"});
	ASSERT_HOLDS(buf, "# TYPE " NAME "probes_total counter\n");
}

/* HELP, TYPE, then every sample of the metric: a reader of the format may insist on it. */
TEST_THAT(each_metric_stands_once_and_whole)
{
	char *rest = buf, *line, help[128], type[128];
	size_t metrics = 0;

	view.counters.set_changed_us = 1;
	played.channels[0][0].srtt_us = 1;
	text_now();
	while ((line = strsep(&rest, "\n")) && *line != '\0') {
		assert_int_equal(sscanf(line, "# HELP %127s", help), 1);
		metrics++;
		assert_int_equal(sscanf(strsep(&rest, "\n"), "# TYPE %127s", type), 1);
		assert_string_equal(type, help);
		for (size_t length = strlen(help); *rest != '#' && *rest != '\0';) {
			line = strsep(&rest, "\n");
			assert_memory_equal(line, help, length);
			assert_true(line[length] == ' ' || line[length] == '{');
		}
	}
	assert_int_equal(metrics, 27);
}

/* As long as lines can be: the longest prefixes, every method, every target. */
TEST_THAT(most_prefixes_and_targets_fit)
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
	}
	set_choose((const uint32_t[]){1, 390, 300}, 3);

	struct text text = text_now();

	assert_false(text.cut);
	/* What numbers may still grow by: each line by 15 digits. */
	assert_true(text.used + 15 * count_of("\n") < sizeof(buf));
	assert_int_equal(count_of(NAME "prefix_tier{"), METRICS_PREFIXES_MAX + 2);
	assert_int_equal(count_of(NAME "probes_total{"), 3 * (METRICS_PREFIXES_MAX + 2));
	assert_int_equal(count_of(NAME "target_alive{"), 3 * TARGETS_MAX);
}

RUN_TESTS(text_open, NULL)
