/* The way of a set to being in force, in virtual time: a BIND and a disk that do as they are told.
 */
#include "unit.h"

#include "converge.h"

#include <stdbool.h>
#include <string.h>

enum { FAR = 4 * 3600 * 1000, LOG_MAX = 4096 };

/* A world around converge, which it is driven through as the updater does. */
struct world {
	struct converge c;
	int64_t now;
	bool disk_full;                     /* writes fail */
	bool file_wrong;                    /* the next look at the file finds another text */
	bool no_named;                      /* signals fail */
	bool reload_fails;                  /* a signal does not change what is served */
	bool loads_another;                 /* what is being loaded is not the set */
	int64_t reload_ms;                  /* from a signal to serving the set */
	int64_t loaded_at;                  /* INT64_MAX: never */
	enum converge_served before, after; /* what BIND serves before and after loading */
	unsigned writes, signals, questions;
	int64_t signal_times[LOG_MAX], write_times[LOG_MAX];
	enum converge_event events[LOG_MAX];
	unsigned event_count;
};

static struct world world_new(struct converge_mode mode)
{
	struct world w = {
		.now = 1000000,
		.reload_ms = 14,
		.loaded_at = INT64_MAX,
		.before = SERVED_OTHER,
		.after = SERVED_WANTED,
	};

	converge_init(&w.c, mode);
	return w;
}

static const struct converge_mode usual = {.signals = true, .verifies = true};

static void event_note(struct world *w, enum converge_event event)
{
	if (event != CONVERGE_NO_NEWS)
		w->events[w->event_count++ % LOG_MAX] = event;
}

static enum converge_served served(const struct world *w)
{
	return w->now >= w->loaded_at ? w->after : w->before;
}

static void signal_send(struct world *w)
{
	w->signal_times[w->signals++ % LOG_MAX] = w->now;
	/* Loading another set, it ignores signals until that is done. */
	if (w->loads_another && w->now >= w->loaded_at) {
		w->loads_another = false;
		w->before = SERVED_OTHER;
		w->after = SERVED_WANTED;
		w->loaded_at = INT64_MAX;
		w->reload_ms = 14;
	}
	if (!w->no_named && !w->reload_fails && w->loaded_at == INT64_MAX)
		w->loaded_at = w->now + w->reload_ms;
	event_note(w, converge_signalled(&w->c, !w->no_named, w->now));
}

static void question_ask(struct world *w)
{
	w->questions++;
	converge_asked(&w->c, w->now);
	if (served(w) == SERVED_SILENT)
		return;
	w->now++;
	event_note(w, converge_answered(&w->c, served(w), w->now));
}

/* Does what is due now. */
static void world_step(struct world *w)
{
	enum converge_action action;

	while ((action = converge_next(&w->c, w->now)) != CONVERGE_REST) {
		switch (action) {
		case CONVERGE_REST:
			break;
		case CONVERGE_WRITE:
			w->write_times[w->writes++ % LOG_MAX] = w->now;
			event_note(w,
			           converge_written(&w->c, !w->disk_full, w->file_wrong, w->now));
			w->file_wrong = w->disk_full && w->file_wrong;
			break;
		case CONVERGE_SIGNAL:
			signal_send(w);
			break;
		case CONVERGE_ASK:
			question_ask(w);
			break;
		case CONVERGE_GIVE_UP:
			event_note(w, converge_answered(&w->c, SERVED_SILENT, w->now));
			break;
		}
	}
}

/* Lets time pass until end, or until nothing more will happen by itself. */
static void world_run(struct world *w, int64_t duration)
{
	int64_t end = w->now + duration;

	world_step(w);
	while (converge_due(&w->c) <= end) {
		if (w->now < converge_due(&w->c))
			w->now = converge_due(&w->c);
		world_step(w);
	}
	if (w->now < end)
		w->now = end;
}

static void want_new(struct world *w)
{
	w->file_wrong = true;
	w->loaded_at = INT64_MAX;
	converge_want(&w->c, true, w->now);
}

/* A world in which a set is in force, and nothing is under way. */
static struct world world_settled(void)
{
	struct world w = world_new(usual);

	want_new(&w);
	world_run(&w, 100000);
	assert_int_equal(w.c.force, FORCE_SHOWN);
	assert_int_equal(converge_due(&w.c), INT64_MAX);
	w.writes = w.signals = w.questions = w.event_count = 0;
	return w;
}

static void assert_events(const struct world *w, unsigned count, const enum converge_event *events)
{
	assert_int_equal(w->event_count, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(w->events[i], events[i]);
}

#define ASSERT_EVENTS(w, ...)                                           \
	assert_events(w, COUNT(((enum converge_event[]){__VA_ARGS__})), \
	              (const enum converge_event[]){__VA_ARGS__})

static void a_new_set_is_written_signalled_and_shown(void **state)
{
	struct world w = world_new(usual);
	int64_t start = w.now;
	(void)state;

	want_new(&w);
	assert_false(converge_in_force(&w.c));
	while (!converge_in_force(&w.c) && w.now < start + 1000)
		world_run(&w, 1);
	assert_true(w.now - start <= 100);
	world_run(&w, FAR);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
	assert_int_equal(w.writes, 1);
	assert_int_equal(w.signals, 1);
	assert_true(converge_settled(&w.c, w.now));
}

static void a_set_that_is_in_place_already_needs_no_signal(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.before = SERVED_WANTED;
	converge_want(&w.c, true, w.now);
	world_run(&w, FAR);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
	assert_int_equal(w.signals, 0);
}

static void who_cannot_ask_signals_a_file_that_is_in_place_already(void **state)
{
	struct world w = world_new((struct converge_mode){.signals = true});
	(void)state;

	converge_want(&w.c, true, w.now);
	world_run(&w, FAR);
	ASSERT_EVENTS(&w, CONVERGE_ASSUMED);
	assert_int_equal(w.signals, 1);
	converge_want(&w.c, false, w.now);
	world_run(&w, FAR);
	assert_int_equal(w.signals, 1);
}

static void without_signals_written_is_enough(void **state)
{
	struct world w = world_new((struct converge_mode){.signals = false});
	(void)state;

	want_new(&w);
	world_run(&w, FAR);
	ASSERT_EVENTS(&w, CONVERGE_ASSUMED);
	assert_int_equal(w.signals + w.questions, 0);
}

static void a_repeated_set_costs_one_look_and_one_question(void **state)
{
	struct world w = world_settled();
	(void)state;

	for (int i = 0; i < 10; i++) {
		converge_want(&w.c, false, w.now);
		world_run(&w, 60000);
	}
	assert_int_equal(w.writes, 10);
	assert_int_equal(w.questions, 10);
	assert_int_equal(w.signals, 0);
	assert_int_equal(w.event_count, 0);
}

/* Set after set, as fast as they can come. */
static void flood(struct world *w, bool changed, int64_t duration)
{
	for (int64_t end = w->now + duration; w->now < end; w->now++) {
		converge_want(&w->c, changed, w->now);
		if (changed) {
			w->file_wrong = true;
			w->loaded_at = INT64_MAX;
		}
		world_step(w);
	}
}

static void assert_spaced(const int64_t *times, unsigned count, int64_t gap)
{
	assert_true(count > 1 && count <= LOG_MAX);
	for (unsigned i = 1; i < count; i++)
		assert_true(times[i] - times[i - 1] >= gap);
}

static void a_flood_of_sets_signals_four_times_a_second_at_most(void **state)
{
	struct world w = world_settled();
	(void)state;

	flood(&w, true, 10000);
	assert_spaced(w.signal_times, w.signals, 250);
	assert_true(w.signals >= 39);
	world_run(&w, 1000);
	assert_true(converge_in_force(&w.c));
	assert_int_equal(w.events[w.event_count - 1], CONVERGE_IN_FORCE);
}

static void a_flood_of_sets_to_a_broken_disk_is_no_busy_loop(void **state)
{
	struct world w = world_settled();
	(void)state;

	w.disk_full = true;
	flood(&w, true, 10000);
	assert_spaced(w.write_times, w.writes, 250);
	w.writes = 0;
	flood(&w, false, 10000);
	assert_spaced(w.write_times, w.writes, 1000);
}

static void a_flood_of_the_same_set_is_cheap(void **state)
{
	struct world w = world_settled();
	(void)state;

	flood(&w, false, 10000);
	assert_true(w.writes <= 41 && w.questions <= 41);
	assert_int_equal(w.signals, 0);
}

static void a_flood_of_the_same_set_to_a_bind_that_hides_is_cheap(void **state)
{
	static const enum converge_served hiding[] = {SERVED_NONE, SERVED_SILENT};
	(void)state;

	for (size_t i = 0; i < COUNT(hiding); i++) {
		struct world w = world_new(usual);
		w.before = w.after = hiding[i];
		want_new(&w);
		world_run(&w, 60000);
		w.writes = w.signals = w.questions = 0;
		flood(&w, false, 10000);
		assert_true(w.writes <= 41);
		assert_true(w.questions <= 41);
		assert_int_equal(w.signals, 0);
	}
}

static void a_failed_write_is_tried_again_with_pauses_up_to_a_minute(void **state)
{
	static const int64_t pauses[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
	struct world w = world_new(usual);
	(void)state;

	w.disk_full = true;
	want_new(&w);
	world_run(&w, 400000);
	assert_true(w.writes > COUNT(pauses));
	for (unsigned i = 0; i < COUNT(pauses); i++)
		assert_int_equal(w.write_times[i + 1] - w.write_times[i], pauses[i] * 1000);
	assert_int_equal(w.signals, 0);
	assert_false(converge_in_force(&w.c));

	w.disk_full = false;
	world_run(&w, 61000);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
}

static void a_repeated_set_cuts_a_long_pause_short(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.disk_full = true;
	want_new(&w);
	world_run(&w, 200000);
	w.disk_full = false;
	converge_want(&w.c, false, w.now);
	world_run(&w, 1100);
	assert_true(converge_in_force(&w.c));
}

static void a_new_set_does_not_wait_for_the_pause_of_the_old(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.disk_full = true;
	want_new(&w);
	world_run(&w, 200000);
	w.disk_full = false;
	want_new(&w);
	world_run(&w, 300);
	assert_true(converge_in_force(&w.c));
}

static void a_signal_that_could_not_be_sent_is_owed(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.no_named = true;
	want_new(&w);
	world_run(&w, 100000);
	assert_true(w.signals >= 6 && w.signals <= 8);
	assert_false(converge_in_force(&w.c));
	assert_int_equal(w.questions, 0);
	w.no_named = false;
	world_run(&w, 61000);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
}

static void a_slow_reload_is_waited_for(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.reload_ms = 1000;
	want_new(&w);
	world_run(&w, FAR);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
	assert_int_equal(w.signals, 1);
}

static void a_reload_that_fails_is_reported_and_asked_for_again(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.reload_fails = true;
	want_new(&w);
	world_run(&w, 600000);
	assert_int_equal(w.events[0], CONVERGE_NOT_LOADED);
	assert_spaced(w.signal_times, w.signals, 1000);
	assert_true(w.signals >= 10 && w.signals <= 20);
	assert_false(converge_in_force(&w.c));

	w.reload_fails = false;
	world_run(&w, 62000);
	assert_int_equal(w.events[w.event_count - 1], CONVERGE_IN_FORCE);
}

static void a_bind_that_drifted_is_noticed_and_told_to_reload(void **state)
{
	struct world w = world_settled();
	(void)state;

	w.loaded_at = INT64_MAX;
	converge_want(&w.c, false, w.now);
	world_run(&w, 10000);
	ASSERT_EVENTS(&w, CONVERGE_DRIFTED, CONVERGE_IN_FORCE);
	assert_int_equal(w.signals, 1);
}

static void a_file_that_was_changed_is_repaired(void **state)
{
	struct world w = world_settled();
	(void)state;

	w.file_wrong = true;
	converge_want(&w.c, false, w.now);
	world_run(&w, 10000);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
	assert_int_equal(w.signals, 1);
}

/* Seen by one of the looks after a change, long before the next line. */
static void a_file_that_made_bind_drift_is_mended_before_it_is_told(void **state)
{
	struct world w = world_new(usual);
	(void)state;
	want_new(&w);
	world_run(&w, 2000);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
	unsigned writes = w.writes, signals = w.signals;

	w.file_wrong = true;
	w.loaded_at = INT64_MAX;
	world_run(&w, 4000);

	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE, CONVERGE_DRIFTED, CONVERGE_IN_FORCE);
	assert_int_equal(w.writes, writes + 1);
	assert_int_equal(w.signals, signals + 1);
	assert_true(w.write_times[writes] <= w.signal_times[signals]);
}

static void a_bind_that_hides_is_assumed_to_serve_and_not_bothered(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.before = w.after = SERVED_NONE;
	want_new(&w);
	world_run(&w, FAR);
	ASSERT_EVENTS(&w, CONVERGE_ASSUMED);
	assert_true(converge_in_force(&w.c));
	assert_true(w.signals >= 2 && w.signals <= 4);

	/* It may show it some day. */
	w.before = w.after = SERVED_WANTED;
	world_run(&w, 61000);
	ASSERT_EVENTS(&w, CONVERGE_ASSUMED, CONVERGE_IN_FORCE);
}

static void nobody_who_listens_is_assumed_to_serve(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.before = w.after = SERVED_SILENT;
	want_new(&w);
	world_run(&w, 5000);
	ASSERT_EVENTS(&w, CONVERGE_ASSUMED);
	assert_int_equal(w.signals, 1);
	assert_true(converge_settled(&w.c, w.now));
}

static void a_bind_that_must_show_and_hides_is_a_failure(void **state)
{
	static const enum converge_served hiding[] = {SERVED_NONE, SERVED_SILENT};
	(void)state;

	for (size_t i = 0; i < COUNT(hiding); i++) {
		struct world w = world_new((struct converge_mode){
			.signals = true, .verifies = true, .verify_required = true});
		w.before = w.after = hiding[i];
		want_new(&w);
		world_run(&w, 4900);
		assert_true(w.event_count > 0);
		assert_int_equal(w.events[0], CONVERGE_NOT_SHOWN);
		assert_false(converge_in_force(&w.c));
		assert_false(converge_settled(&w.c, w.now));
	}
}

static void a_bind_that_showed_once_must_go_on_showing(void **state)
{
	struct world w = world_settled();
	(void)state;

	w.before = w.after = SERVED_SILENT;
	converge_want(&w.c, false, w.now);
	world_run(&w, 10000);
	assert_int_equal(w.events[w.event_count - 1], CONVERGE_NOT_SHOWN);
	assert_false(converge_in_force(&w.c));

	w.before = w.after = SERVED_WANTED;
	world_run(&w, 61000);
	assert_int_equal(w.events[w.event_count - 1], CONVERGE_IN_FORCE);
}

static void a_bind_that_comes_back_with_another_set_is_told_at_once(void **state)
{
	struct world w = world_settled();
	(void)state;

	w.after = SERVED_SILENT;
	converge_want(&w.c, false, w.now);
	world_run(&w, 10000);
	w.signals = 0;
	w.after = SERVED_WANTED;
	w.loaded_at = INT64_MAX;
	world_run(&w, 70000);
	assert_int_equal(w.signals, 1);
	assert_int_equal(w.events[w.event_count - 1], CONVERGE_IN_FORCE);
}

static void an_answer_that_nobody_waits_for_is_no_news(void **state)
{
	struct world w = world_settled();
	(void)state;

	assert_int_equal(converge_answered(&w.c, SERVED_OTHER, w.now), CONVERGE_NO_NEWS);
	assert_true(converge_in_force(&w.c));
	assert_int_equal(converge_due(&w.c), INT64_MAX);
}

/* Whatever comes in whatever order: BIND is never hurried, and it ends in force. */
static void any_mix_of_troubles_ends_in_force_without_haste(void **state)
{
	uint32_t random = 1;
	(void)state;

	for (unsigned round = 0; round < 200; round++) {
		struct world w = world_new(usual);
		for (unsigned i = 0; i < 200; i++) {
			random = random * 1664525 + 1013904223;
			w.disk_full = (random >> 8) % 5 == 0;
			w.no_named = (random >> 11) % 5 == 0;
			w.reload_fails = (random >> 14) % 5 == 0;
			w.before = (enum converge_served)((random >> 17) % 4);
			w.after = (random >> 20) % 4 ? SERVED_WANTED : SERVED_SILENT;
			if ((random >> 22) % 2)
				want_new(&w);
			else
				converge_want(&w.c, false, w.now);
			world_run(&w, (int64_t)((random >> 24) * 4));
		}
		assert_spaced(w.signal_times, w.signals, 250);
		w.disk_full = w.no_named = w.reload_fails = false;
		w.before = SERVED_OTHER;
		w.after = SERVED_WANTED;
		want_new(&w);
		world_run(&w, 5000);
		assert_int_equal(w.events[w.event_count - 1], CONVERGE_IN_FORCE);
		assert_true(converge_in_force(&w.c));
	}
}

static void a_lost_answer_is_no_drift(void **state)
{
	struct world w = world_settled();
	(void)state;

	w.after = SERVED_SILENT;
	converge_want(&w.c, false, w.now);
	world_run(&w, 100);
	w.after = SERVED_WANTED;
	world_run(&w, 10000);
	assert_int_equal(w.questions, 2);
	assert_int_equal(w.signals, 0);
	assert_int_equal(w.event_count, 0);
}

static void pauses_begin_anew_with_another_set(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	w.disk_full = true;
	want_new(&w);
	world_run(&w, 200000);
	w.writes = 0;
	want_new(&w);
	world_run(&w, 3500);
	assert_int_equal(w.writes, 3); /* at once, after 1 s and after 2 s more */
}

static void a_set_that_is_being_checked_is_not_settled(void **state)
{
	struct world w = world_settled();
	(void)state;

	converge_want(&w.c, false, w.now);
	assert_true(converge_in_force(&w.c));
	assert_false(converge_settled(&w.c, w.now));
	world_run(&w, 1000);
	assert_true(converge_settled(&w.c, w.now));
}

static void another_set_served_at_the_start_is_no_drift(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	converge_want(&w.c, true, w.now); /* the file is right, BIND serves others */
	world_run(&w, 10000);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
	assert_int_equal(w.signals, 1);
}

/* From one set to another and back, while BIND loads the other one for reload_ms. */
static struct world world_overtaken(int64_t reload_ms)
{
	struct world w = world_settled();

	w.reload_ms = reload_ms;
	want_new(&w);
	world_run(&w, 300);
	w.loads_another = true;
	w.before = SERVED_WANTED;
	w.after = SERVED_OTHER;
	w.file_wrong = true;
	converge_want(&w.c, true, w.now);
	return w;
}

static void a_set_that_another_overtakes_later_is_repaired(void **state)
{
	static const int64_t reloads_ms[] = {500, 1500, 5000, 20000, 60000};
	(void)state;

	for (size_t i = 0; i < COUNT(reloads_ms); i++) {
		struct world w = world_overtaken(reloads_ms[i]);
		int64_t start = w.now;
		unsigned before = w.signals;

		world_run(&w, 300);
		assert_int_equal(w.c.force, FORCE_SHOWN); /* too early, as it will turn out */
		world_run(&w, 4 * reloads_ms[i] + 500);
		assert_false(w.loads_another);
		assert_int_equal(w.signals, before + 2);
		assert_true(w.signal_times[before + 1] - start <= 4 * reloads_ms[i]);
		world_run(&w, 10000);
		assert_int_equal(served(&w), SERVED_WANTED);
		ASSERT_EVENTS(&w, CONVERGE_IN_FORCE, CONVERGE_DRIFTED, CONVERGE_IN_FORCE);
	}
}

static void a_set_that_overtook_another_is_no_moment_to_end(void **state)
{
	struct world w = world_overtaken(1500);
	(void)state;

	world_run(&w, 300);
	assert_true(converge_in_force(&w.c));
	assert_false(converge_settled(&w.c, w.now));
	while (!converge_settled(&w.c, w.now) && w.now < 1000000000)
		world_run(&w, 1);
	assert_false(w.loads_another);
	assert_int_equal(served(&w), SERVED_WANTED);

	w = world_overtaken(5000);
	w.loaded_at = INT64_MAX; /* it was the set that was loaded, after all */
	w.loads_another = false;
	w.after = SERVED_WANTED;
	world_run(&w, 3500);
	assert_false(converge_settled(&w.c, w.now));
	world_run(&w, 1000);
	assert_true(converge_settled(&w.c, w.now));

	w = world_overtaken(5000); /* what is shown was not shown before */
	w.before = SERVED_OTHER;
	w.after = SERVED_WANTED;
	w.loads_another = false;
	w.loaded_at = w.now + 100;
	world_run(&w, 300);
	assert_true(converge_settled(&w.c, w.now));
}

static void a_new_set_is_looked_at_again_with_growing_pauses(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	want_new(&w);
	world_run(&w, 900);
	assert_true(converge_settled(&w.c, w.now));
	assert_int_equal(w.questions, 2); /* before it was loaded, and after */
	for (unsigned looks = 1; looks <= 4; looks++) {
		int64_t due = w.signal_times[0] + (1000 << (2 * (looks - 1)));
		assert_int_equal(converge_due(&w.c), due);
		w.now = due;
		world_step(&w);
		assert_int_equal(w.questions, 2 + looks);
		assert_true(converge_settled(&w.c, w.now));
	}
	assert_int_equal(converge_due(&w.c), INT64_MAX);
	ASSERT_EVENTS(&w, CONVERGE_IN_FORCE);
	assert_int_equal(w.writes, 1);
	assert_int_equal(w.signals, 1);
}

static void a_repeated_set_does_not_end_the_looks(void **state)
{
	struct world w = world_new(usual);
	(void)state;

	want_new(&w);
	world_run(&w, 900);
	flood(&w, false, 2000);
	assert_int_equal(w.signals, 1);
	world_run(&w, 300);
	assert_int_equal(converge_due(&w.c), w.signal_times[0] + 4000);
}

static void a_set_that_was_not_shown_is_not_looked_at(void **state)
{
	struct world w = world_new((struct converge_mode){.signals = true});
	(void)state;

	want_new(&w);
	world_run(&w, FAR);
	assert_int_equal(w.questions, 0);
	assert_int_equal(converge_due(&w.c), INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_set_is_written_signalled_and_shown),
		cmocka_unit_test(a_set_that_is_in_place_already_needs_no_signal),
		cmocka_unit_test(who_cannot_ask_signals_a_file_that_is_in_place_already),
		cmocka_unit_test(without_signals_written_is_enough),
		cmocka_unit_test(a_repeated_set_costs_one_look_and_one_question),
		cmocka_unit_test(a_flood_of_sets_signals_four_times_a_second_at_most),
		cmocka_unit_test(a_flood_of_sets_to_a_broken_disk_is_no_busy_loop),
		cmocka_unit_test(a_flood_of_the_same_set_is_cheap),
		cmocka_unit_test(a_flood_of_the_same_set_to_a_bind_that_hides_is_cheap),
		cmocka_unit_test(a_failed_write_is_tried_again_with_pauses_up_to_a_minute),
		cmocka_unit_test(a_repeated_set_cuts_a_long_pause_short),
		cmocka_unit_test(a_new_set_does_not_wait_for_the_pause_of_the_old),
		cmocka_unit_test(a_signal_that_could_not_be_sent_is_owed),
		cmocka_unit_test(a_slow_reload_is_waited_for),
		cmocka_unit_test(a_reload_that_fails_is_reported_and_asked_for_again),
		cmocka_unit_test(a_bind_that_drifted_is_noticed_and_told_to_reload),
		cmocka_unit_test(a_file_that_was_changed_is_repaired),
		cmocka_unit_test(a_file_that_made_bind_drift_is_mended_before_it_is_told),
		cmocka_unit_test(a_bind_that_hides_is_assumed_to_serve_and_not_bothered),
		cmocka_unit_test(nobody_who_listens_is_assumed_to_serve),
		cmocka_unit_test(a_bind_that_must_show_and_hides_is_a_failure),
		cmocka_unit_test(a_bind_that_showed_once_must_go_on_showing),
		cmocka_unit_test(a_bind_that_comes_back_with_another_set_is_told_at_once),
		cmocka_unit_test(an_answer_that_nobody_waits_for_is_no_news),
		cmocka_unit_test(any_mix_of_troubles_ends_in_force_without_haste),
		cmocka_unit_test(a_lost_answer_is_no_drift),
		cmocka_unit_test(pauses_begin_anew_with_another_set),
		cmocka_unit_test(a_set_that_is_being_checked_is_not_settled),
		cmocka_unit_test(another_set_served_at_the_start_is_no_drift),
		cmocka_unit_test(a_set_that_another_overtakes_later_is_repaired),
		cmocka_unit_test(a_set_that_overtook_another_is_no_moment_to_end),
		cmocka_unit_test(a_new_set_is_looked_at_again_with_growing_pauses),
		cmocka_unit_test(a_repeated_set_does_not_end_the_looks),
		cmocka_unit_test(a_set_that_was_not_shown_is_not_looked_at),
	};

	return cmocka_run_group_tests_name("converge", tests, NULL, NULL);
}
