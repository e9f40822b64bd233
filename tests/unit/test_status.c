/* The status page: its rows, its width, its sparklines, and what of a long list it shows. */
#include "view_fixture.h"

#include "view/status.h"

#include <errno.h>
#include <stdlib.h>

static char page[1 << 17];
static struct text text;
static struct report report;
static struct history history;

static int page_open(void **state)
{
	view_make(3, 2);
	report = (struct report){.view = &view};
	text = text_in(page, sizeof(page));
	assert_int_equal(history_init(&history), 0);
	history_load(&history, &list);
	return 0;
}

static int page_close(void **state)
{
	free(history.prefixes);
	free(history.spare);
	return 0;
}

/* Each prefix is visited, and answers or not. */
static void round_make(bool answered)
{
	for (size_t i = 0; i < history.count; i++) {
		played.channels[i][0].answers += answered;
		played.channels[i][0].failures += !answered;
	}
	for (unsigned i = 0; i < HISTORY_SLICES; i++) {
		view.now_us += HISTORY_SLICE_US;
		history_review(&history, &view);
	}
}

/* So many, all up, and known to the history. */
static void list_make(size_t count)
{
	list_number(count);
	for (size_t i = 0; i < count; i++)
		played.prefixes[i] = (struct engine_prefix){.state = PREFIX_UP, .srtt_us = 1000};
	history_load(&history, &list);
}

static const char *page_of(const struct history *h)
{
	text = text_in(page, sizeof(page));
	status_table(&text, &view, h);
	return page;
}

static const char *whole_page(void)
{
	text = text_in(page, sizeof(page));
	status_format(&text, &view, &history, &report);
	return page;
}

static size_t rows_of(const char *words)
{
	size_t rows = 0;

	for (const char *at = words; (at = strstr(at, "\n2001:db8:64:")); at++)
		rows++;
	return rows;
}

/* A block of a sparkline has three bytes, and is one column. */
static void widths_check(const char *words)
{
	size_t columns = 0;

	for (const char *at = words; *at; at++) {
		columns = *at == '\n' ? 0 : columns + ((*at & 0xc0) != 0x80);
		if (columns > 80)
			fail_msg("a line is longer than 80 columns:\n%s", words);
	}
}

/* --- rows ---------------------------------------------------------------------------------- */

TEST_THAT(a_row_tells_state_set_tier_latency_and_loss)
{
	entries[1].tier = 3;
	played.prefixes[1].srtt_us = 12345;
	played.prefixes[1].loss = 0.026;

	ASSERT_HOLDS(page_of(&history), "\n2001:db8:64:2::/96 up    yes     3    12.3   3% ");
}

TEST_THAT(states_are_told_apart)
{
	played.prefixes[0] = (struct engine_prefix){.state = PREFIX_NEW};
	ASSERT_HOLDS(page_of(&history), "\n2001:db8:64:1::/96 new   no      0       -    - ");
	played.prefixes[0].state = PREFIX_DOWN;
	ASSERT_HOLDS(page_of(&history), "\n2001:db8:64:1::/96 down  no      0       - 100% ");
	played.prefixes[0] = (struct engine_prefix){.state = PREFIX_UP, .doubt = true};
	ASSERT_HOLDS(page_of(&history), "\n2001:db8:64:1::/96 doubt no ");
	played.prefixes[0] = (struct engine_prefix){.in_set = true, .filler = true};
	ASSERT_HOLDS(page_of(&history), "\n2001:db8:64:1::/96 new   fill");
	entries[0].drain = true;
	ASSERT_HOLDS(page_of(&history), "\n2001:db8:64:1::/96 drain fill");
}

TEST_THAT(groups_have_a_column_if_there_are_any)
{
	ASSERT_LACKS(page_of(&history), "group");
	strcpy(entries[2].group, "a-name-that-is-long");

	ASSERT_HOLDS(page_of(&history), " tier group      srtt ms loss ");
	ASSERT_HOLDS(page, "\n2001:db8:64:1::/96 up    yes     0 -             10.0 ");
	ASSERT_HOLDS(page, "\n2001:db8:64:3::/96 up    no      0 a-name-tha    10.0 ");
}

TEST_THAT(the_last_failure_is_told_with_its_age_and_reason)
{
	struct engine_prefix *p = &played.prefixes[0];
	static const struct {
		uint64_t age_s;
		const char *words;
	} cases[] = {
		{59, "\n    down 59s ago: no tcp answer from 192.0.2.1:53\n"},
		{245, "\n    down 4m05s ago: no"},
		{11220, "\n    down 3h07m ago: no"},
		{1047600, "\n    down 12d03h ago: no"},
	};

	p->state = PREFIX_DOWN;
	p->failure = (struct verdict){.cause = CAUSE_SILENCE, .method = 1, .targets = 1};
	p->failed_us = 1;
	for (size_t i = 0; i < COUNT(cases); i++) {
		view.now_us = 1 + cases[i].age_s * SECOND_US;
		ASSERT_HOLDS(page_of(&history), cases[i].words);
	}
	p->state = PREFIX_UP;
	p->flaps = 3;
	ASSERT_HOLDS(page_of(&history), "\n    was down 12d03h ago: no tcp answer from "
	                                "192.0.2.1:53; 3 times within the\n      hour\n");
}

TEST_THAT(without_a_history_answers_are_told_by_method)
{
	played.channels[1][0] = (struct engine_channel){.probes = 30, .answers = 29};
	played.channels[1][1] = (struct engine_channel){.probes = 28, .answers = 28};

	ASSERT_HOLDS(page_of(NULL), " answers/probes\n");
	ASSERT_HOLDS(page,
	             "\n2001:db8:64:2::/96 up    yes     0    10.0   0%  dns 29/30 tcp 28/28\n");
}

TEST_THAT(targets_are_counted_by_method_and_lost_ones_named)
{
	played.prefixes[1].lost[0] = 2;
	played.dead[1][1] = true;
	ASSERT_HOLDS(page_of(&history), "\n    dns targets lost: 192.0.2.2:53\n"
	                                "2001:db8:64:3::/96 ");
	ASSERT_HOLDS(page, "\ndns targets: 2 of 2 answer\n"
	                   "tcp targets: 1 of 2 answer; through no prefix: 192.0.2.2:53\n");
	view.summary.method_silent_us[1] = 1;
	ASSERT_HOLDS(page_of(&history), "\ntcp targets: none of 2 answers\n");
}

/* --- sparklines ---------------------------------------------------------------------------- */

TEST_THAT(history_goes_from_the_least_to_twice_that)
{
	static const uint32_t srtts_us[] = {10000, 20000, 15000};

	for (size_t i = 0; i < COUNT(srtts_us); i++) {
		played.prefixes[0].srtt_us = srtts_us[i];
		round_make(true);
	}
	ASSERT_HOLDS(page_of(&history), " last 150 s\n");
	ASSERT_HOLDS(page, "\u2581\u2588\u2584\n2001:db8:64:2::");
	ASSERT_HOLDS(page, "\u2581\u2581\u2581\n2001:db8:64:3::");
}

TEST_THAT(a_gap_is_where_nothing_was_answered)
{
	played.prefixes[1] = (struct engine_prefix){.state = PREFIX_DOWN};
	round_make(true);
	round_make(false);
	round_make(true);

	ASSERT_HOLDS(page_of(&history), "\u2581 \u2581\n2001:db8:64:2::");
	ASSERT_HOLDS(page, "100%                               \n2001:db8:64:3::");
}

/* --- long lists ---------------------------------------------------------------------------- */

TEST_THAT(of_a_long_list_the_set_and_what_is_not_well_come_first)
{
	list_make(300);
	played.prefixes[250].state = PREFIX_DOWN;
	played.prefixes[251].doubt = true;
	set_choose((const uint32_t[]){298, 299}, 2);
	view.summary.states[PREFIX_UP] = 299;
	view.summary.states[PREFIX_DOWN] = 1;
	round_make(true);

	page_of(&history);
	assert_int_equal(rows_of(page), 64);
	ASSERT_HOLDS(page, "\n2001:db8:64:fb::/96  down ");
	ASSERT_HOLDS(page, "\n2001:db8:64:fc::/96  doubt");
	ASSERT_HOLDS(page, "\n2001:db8:64:12c::/96 up    yes ");
	ASSERT_HOLDS(page, "\nand 236 more; of all 300, 299 are up, 1 down, 0 not judged yet\n");
	assert_int_equal(rows_of(page_of(NULL)), 300);

	/* Many that are down leave room for the set. */
	for (uint32_t i = 0; i < 250; i++)
		history.prefixes[i].well = false;
	assert_int_equal(rows_of(page_of(&history)), 64);
	ASSERT_HOLDS(page, "\n2001:db8:64:12c::/96 up    yes ");
	ASSERT_LACKS(page, "\n2001:db8:64:fb::/96");
}

/* A second must not be spent on looking at ten thousand prefixes. */
TEST_THAT(a_second_looks_at_a_fifth_of_the_prefixes)
{
	list_make(300);
	played.reads = 0;
	view.now_us += HISTORY_SLICE_US;
	history_review(&history, &view);
	assert_int_equal(played.reads, 60);
	played.reads = 0;
	page_of(&history);
	assert_true(played.reads <= 64);
}

/* --- the page ------------------------------------------------------------------------------ */

TEST_THAT(times_are_utc)
{
	static const struct {
		uint64_t s;
		const char *words;
	} cases[] = {
		{0, "1970-01-01 00:00:00"},          {951782399, "2000-02-28 23:59:59"},
		{951782400, "2000-02-29 00:00:00"},  {951868800, "2000-03-01 00:00:00"},
		{1709251199, "2024-02-29 23:59:59"}, {1735689599, "2024-12-31 23:59:59"},
		{4107542400, "2100-03-01 00:00:00"},
	};
	char words[WORDS_MAX];

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(words_time(cases[i].s * SECOND_US, words), cases[i].words);
}

TEST_THAT(the_head_tells_time_health_set_and_uplink)
{
	view.summary.healthy = 2;
	ASSERT_HOLDS(whole_page(), "nat64-monitor " VERSION ", written at 20");
	ASSERT_HOLDS(page, " UTC and every second\n");
	ASSERT_HOLDS(page, "\n2 of 3 healthy, 2 to 3 in a set; uplink: ok\n"
	                   "set: 2001:db8:64:1::/96 2001:db8:64:2::/96\n");
	view.summary.silent = true;
	ASSERT_HOLDS(whole_page(), "; uplink: NOTHING ANSWERS through any prefix\n");
	sockets.failing_us = view.now_us - MINUTE_US;
	sockets.error = ENETUNREACH;
	ASSERT_HOLDS(whole_page(), "; uplink: NO PROBE CAN BE SENT: Network is\n"
	                           "    unreachable\n");
	set_choose(NULL, 0);
	ASSERT_HOLDS(whole_page(), "\nset: none yet\n");
}

TEST_THAT(events_stand_below_newest_first)
{
	struct capture capture;

	CAPTURED(&capture, report_say(&report, LOG_NOTICE, "first"));
	CAPTURED(&capture, report_say(&report, LOG_NOTICE, "second, with\na control byte"));

	const char *second = strstr(whole_page(), "  second, with?a control byte\n");
	assert_non_null(second);
	assert_non_null(strstr(second, "  first\n"));
}

/* The longest of everything: prefixes, groups, sets, words, and many rows. */
TEST_THAT(no_line_is_longer_than_80_columns_and_all_fits)
{
	static const char words[] = "2001:db8:1234:5678:9a:bcde::/96 is down: no dns answer from "
				    "192.0.2.1:53, 192.0.2.2:53, 192.0.2.3:53 and 9 more, "
				    "which answered other prefixes (last: 2001:db8:64:5::/64)";
	struct capture capture;

	list_make(300);
	for (uint32_t i = 0; i < 300; i++) {
		for (unsigned b = 4; b < 12; b++)
			entries[i].prefix.addr.s6_addr[b] = b == 8 ? 0 : (uint8_t)(0xa0 + i);
		strcpy(entries[i].group, "a-provider-with-a-long-name");
		played.prefixes[i] = (struct engine_prefix){
			.state = PREFIX_UP,
			.srtt_us = 1999999,
			.loss = 1,
			.flaps = 8,
			.lost = {3, 3},
			.failed_us = 1,
			.failure = {.cause = CAUSE_TARGETS, .targets = 3},
		};
	}
	set_choose((const uint32_t[]){1, 2, 3, 4, 5, 6, 7, 8}, 8);
	for (unsigned i = 0; i < 40; i++)
		round_make(true);
	for (unsigned i = 0; i < REPORT_EVENTS_MAX; i++)
		CAPTURED(&capture, report_say(&report, LOG_NOTICE, "%s", words));

	widths_check(whole_page());
	assert_false(text.cut);
	options.size = (struct set_size){8, 8};
	list_number(3);
	widths_check(whole_page());
}

/* --- another list -------------------------------------------------------------------------- */

TEST_THAT(a_prefix_keeps_its_history_when_the_list_changes)
{
	played.prefixes[1].srtt_us = 20000;
	round_make(true);
	played.prefixes[1].srtt_us = 30000;
	round_make(true);

	/* In the middle of a round, the second becomes the first, and the third is new. */
	view.now_us += 2 * HISTORY_SLICE_US;
	history_review(&history, &view);
	engine_entries[0].was = 1;
	engine_entries[1].was = 0;
	history_load(&history, &list);

	assert_int_equal(history.prefixes[0].srtts_us[0], 30000);
	assert_int_equal(history.prefixes[0].srtts_us[1], 20000);
	assert_int_equal(history.prefixes[1].srtts_us[1], 10000);
	for (unsigned n = 0; n < HISTORY_SAMPLES; n++)
		assert_int_equal(history.prefixes[2].srtts_us[n], 0);
}

TEST_THAT(after_a_sleep_no_round_is_made_up_for)
{
	round_make(true);
	view.now_us += HOUR_US;
	played.reads = 0;
	for (unsigned i = 0; i < 100; i++)
		history_review(&history, &view);
	assert_true(played.reads <= history.count);
}

RUN_TESTS(page_open, page_close)
