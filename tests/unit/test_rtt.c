/* Round-trip times and timeouts: RFC 6298's arithmetic, and the bounds that probes put on it. */
#include "unit.h"

#include "rule/rtt.h"

#define MS 1000U

TEST_THAT(the_first_sample_sets_both)
{
	struct rtt_path path = {0};
	struct rtt rtt = {0};

	rtt_learn(&path, &rtt, 80 * MS, false);

	assert_int_equal(rtt.srtt_us, 80 * MS);
	assert_int_equal(rtt.rttvar_us, 40 * MS);
}

/* RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|, before SRTT = 7/8 SRTT + 1/8 R. */
TEST_THAT(later_samples_move_an_eighth_and_a_quarter)
{
	struct rtt_path path = {0};
	struct rtt rtt = {.srtt_us = 80 * MS, .rttvar_us = 40 * MS};

	rtt_learn(&path, &rtt, 160 * MS, false);
	assert_int_equal(rtt.rttvar_us, 50 * MS);
	assert_int_equal(rtt.srtt_us, 90 * MS);

	rtt_learn(&path, &rtt, 10 * MS, false);
	assert_int_equal(rtt.rttvar_us, 57500);
	assert_int_equal(rtt.srtt_us, 80 * MS);
}

TEST_THAT(a_sample_of_nothing_is_still_a_sample)
{
	struct rtt_path path = {0};
	struct rtt rtt = {0};

	for (unsigned i = 0; i < 100; i++)
		rtt_learn(&path, &rtt, 0, false);

	assert_int_equal(rtt.srtt_us, 1);
}

TEST_THAT(the_timeout_follows_from_what_is_known)
{
	static const struct {
		const char *of;
		struct rtt_path path;
		struct rtt target;
		uint32_t timeout_us;
	} rows[] = {
		{"nothing known", .timeout_us = 1000 * MS},
		{"srtt and four times rttvar", {{0}, 0, 0}, {300 * MS, 60 * MS}, 540 * MS},
		{"a target not measured yet: as the path's",
	         {{400 * MS, 100 * MS}, 0, 0},
	         {0},
	         800 * MS},
		{"a target that was", {{400 * MS, 100 * MS}, 0, 0}, {500 * MS, 100 * MS}, 900 * MS},
		{"a steady path: a margin of 100 ms", {{0}, 0, 0}, {400 * MS, 1}, 500 * MS},
		{"near: at least 300 ms", {{0}, 0, 0}, {1, 1}, 300 * MS},
		{"far: at most 2 s", {{0}, 0, 0}, {3000 * MS, 3000 * MS}, 2000 * MS},
		{"far and late", {{0}, UINT32_MAX, 0}, {3000 * MS, 3000 * MS}, 2000 * MS},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t timeout_us = rtt_timeout_us(&rows[i].path, &rows[i].target);
		if (timeout_us != rows[i].timeout_us)
			fail_msg("%s: %u us", rows[i].of, timeout_us);
	}
}

TEST_THAT(a_path_that_became_slower_is_waited_for_at_every_target)
{
	struct rtt_path path = {0};
	struct rtt first = {0}, second = {0};
	for (unsigned i = 0; i < 50; i++) {
		rtt_learn(&path, &first, 100 * MS, false);
		rtt_learn(&path, &second, 100 * MS, false);
	}
	assert_int_equal(rtt_timeout_us(&path, &second), 300 * MS);

	rtt_learn(&path, &first, 700 * MS, false);

	assert_int_equal(path.excess_us, 600 * MS);
	assert_int_equal(rtt_timeout_us(&path, &second), 800 * MS);
}

TEST_THAT(the_excess_is_forgotten_while_answers_come_in_time)
{
	struct rtt_path path = {0};
	struct rtt target = {0};
	rtt_learn(&path, &target, 100 * MS, false);
	rtt_learn(&path, &target, 900 * MS, false);
	uint32_t excess = path.excess_us;

	for (unsigned i = 0; i < 40; i++)
		rtt_learn(&path, &target, 100 * MS, false);

	assert_int_equal(excess, 800 * MS);
	assert_true(path.excess_us < 10 * MS);
}

TEST_THAT(an_answer_to_a_copy_measures_no_target)
{
	struct rtt_path path = {0};
	struct rtt target = {0};
	rtt_learn(&path, &target, 100 * MS, false);

	assert_false(rtt_is_ambiguous(&path, 999 * MS, 1000 * MS));
	assert_true(rtt_is_ambiguous(&path, 1000 * MS, 1000 * MS));
	assert_false(rtt_is_ambiguous(&path, 1100 * MS, 0));
	rtt_learn(&path, &target, 1100 * MS, true);

	assert_int_equal(target.srtt_us, 100 * MS);
	assert_int_equal(target.rttvar_us, 50 * MS);
	assert_true(path.excess_us >= 900 * MS); /* should the path have become that slow */
}

TEST_THAT(where_every_answer_takes_as_long_it_is_taken_for_one)
{
	struct rtt_path path = {0};
	struct rtt target = {0};
	unsigned answers = 0;
	rtt_learn(&path, &target, 100 * MS, false);

	for (; rtt_is_ambiguous(&path, 1200 * MS, 1000 * MS); answers++)
		rtt_learn(&path, &target, 1200 * MS, true);
	rtt_learn(&path, &target, 1200 * MS, false);

	assert_in_range(answers, 5, 20);
	assert_true(target.srtt_us > 200 * MS);
}

RUN_TESTS(NULL, NULL)
