/*
 * All that the prober tells, by all ways. It decides when; the words are made elsewhere.
 */
#include "tell.h"

#include "clock.h"
#include "metrics.h"
#include "status.h"
#include "units.h"

#include <string.h>
#include <unistd.h>

/* To look at all prefixes takes its time when they are many. */
#define REVIEW_US (200 * MS_US)

/* A service is ready once it has something to say; at the latest this long after its start. */
#define READY_MAX_US (10 * SECOND_US)

static bool has_file(const struct tell *t, enum files_number number)
{
	return t->files && t->files->memory[number];
}

/* --once prints its table, and is otherwise quiet. */
static bool is_quiet(const struct tell *t)
{
	return t->view.options->mode == MODE_ONCE;
}

int tell_open(struct tell *t, const struct view *view, struct files *files)
{
	*t = (struct tell){
		.view = *view,
		.report = {.view = &t->view, .hour_us = view->now_us},
		.notify.fd = -1,
		.files = files,
		.begun_us = view->now_us,
	};
	t->view.counters.started_us = clock_wall_us();
	if (!is_quiet(t))
		notify_open(&t->notify, getppid());
	return has_file(t, FILES_STATUS) ? history_init(&t->history) : 0;
}

void tell_change(struct tell *t)
{
	t->stale[FILES_STATUS] = t->stale[FILES_METRICS] = true;
}

void tell_list(struct tell *t)
{
	tell_change(t);
	if (has_file(t, FILES_STATUS))
		history_load(&t->history, t->view.list);
}

void tell_verdict(struct tell *t, const struct verdict *verdict)
{
	struct counters *c = &t->view.counters;

	tell_change(t);
	c->ups += verdict->state == PREFIX_UP;
	c->downs += verdict->state == PREFIX_DOWN;
	if (has_file(t, FILES_STATUS))
		t->history.prefixes[verdict->prefix].well = verdict->state == PREFIX_UP;
	if (!is_quiet(t))
		report_verdict(&t->report, verdict);
}

void tell_set(struct tell *t, const struct prefix_set *set, const struct prefix_set *before,
              uint64_t now_us)
{
	tell_change(t);
	t->view.counters.set_changes++;
	t->view.counters.set_changed_us = clock_wall_us();
	t->view.now_us = now_us;
	if (!is_quiet(t))
		report_set(&t->report, set, before);
}

static void manager_tell(struct tell *t)
{
	const struct engine_summary *s = &t->view.summary;
	const struct prefix_set *set = &t->view.output->set;
	uint64_t now_us = t->view.now_us;
	char status[NOTIFY_STATUS_MAX], words[SET_LINE_MAX];
	struct text text = text_in(status, sizeof(status));
	bool ready = t->notify.ready || set->count > 0 || s->settled ||
	             now_us - t->begun_us >= READY_MAX_US;

	text_add(&text, "%zu of %zu healthy", s->healthy, s->prefixes);
	if (set->count > 0)
		text_add(&text, ": %s", set_line_say(set, words));
	else
		text_add(&text, ", no set yet");
	if (sockets_stopped(t->view.sockets, now_us))
		text_add(&text, "; NO PROBE CAN BE SENT: %s", words_lack(&t->view, words));
	else if (s->silent)
		text_add(&text, "; NOTHING ANSWERS through any prefix");
	notify_review(&t->notify, ready, status, now_us);
}

/* Leaves the texts whose time has come to the writer. */
static void texts_leave(struct tell *t)
{
	static const struct {
		uint64_t haste_us, period_us;
	} pauses[FILES_COUNT] = {
		[FILES_STATUS] = {STATUS_HASTE_US, STATUS_PERIOD_US},
		[FILES_METRICS] = {METRICS_HASTE_US, METRICS_PERIOD_US},
	};
	uint64_t now_us = t->view.now_us;
	struct text text;

	for (unsigned n = 0; n < FILES_COUNT; n++) {
		uint64_t pause_us = t->stale[n] ? pauses[n].haste_us : pauses[n].period_us;
		if (!has_file(t, n)) {
			t->stale[n] = false;
			continue;
		}
		if (now_us - t->left_us[n] < pause_us || !files_begin(t->files, n, &text))
			continue;
		if (n == FILES_STATUS)
			status_format(&text, &t->view, &t->history, &t->report);
		else
			metrics_format(&text, &t->view);
		files_end(t->files, n, &text);
		t->left_us[n] = now_us;
		t->stale[n] = false;
	}
}

void tell_review(struct tell *t, uint64_t now_us)
{
	t->view.now_us = now_us;
	t->view.summary = engine_summary(t->view.engine, now_us);
	if (is_quiet(t))
		return;
	if (report_review(&t->report))
		tell_change(t);
	manager_tell(t);
	if (has_file(t, FILES_STATUS))
		history_review(&t->history, &t->view);
	texts_leave(t);
}

uint64_t tell_due(const struct tell *t)
{
	bool has_files = has_file(t, FILES_STATUS) || has_file(t, FILES_METRICS);
	uint64_t due_us = t->notify.due_us;

	if (t->stale[FILES_STATUS])
		return SOONER(due_us, t->view.now_us + REVIEW_US);
	/* Otherwise there is nothing to tell while nothing comes or goes. */
	if (has_files || t->view.sockets->failing_us != 0)
		return SOONER(due_us, t->view.now_us + SECOND_US);
	return due_us;
}

void tell_table(struct tell *t, void (*line)(const char *words))
{
	static char table[STATUS_TABLE_MAX];
	struct text text = text_in(table, sizeof(table));
	char *rest = table, *words;

	status_table(&text, &t->view, NULL);
	while ((words = strsep(&rest, "\n")) && rest)
		line(words);
}
