/* What is logged, and kept: verdicts, sets with their reasons, shortages, and the hour's line. */
#include "view_fixture.h"

#include "view/report.h"

#include <errno.h>

static struct capture capture;
static struct report report;

static int report_open(void **state)
{
	view_make(4, 6);
	report = (struct report){.view = &view, .hour_us = view.now_us};
	return 0;
}

static const char *review_said(void)
{
	return CAPTURED(&capture, report_review(&report));
}

static struct prefix_set set_of(unsigned a, unsigned b)
{
	return (struct prefix_set){{entries[a].prefix, entries[b].prefix}, 2};
}

static const char *set_said(const struct prefix_set *set, const struct prefix_set *before)
{
	return CAPTURED(&capture, report_set(&report, set, before));
}

/* --- verdicts ------------------------------------------------------------------------------ */

TEST_THAT(a_verdict_is_told_with_what_was_seen)
{
	static const struct {
		struct verdict verdict;
		const char *words;
	} cases[] = {
		{{.prefix = 1, .cause = CAUSE_SILENCE, .targets = 0x3f, .control = 2},
	         "2001:db8:64:2::/96 is down: no dns answer from 192.0.2.1:53, 192.0.2.2:53, "
	         "192.0.2.3:53, 192.0.2.4:53 and 2 more, which answered other prefixes (last: "
	         "2001:db8:64:3::/96)\n"},
		{{.cause = CAUSE_SILENCE, .method = 1, .failure = FAILURE_RESET, .targets = 1},
	         "is down: tcp resets in place of answers from 192.0.2.1:53, which"},
		{{.cause = CAUSE_SILENCE, .method = 1, .failure = FAILURE_ICMP, .targets = 1},
	         "is down: ICMP errors in place of tcp answers from 192.0.2.1:53, which"},
		{{.cause = CAUSE_SILENCE, .method = 1, .failure = FAILURE_LOCAL, .targets = 1},
	         "is down: no way there from this host: no tcp answer from 192.0.2.1:53, which"},
		{{.cause = CAUSE_TARGETS, .targets = 0x5, .control = ENGINE_NO_PREFIX},
	         "is down: 2 of 6 dns targets lost: 192.0.2.1:53, 192.0.2.3:53; other prefixes "
	         "reach them\n"},
		{{.cause = CAUSE_LOSS, .method = 1, .loss = 0.124, .common_loss = 0.004},
	         "is down: loses 12% of tcp probes, others 0%\n"},
		{{.cause = CAUSE_ANSWERS, .run = 1},
	         "2001:db8:64:1::/96 is up: it answers by each method\n"},
		{{.cause = CAUSE_ANSWERS, .run = 5},
	         "2001:db8:64:1::/96 is up: 5 answers in a row by each method\n"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct verdict verdict = cases[i].verdict;
		verdict.state = verdict.cause == CAUSE_ANSWERS ? PREFIX_UP : PREFIX_DOWN;
		ASSERT_HOLDS(CAPTURED(&capture, report_verdict(&report, &verdict)), cases[i].words);
	}
}

/* --- sets ---------------------------------------------------------------------------------- */

TEST_THAT(the_first_set_and_one_that_grew_need_no_reason)
{
	const struct prefix_set none = {.count = 0}, set = set_of(0, 1);
	struct prefix_set more = set;

	assert_string_equal(set_said(&set, &none),
	                    "nat64health: set: 2001:db8:64:1::/96 2001:db8:64:2::/96\n");
	more.prefixes[more.count++] = entries[2].prefix;
	ASSERT_HOLDS(set_said(&more, &set), "(was: 2001:db8:64:1::/96 2001:db8:64:2::/96)\n");
}

TEST_THAT(a_prefix_that_left_the_set_is_named_with_the_reason)
{
	const struct prefix_set before = set_of(0, 1), after = set_of(0, 2);
	struct prefix_set stranger = before;
	struct engine_prefix *p = &played.prefixes[1];

	set_choose((const uint32_t[]){0, 2}, 2);
	assert_string_equal(
		set_said(&after, &before),
		"nat64health: set: 2001:db8:64:1::/96 2001:db8:64:3::/96 (was: "
		"2001:db8:64:1::/96 2001:db8:64:2::/96); 2001:db8:64:2::/96 is slower\n");

	p->loss = 0.1;
	ASSERT_HOLDS(set_said(&after, &before), "; 2001:db8:64:2::/96 loses more\n");
	played.prefixes[2].loss = 0.1;
	ASSERT_HOLDS(set_said(&after, &before), "; 2001:db8:64:2::/96 is slower\n");
	p->lost[1] = 1;
	ASSERT_HOLDS(set_said(&after, &before), "::/96 does not reach all targets\n");
	entries[1].tier = 3;
	ASSERT_HOLDS(set_said(&after, &before), "::/96 is of a tier that is not needed\n");
	entries[2].tier = 3;
	ASSERT_HOLDS(set_said(&after, &before), "::/96 does not reach all targets\n");
	p->doubt = true;
	ASSERT_HOLDS(set_said(&after, &before), "::/96 does not answer just now\n");
	p->state = PREFIX_DOWN;
	ASSERT_HOLDS(set_said(&after, &before), "::/96 is down\n");
	entries[1].drain = true;
	ASSERT_HOLDS(set_said(&after, &before), "::/96 is drained\n");
	prefix_parse(&stranger.prefixes[1], "64:ff9b::/96");
	ASSERT_HOLDS(set_said(&after, &stranger), "; 64:ff9b::/96 is not listed any more\n");
}

/* Another list came, and none of it is judged yet. */
TEST_THAT(a_set_that_lost_all_its_members_is_none)
{
	const struct prefix_set none = {.count = 0};
	struct prefix_set before = set_of(0, 1);

	prefix_parse(&before.prefixes[0], "64:ff9b::/96");
	before.count = 1;
	assert_string_equal(set_said(&none, &before),
	                    "nat64health: set: none (was: 64:ff9b::/96); 64:ff9b::/96 is not "
	                    "listed any more\n");
}

/* --- more than single prefixes ------------------------------------------------------------- */

TEST_THAT(a_shortage_is_told_once_and_so_is_its_end)
{
	struct engine_summary *s = &view.summary;

	assert_string_equal(review_said(), "");
	s->supply = SUPPLY_ENOUGH;
	assert_string_equal(review_said(), "");
	s->supply = SUPPLY_SHORT;
	s->healthy = 1;
	ASSERT_HOLDS(review_said(), "1 of 4 prefixes healthy, fewer than 2: filled up with those "
	                            "that failed last\n");
	assert_string_equal(review_said(), "");
	s->supply = SUPPLY_NONE;
	s->healthy = 0;
	ASSERT_HOLDS(review_said(), "0 of 4 prefixes healthy, fewer than 2: the set in force "
	                            "stays\n");
	s->supply = SUPPLY_ENOUGH;
	s->healthy = 4;
	ASSERT_HOLDS(review_said(), "4 of 4 prefixes healthy again\n");
	assert_string_equal(review_said(), "");
}

TEST_THAT(a_silent_uplink_is_told_once_and_so_is_its_end)
{
	view.summary.silent = true;
	view.summary.method_silent_us[0] = view.summary.method_silent_us[1] = MINUTE_US;
	ASSERT_HOLDS(review_said(),
	             "nothing answers through any prefix: is the uplink down? The set "
	             "in force stays\n");
	assert_string_equal(review_said(), "");
	view.summary.silent = false;
	view.summary.method_silent_us[0] = view.summary.method_silent_us[1] = 0;
	ASSERT_HOLDS(review_said(), "answers come again\n");
	assert_string_equal(review_said(), "");
}

TEST_THAT(without_a_set_it_is_said_that_none_goes_out)
{
	set_choose(NULL, 0);
	view.summary.supply = SUPPLY_NONE;
	ASSERT_HOLDS(review_said(), "fewer than 2: no set goes out\n");
	view.summary.silent = true;
	ASSERT_HOLDS(review_said(), "is the uplink down? No set goes out\n");
}

TEST_THAT(one_silent_method_is_told_after_a_while)
{
	view.summary.method_silent_us[1] = 10 * SECOND_US;
	assert_string_equal(review_said(), "");
	view.summary.method_silent_us[1]++;
	ASSERT_HOLDS(review_said(), "no tcp probe is answered through any prefix, while others "
	                            "are");
	assert_string_equal(review_said(), "");
	view.summary.silent = true; /* of this method, there is nothing more to say */
	ASSERT_LACKS(review_said(), "tcp");
	view.summary.silent = false;
	ASSERT_LACKS(review_said(), "tcp");
	view.summary.method_silent_us[1] = 0;
	ASSERT_HOLDS(review_said(), "tcp probes are answered again\n");
}

/* --- this host ----------------------------------------------------------------------------- */

TEST_THAT(a_host_that_cannot_send_is_told_after_5_s_and_once)
{
	struct sockaddr_in6 source = {.sin6_addr = {.s6_addr = {0x20, 1, 0xd, 0xb8}}};

	sockets.source = &source;
	sockets.error = EADDRNOTAVAIL;
	sockets.failing_us = view.now_us - 5 * SECOND_US + 1;
	assert_string_equal(review_said(), "");
	view.now_us++;
	ASSERT_HOLDS(review_said(), "no probe could be sent for 5 s: the address 2001:db8:: of "
	                            "--source is not on this host; no prefix is blamed\n");
	assert_string_equal(review_said(), "");
	sockets.failing_us = 0;
	ASSERT_HOLDS(review_said(), "probes are sent again\n");
}

TEST_THAT(a_shortage_of_descriptors_names_the_limit_once_a_minute)
{
	sockets.error = EMFILE;
	sockets.unsent = 3;
	ASSERT_HOLDS(review_said(), "cannot probe: Too many open files (at most 64: ulimit -n, or "
	                            "LimitNOFILE= of the unit); no prefix is blamed (3 probes)\n");
	sockets.unsent = 500;
	view.now_us += MINUTE_US - 1;
	assert_string_equal(review_said(), "");
	view.now_us++;
	ASSERT_HOLDS(review_said(), "(497 probes)\n");
	view.now_us += MINUTE_US;
	assert_string_equal(review_said(), "");
}

/* --- what is kept -------------------------------------------------------------------------- */

TEST_THAT(the_hour_is_summed_up_once)
{
	set_choose(NULL, 0);
	view.counters = (struct counters){.probes = 1000, .answers = 990, .ups = 4};
	view.now_us += HOUR_US - 1;
	assert_string_equal(review_said(), "");
	view.now_us++;
	assert_string_equal(review_said(),
	                    "nat64health: in the last hour: 1000 probes, 990 answered, 4 times a "
	                    "prefix up or down, 0 changes of the set; 4 of 4 prefixes healthy; "
	                    "set: none yet\n");

	set_choose((const uint32_t[]){2, 0}, 2);
	view.counters = (struct counters){
		.probes = 1500, .answers = 1480, .ups = 5, .downs = 2, .set_changes = 3};
	view.now_us += HOUR_US;
	assert_string_equal(review_said(),
	                    "nat64health: in the last hour: 500 probes, 490 answered, 3 times a "
	                    "prefix up or down, 3 changes of the set; 4 of 4 prefixes healthy; "
	                    "set: 2001:db8:64:3::/96 2001:db8:64:1::/96\n");
}

TEST_THAT(the_last_ten_events_are_kept_newest_first)
{
	assert_null(report_read(&report, 0));
	for (unsigned i = 0; i < 12; i++)
		CAPTURED(&capture, report_say(&report, LOG_NOTICE, "event %u", i));
	assert_string_equal(report_read(&report, 0)->words, "event 11");
	assert_string_equal(report_read(&report, 9)->words, "event 2");
	assert_null(report_read(&report, 10));
}

RUN_TESTS(report_open, NULL)
