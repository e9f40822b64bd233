/* A set's way into BIND, in virtual time: a BIND and a disk that do as they are told. */
#include "unit.h"

#include "converge.h"

#include <stdbool.h>
#include <string.h>

#define BEGIN_US (1000 * SECOND_US)
#define NEVER    UINT64_MAX

enum { SIGNALS_MAX = 64 };

/* What BIND shows of its configuration. */
enum shows { SHOWS_ALL, SHOWS_MORE, SHOWS_ITS_OWN, SHOWS_NONE, SHOWS_CACHED };

/* Sets are numbers here; 0 is what BIND served before. */
struct world {
	struct converge c;
	uint64_t now_us;
	int wanted, file, served;
	/* BIND reads the file read_us after it begins a reload, and serves it reload_us after. */
	uint64_t reload_us, read_us;
	uint64_t began_us; /* of the reload that runs; NEVER: none */
	int loading;       /* what that has read; -1: nothing yet */
	unsigned queued;   /* reloads that follow it, as with BIND 9.18 */
	uint64_t silent_from_us, silent_until_us;
	bool silent_while_loading;
	uint64_t asked_us; /* a question that waits for its answer; NEVER: none */
	enum shows shows;
	bool refuses;    /* its configuration: a reload changes nothing */
	bool no_named;   /* reloads fail */
	bool disk_full;  /* writes fail */
	bool file_wrong; /* the file was edited */
	bool news;       /* the answer or the configuration is another than at the last reload */
	unsigned lost;   /* of 100 questions */
	unsigned writes, signals, questions, random;
	uint64_t signal_us[SIGNALS_MAX], busy_us;
	unsigned events, times[CONVERGE_SILENT + 1]; /* all, and of each kind */
	enum converge_event last_event;
};

static void world_begin(struct world *w, bool verifies)
{
	*w = (struct world){
		.now_us = BEGIN_US,
		.reload_us = 14 * MS_US,
		.began_us = NEVER,
		.asked_us = NEVER,
		.random = 1,
	};
	converge_init(&w->c, verifies);
}

static void event_note(struct world *w, enum converge_event event)
{
	if (event == CONVERGE_NO_NEWS)
		return;
	w->events++;
	w->times[event]++;
	w->last_event = event;
}

static bool is_silent(const struct world *w)
{
	bool loads = w->silent_while_loading && w->began_us != NEVER;

	return loads || (w->now_us >= w->silent_from_us && w->now_us < w->silent_until_us);
}

static void signal_take(struct world *w)
{
	w->signal_us[w->signals++ % SIGNALS_MAX] = w->now_us;
	if (w->began_us != NEVER) {
		w->queued++;
		return;
	}
	w->began_us = w->now_us;
	w->loading = -1;
}

static void bind_work(struct world *w)
{
	if (w->began_us == NEVER)
		return;
	if (w->loading < 0 && w->now_us >= w->began_us + w->read_us)
		w->loading = w->file;
	if (w->now_us < w->began_us + w->reload_us)
		return;
	w->busy_us += w->reload_us;
	if (!w->refuses)
		w->served = w->loading;
	w->began_us = NEVER;
	if (w->queued > 0) {
		w->queued--;
		w->began_us = w->now_us;
		w->loading = -1;
	}
}

static enum converge_served judgement(const struct world *w)
{
	switch (w->shows) {
	case SHOWS_ALL:
		return w->served == w->file ? SERVED_FILE : SERVED_OTHER;
	case SHOWS_MORE:
	case SHOWS_ITS_OWN:
		return SERVED_OTHER;
	case SHOWS_NONE:
		return SERVED_NONE;
	case SHOWS_CACHED:
		break;
	}
	return SERVED_CACHED;
}

static void question_ask(struct world *w)
{
	w->questions++;
	w->random = w->random * 1103515245U + 12345U;
	event_note(w, converge_asked(&w->c, w->now_us));
	if (w->random / 65536 % 100 >= w->lost && w->asked_us == NEVER)
		w->asked_us = w->now_us;
}

static void answer_give(struct world *w)
{
	if (w->asked_us == NEVER || is_silent(w) || w->now_us < w->asked_us + MS_US)
		return;
	w->asked_us = NEVER;
	event_note(w, converge_answered(&w->c, judgement(w), w->news, w->now_us));
}

static void file_write(struct world *w)
{
	bool replaced = !w->disk_full && (w->file != w->wanted || w->file_wrong);

	w->writes += replaced;
	if (replaced) {
		w->file = w->wanted;
		w->file_wrong = false;
	}
	event_note(w, converge_written(&w->c, !w->disk_full, replaced, w->now_us));
}

static void world_step(struct world *w)
{
	enum converge_action action;

	bind_work(w);
	answer_give(w);
	while ((action = converge_next(&w->c, w->now_us)) != CONVERGE_REST) {
		assert_true(converge_due(&w->c) <= w->now_us);
		if (action == CONVERGE_WRITE)
			file_write(w);
		else if (action == CONVERGE_ASK)
			question_ask(w);
		else {
			if (!w->no_named)
				signal_take(w);
			event_note(w, converge_reloaded(&w->c, !w->no_named, w->now_us));
			w->news = w->news && w->no_named;
		}
	}
	assert_true(converge_due(&w->c) > w->now_us);
}

static void world_run(struct world *w, uint64_t duration_us)
{
	uint64_t end_us = w->now_us + duration_us;

	for (; w->now_us < end_us; w->now_us += MS_US)
		world_step(w);
}

/* The set is asked for, and so much time goes by. */
static void want(struct world *w, int set, uint64_t duration_us)
{
	bool changed = set != w->wanted;

	w->wanted = set;
	converge_want(&w->c, changed, w->now_us);
	world_run(w, duration_us);
}

/* The set is asked for again and again, as heartbeats come. */
static void want_often(struct world *w, int set, uint64_t pause_us, uint64_t duration_us)
{
	for (uint64_t end_us = w->now_us + duration_us; w->now_us < end_us;)
		want(w, set, pause_us);
}

/* One of seven sets after the other, as fast as a writer can. */
static void alternate(struct world *w, uint64_t duration_us)
{
	for (uint64_t end_us = w->now_us + duration_us; w->now_us < end_us;)
		want(w, 2 + (int)(w->now_us / MS_US % 7), MS_US);
}

static void hang(struct world *w, uint64_t duration_us)
{
	w->silent_from_us = w->now_us;
	w->silent_until_us = w->now_us + duration_us;
}

/* The set is served and in force, after so many signals. */
static void assert_served(const struct world *w, int set, unsigned signals)
{
	assert_int_equal(w->served, set);
	assert_int_equal(w->signals, signals);
	assert_int_equal(w->c.force, FORCE_SHOWN);
	assert_true(converge_settled(&w->c));
}

/* A world in which the set 1 is served; what led to it is forgotten. */
static void world_begin_serving(struct world *w)
{
	world_begin(w, true);
	want(w, 1, 20 * SECOND_US);
	assert_served(w, 1, 1);
	w->signals = w->writes = w->questions = w->events = 0;
	memset(w->times, 0, sizeof(w->times));
	w->last_event = CONVERGE_NO_NEWS;
	w->busy_us = 0;
}

static struct world the_world;

static int serving(void **state)
{
	*state = &the_world;
	world_begin_serving(&the_world);
	return 0;
}

/* --- the usual ----------------------------------------------------------------------------- */

TEST_THAT(nothing_happens_before_the_first_set)
{
	struct world *w = *state;

	world_begin(w, true);
	world_run(w, HOUR_US);

	assert_int_equal(w->writes + w->signals + w->questions, 0);
	assert_false(converge_settled(&w->c));
}

TEST_THAT(a_set_is_written_loaded_and_shown)
{
	struct world *w = *state;

	world_begin(w, true);
	want(w, 1, 100 * MS_US);

	assert_served(w, 1, 1);
	assert_int_equal(w->writes, 1);
	assert_int_equal(w->events, 1);
	assert_int_equal(w->last_event, CONVERGE_IN_FORCE);
}

TEST_THAT(a_file_that_is_right_already_costs_a_reload_only_if_bind_has_another)
{
	struct world *w = *state;

	for (int served = 0; served < 2; served++) {
		world_begin(w, true);
		w->file = 1;
		w->served = served;
		want(w, 1, SECOND_US);

		assert_served(w, 1, served == 1 ? 0 : 1);
		assert_int_equal(w->writes, 0);
		assert_int_equal(w->last_event, CONVERGE_IN_FORCE);
	}
}

TEST_THAT(a_repeated_set_asks_once_and_does_no_more)
{
	struct world *w = *state;

	want_often(w, 1, MINUTE_US, 10 * MINUTE_US);

	assert_int_equal(w->questions, 10);
	assert_int_equal(w->writes + w->signals + w->events, 0);
}

TEST_THAT(a_flood_of_the_same_set_is_looked_at_four_times_a_second)
{
	struct world *w = *state;

	want_often(w, 1, MS_US, 10 * SECOND_US);

	assert_in_range(w->questions, 35, 41);
	assert_int_equal(w->writes + w->signals + w->events, 0);
}

TEST_THAT(without_verification_a_reload_is_taken_at_its_word)
{
	struct world *w = *state;

	world_begin(w, false);
	want_often(w, 1, MINUTE_US, 2 * MINUTE_US);

	assert_int_equal(w->signals, 1);
	assert_int_equal(w->questions, 0);
	assert_int_equal(w->last_event, CONVERGE_ASSUMED);
	assert_true(converge_settled(&w->c));
}

/* --- drift --------------------------------------------------------------------------------- */

TEST_THAT(what_has_drifted_is_repaired_at_the_next_line)
{
	struct world *w = *state;

	for (unsigned time = 1; time <= 5; time++) {
		w->served = 7;
		want(w, 1, MINUTE_US);
		assert_served(w, 1, time);
		assert_int_equal(w->times[CONVERGE_DRIFTED], time);
		assert_int_equal(w->times[CONVERGE_IN_FORCE], time);
		assert_int_equal(w->writes, 0);
	}
	w->file_wrong = true;
	want(w, 1, SECOND_US);
	assert_served(w, 1, 6);
	assert_int_equal(w->times[CONVERGE_DRIFTED], 5);
	assert_int_equal(w->times[CONVERGE_IN_FORCE], 6);
	assert_int_equal(w->writes, 1);
}

TEST_THAT(a_bind_that_shows_nothing_any_more_reloads_once_it_is_sure)
{
	struct world *w = *state;

	w->shows = SHOWS_NONE;
	want(w, 1, 100 * MS_US);
	assert_int_equal(w->signals, 0);
	world_run(w, 5 * SECOND_US);

	assert_int_equal(w->signals, 1);
	assert_int_equal(w->times[CONVERGE_DRIFTED], 1);
}

/* --- silence ------------------------------------------------------------------------------- */

TEST_THAT(silence_of_two_seconds_costs_no_reload)
{
	struct world *w = *state;

	for (int i = 0; i < 4; i++) {
		hang(w, 2 * SECOND_US);
		want(w, 1, 10 * SECOND_US);
	}

	assert_int_equal(w->signals + w->writes + w->events, 0);
	assert_true(converge_settled(&w->c));
}

TEST_THAT(silence_that_lasts_is_told_and_costs_no_reload)
{
	struct world *w = *state;

	hang(w, HOUR_US);
	for (int i = 0; i < 60; i++) {
		want(w, 1, MINUTE_US);
		assert_true(w->c.silent);
	}

	assert_int_equal(w->signals, 0);
	assert_int_equal(w->times[CONVERGE_SILENT], w->events);
	assert_true(w->questions < 1000);
	assert_int_equal(w->c.force, FORCE_SHOWN);
	world_run(w, 2 * MINUTE_US);
	assert_false(w->c.silent);
	assert_true(converge_settled(&w->c));
}

TEST_THAT(loss_of_a_third_of_the_questions_costs_no_reload)
{
	struct world *w = *state;

	w->lost = 30;
	want_often(w, 1, 10 * SECOND_US, 10000 * SECOND_US);
	assert_int_equal(w->signals + w->writes, 0);
	assert_true(w->questions > 1300);
	/* Nor is it taken for a slow reload. */
	for (int set = 2; set < 100; set++) {
		want(w, set, 20 * SECOND_US);
		assert_int_equal(w->served, set);
	}
	assert_int_equal(w->signals, 98);
}

/* --- the budget ---------------------------------------------------------------------------- */

TEST_THAT(the_first_change_after_quiet_goes_at_once)
{
	struct world *w = *state;

	w->reload_us = 4 * SECOND_US;
	w->silent_while_loading = true;
	for (int set = 2; set < 10; set++) {
		want(w, set, 0);
		world_step(w);
		assert_int_equal(w->signals, set - 1);
		world_run(w, MINUTE_US);
		assert_int_equal(w->served, set);
	}
}

TEST_THAT(a_set_each_half_second_costs_at_most_fifteen_reloads)
{
	struct world *w = *state;

	for (int i = 0; i < 60; i++) {
		want(w, 2 + i, SECOND_US / 2);
	}
	world_run(w, 3 * SECOND_US - SECOND_US / 2);

	assert_int_equal(w->served, 61);
	assert_in_range(w->signals, 5, 15);
}

TEST_THAT(changes_that_follow_soon_wait_longer_and_longer)
{
	struct world *w = *state;

	alternate(w, 20 * SECOND_US);

	assert_in_range(w->signals, 8, 11);
	for (unsigned i = 1; i < w->signals; i++)
		assert_true(w->signal_us[i] - w->signal_us[i - 1] >=
		            (i < 3 ? 250 * MS_US : 2500 * MS_US));
	world_run(w, 20 * SECOND_US);
	w->signals = 0;
	want(w, 9, 100 * MS_US);
	want(w, 10, 300 * MS_US);
	assert_int_equal(w->signals, 2);
}

/* However long a reload takes, and however fast the writer is. */
TEST_THAT(reloads_take_at_most_a_tenth_of_the_time)
{
	static const uint64_t reloads_us[] = {14 * MS_US, 400 * MS_US, 4 * SECOND_US,
	                                      20 * SECOND_US};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(reloads_us); i++) {
		world_begin_serving(w);
		w->reload_us = reloads_us[i];
		w->read_us = reloads_us[i] / 4;
		w->silent_while_loading = true;
		w->c.took_us = 5 * SECOND_US; /* nothing is known of it */
		alternate(w, 400 * SECOND_US);
		assert_int_equal(w->queued, 0);
		assert_true(w->signals >= 2);
		if (w->busy_us * 10 > 400 * SECOND_US + 10 * w->reload_us)
			fail_msg("%zu: busy for %u ms", i, (unsigned)(w->busy_us / MS_US));
		want(w, 99, 11 * w->reload_us + 3 * SECOND_US);
		assert_int_equal(w->served, 99);
	}
}

/* An answer with the set of before is no proof that a set in between was not loaded yet. */
TEST_THAT(a_set_that_returns_within_one_slow_reload_stays_in_force)
{
	struct world *w = *state;

	w->reload_us = SECOND_US;
	w->read_us = 50 * MS_US;
	want(w, 2, 100 * MS_US);
	want(w, 1, 500 * MS_US);
	assert_int_equal(w->c.force, FORCE_NO);
	world_run(w, 15 * SECOND_US);

	assert_served(w, 1, 2);
}

TEST_THAT(a_set_that_returns_before_anything_was_done_costs_nothing)
{
	struct world *w = *state;

	want(w, 2, 0);
	want(w, 1, MINUTE_US);

	assert_int_equal(w->writes, 0);
	assert_served(w, 1, 0);
}

TEST_THAT(one_slow_answer_does_not_hold_the_next_change_back_for_long)
{
	struct world *w = *state;

	hang(w, 30 * SECOND_US);
	want(w, 2, 31 * SECOND_US);
	assert_served(w, 2, 1);
	w->signals = 0;
	want(w, 3, 3 * SECOND_US);

	assert_served(w, 3, 1);
}

/* It answers what it was asked while it hung, and only then sees the signal. */
TEST_THAT(the_first_reload_that_is_slow_does_not_hold_the_next_change_back_for_minutes)
{
	struct world *w = *state;

	world_begin(w, true);
	hang(w, 40 * SECOND_US);
	want(w, 1, 50 * SECOND_US);
	assert_served(w, 1, 1);
	w->signals = 0;
	want(w, 2, 40 * SECOND_US);

	assert_served(w, 2, 1);
}

TEST_THAT(a_bind_that_hung_is_not_told_again_for_its_first_answer)
{
	struct world *w = *state;

	hang(w, 8 * SECOND_US);
	w->reload_us = 8 * SECOND_US + 50 * MS_US;
	want(w, 2, 9 * SECOND_US);

	assert_served(w, 2, 1);
	assert_int_equal(w->times[CONVERGE_NOT_LOADED], 0);
}

TEST_THAT(reloads_whose_end_is_not_seen_come_ever_more_rarely)
{
	struct world *w = *state;

	for (int hidden = 0; hidden < 2; hidden++) {
		world_begin(w, hidden);
		w->shows = SHOWS_NONE;
		alternate(w, 400 * SECOND_US);
		assert_in_range(w->signals, 8, 16);
	}
}

/* --- a big BIND ---------------------------------------------------------------------------- */

TEST_THAT(a_reload_that_takes_long_is_told_as_loading_and_as_no_error)
{
	struct world *w = *state;

	w->reload_us = 12 * SECOND_US;
	w->silent_while_loading = true;
	want(w, 2, 10 * SECOND_US);
	assert_false(converge_settled(&w->c));
	want(w, 2, 5 * SECOND_US);

	assert_int_equal(w->signals, 1);
	assert_int_equal(w->times[CONVERGE_LOADING], w->events - 1);
	assert_int_equal(w->last_event, CONVERGE_IN_FORCE);
}

/* What has drifted is repaired on the disk, where a named that is started finds it. */
TEST_THAT(a_file_is_repaired_at_once_though_the_reload_must_wait)
{
	struct world *w = *state;

	w->reload_us = 4 * SECOND_US;
	w->silent_while_loading = true;
	w->c.took_us = 5 * SECOND_US;
	want(w, 2, 5 * SECOND_US);
	w->file_wrong = true;
	want(w, 2, SECOND_US);
	assert_int_equal(w->writes, 2);
	assert_int_equal(w->signals, 1);
	world_run(w, MINUTE_US);

	assert_served(w, 2, 2);
}

TEST_THAT(the_newest_set_is_written_while_bind_hangs)
{
	struct world *w = *state;

	hang(w, 30 * SECOND_US);
	w->reload_us = 30 * SECOND_US; /* it reads the file when it goes on */
	w->read_us = 30 * SECOND_US - MS_US;
	want(w, 2, 2 * SECOND_US);
	want(w, 3, 10 * SECOND_US);
	assert_int_equal(w->file, 3);
	world_run(w, 20 * SECOND_US);

	assert_served(w, 3, 1);
}

TEST_THAT(a_bind_that_never_answers_is_told_of_each_set_all_the_same)
{
	struct world *w = *state;

	world_begin(w, true);
	w->silent_until_us = NEVER;
	for (int set = 1; set <= 5; set++) {
		want(w, set, 2 * MINUTE_US);
		assert_int_equal(w->file, set);
		assert_int_equal(w->signals, set);
	}
	assert_int_equal(w->c.force, FORCE_NO);
}

/* --- what reloads cannot help -------------------------------------------------------------- */

TEST_THAT(prefixes_of_others_cost_three_reloads_for_each_set_until_they_go)
{
	static const enum shows shows[] = {SHOWS_MORE, SHOWS_ITS_OWN};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(shows); i++) {
		world_begin_serving(w);
		w->shows = shows[i];
		for (int set = 2; set < 5; set++) {
			w->signals = w->times[CONVERGE_NOT_LOADED] = w->questions = 0;
			want_often(w, set, MINUTE_US, HOUR_US);
			assert_int_equal(w->signals, 3);
			assert_int_equal(w->c.force, FORCE_NO);
			assert_int_equal(w->times[CONVERGE_NOT_LOADED], 3);
			assert_in_range(w->questions, 60, 600);
		}
		w->shows = SHOWS_ALL;
		world_run(w, MINUTE_US + SECOND_US);
		assert_served(w, 4, 3);
		assert_int_equal(w->last_event, CONVERGE_IN_FORCE);
	}
}

TEST_THAT(a_refused_configuration_has_three_reloads_and_one_for_each_edit)
{
	struct world *w = *state;

	w->refuses = true;
	want(w, 2, HOUR_US);
	assert_int_equal(w->signals, 3);
	for (unsigned edit = 1; edit <= 5; edit++) {
		w->news = true;
		world_run(w, 5 * MINUTE_US);
		assert_int_equal(w->signals, 3 + edit);
		assert_int_equal(w->c.force, FORCE_NO);
	}
	w->refuses = false;
	w->news = true;
	world_run(w, MINUTE_US + SECOND_US);

	assert_served(w, 2, 9);
	assert_int_equal(w->last_event, CONVERGE_IN_FORCE);
}

TEST_THAT(a_set_that_changes_in_vain_reloads_has_three_of_its_own)
{
	struct world *w = *state;

	w->refuses = true;
	want(w, 2, 7 * SECOND_US);
	w->signals = 0;
	want(w, 3, HOUR_US);

	assert_int_equal(w->file, 3);
	assert_int_equal(w->signals, 3);
}

TEST_THAT(a_bind_that_hides_its_prefixes_is_told_once_for_each_set)
{
	struct world *w = *state;

	world_begin(w, true);
	w->shows = SHOWS_NONE;
	for (unsigned set = 1; set <= 3; set++) {
		want_often(w, (int)set, MINUTE_US, 11 * MINUTE_US);
		assert_int_equal(w->signals, set);
		assert_int_equal(w->events, set);
		assert_int_equal(w->last_event, CONVERGE_ASSUMED);
		assert_true(converge_settled(&w->c));
	}
}

TEST_THAT(a_cache_in_front_costs_no_reload_that_bind_would_not_get)
{
	struct world *w = *state;

	w->shows = SHOWS_CACHED;
	for (unsigned set = 1; set < 5; set++) {
		want_often(w, (int)set, MINUTE_US, 10 * MINUTE_US);
		assert_int_equal(w->signals, set - 1);
		assert_int_equal(w->served, set);
		assert_int_equal(w->c.force, FORCE_ASSUMED);
		assert_int_equal(w->last_event, CONVERGE_ASSUMED);
	}
}

/* --- failures ------------------------------------------------------------------------------ */

TEST_THAT(a_full_disk_is_tried_again_with_growing_pauses)
{
	struct world *w = *state;
	unsigned tries = 0;

	w->disk_full = true;
	want(w, 2, 0);
	for (uint64_t until_us = w->now_us + 10 * MINUTE_US; w->now_us < until_us;) {
		tries += converge_next(&w->c, w->now_us) == CONVERGE_WRITE;
		world_run(w, MS_US);
	}
	assert_in_range(tries, 12, 18);
	assert_int_equal(w->signals, 0);
	w->disk_full = false;
	world_run(w, MINUTE_US + SECOND_US);

	assert_served(w, 2, 1);
}

TEST_THAT(a_signal_that_cannot_be_sent_is_tried_again)
{
	struct world *w = *state;

	w->no_named = true;
	want(w, 2, 10 * SECOND_US);
	assert_int_equal(w->c.force, FORCE_NO);
	w->no_named = false;
	world_run(w, MINUTE_US + SECOND_US);

	assert_served(w, 2, 1);
}

TEST_THAT(a_named_that_is_started_later_serves_the_set_without_a_signal)
{
	struct world *w = *state;

	world_begin(w, true);
	w->no_named = true;
	w->silent_until_us = NEVER;
	want(w, 1, 5 * MINUTE_US);
	assert_false(converge_settled(&w->c));
	w->silent_until_us = w->now_us;
	w->served = 1; /* it reads the file as it starts */
	world_run(w, MINUTE_US + SECOND_US);

	assert_served(w, 1, 0);
}

/* --- anything ------------------------------------------------------------------------------ */

static unsigned draw(struct world *w, unsigned bound)
{
	w->random = w->random * 1103515245U + 12345U;
	return w->random / 65536 % bound;
}

/* One thing that befalls a BIND, its disk, or the way between. */
static void mishap(struct world *w)
{
	switch (draw(w, 10)) {
	case 0:
		hang(w, draw(w, 8000) * MS_US);
		break;
	case 1:
		w->served = 50 + (int)draw(w, 3); /* it was started on another file */
		break;
	case 2:
		w->file_wrong = true;
		break;
	case 3:
		w->disk_full = !w->disk_full;
		break;
	case 4:
		w->no_named = !w->no_named;
		break;
	case 5:
		w->refuses = !w->refuses;
		w->news = true;
		break;
	case 6:
		w->shows = (enum shows)draw(w, 5);
		w->news = true;
		break;
	case 7:
		w->lost = draw(w, 50);
		break;
	default:
		want(w, 1 + (int)draw(w, 4), 0);
	}
}

TEST_THAT(whatever_happened_the_last_set_comes_in_force)
{
	struct world *w = *state;

	for (unsigned seed = 1; seed <= 300; seed++) {
		world_begin(w, true);
		w->random = seed;
		w->reload_us = (10 + draw(w, 3000)) * MS_US;
		w->read_us = w->reload_us / 4;
		w->silent_while_loading = draw(w, 2) == 0;
		want(w, 1, 0);
		for (int i = 0; i < 60; i++) {
			mishap(w);
			world_run(w, draw(w, 6000) * MS_US);
			/* No second reload before the first was seen, unless its time is over. */
			if (w->queued > 0 && w->reload_us < 4 * SECOND_US)
				fail_msg("seed %u: a reload was queued", seed);
		}
		w->disk_full = w->no_named = w->refuses = false;
		w->shows = SHOWS_ALL;
		w->lost = 0;
		w->news = true;
		want_often(w, w->wanted, MINUTE_US, 20 * MINUTE_US);
		world_run(w, SECOND_US);
		if (w->served != w->wanted || w->c.force != FORCE_SHOWN || !converge_settled(&w->c))
			fail_msg("seed %u: %d is served, and %d wanted", seed, w->served,
			         w->wanted);
	}
}

RUN_TESTS(serving, NULL)
