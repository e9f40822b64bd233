/*
 * All that the prober tells, by all ways. It decides when; the words are made elsewhere.
 */
#include "tell.h"

#include "clock.h"
#include "metrics.h"
#include "status.h"
#include "units.h"
#include "words.h"

#include <string.h>
#include <unistd.h>

/* To look at all prefixes takes its time when they are many. */
#define REVIEW_US (200 * MS_US)

/* A service is ready once it has something to say; at the latest this long after its start. */
#define READY_MAX_US (10 * SECOND_US)

static bool has_files(const struct tell *t)
{
	return t->files && files_wanted(t->files);
}

/* --once prints its table, and is otherwise quiet. */
static bool is_quiet(const struct tell *t)
{
	return t->view.options->mode == MODE_ONCE;
}

int tell_open(struct tell *t, const struct options *options, struct files *files, uint64_t now_us)
{
	*t = (struct tell){.files = files, .begun_us = now_us};
	t->view.options = options;
	t->view.now_us = now_us;
	t->view.counters.started_us = clock_wall_us();
	t->report.view = &t->view;
	t->report.hour_us = now_us;
	t->notify.fd = -1;
	if (!is_quiet(t))
		notify_open(&t->notify, getppid());
	return has_files(t) ? history_init(&t->history) : 0;
}

void tell_change(struct tell *t)
{
	t->changed = t->status_changed = t->metrics_changed = true;
}

void tell_list(struct tell *t, uint64_t now_us)
{
	tell_change(t);
	if (has_files(t))
		history_load(&t->history, t->view.list, now_us);
}

void tell_verdict(struct tell *t, const struct verdict *verdict)
{
	struct counters *c = &t->view.counters;

	tell_change(t);
	c->ups += verdict->state == PREFIX_UP;
	c->downs += verdict->state == PREFIX_DOWN;
	if (has_files(t))
		history_verdict(&t->history, verdict);
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
	char words[NOTIFY_STATUS_MAX];
	struct text text = text_in(words, sizeof(words));
	bool ready = t->notify.ready || set->count > 0 || s->settled ||
	             now_us - t->begun_us >= READY_MAX_US;

	text_add(&text, "%zu of %zu healthy%s", s->healthy, s->prefixes,
	         set->count > 0 ? ": " : ", no set yet");
	words_set(&text, set);
	if (sockets_stopped(t->view.sockets, now_us)) {
		text_add(&text, "; NO PROBE CAN BE SENT: ");
		words_lack(&text, &t->view);
	} else if (s->silent)
		text_add(&text, "; NOTHING ANSWERS through any prefix");
	notify_review(&t->notify, ready, words, now_us);
}

/* Leaves the texts whose time has come to the writer. */
static void texts_leave(struct tell *t)
{
	uint64_t now_us = t->view.now_us;
	struct text text;

	if (now_us - t->status_us >= (t->status_changed ? STATUS_HASTE_US : STATUS_PERIOD_US) &&
	    files_begin(t->files, FILES_STATUS, &text)) {
		status_format(&text, &t->view, &t->history, &t->report);
		files_end(t->files, FILES_STATUS, &text);
		t->status_us = now_us;
		t->status_changed = false;
	}
	if (now_us - t->metrics_us >= (t->metrics_changed ? METRICS_HASTE_US : METRICS_PERIOD_US) &&
	    files_begin(t->files, FILES_METRICS, &text)) {
		metrics_format(&text, &t->view);
		files_end(t->files, FILES_METRICS, &text);
		t->metrics_us = now_us;
		t->metrics_changed = false;
	}
}

void tell_review(struct tell *t, uint64_t now_us)
{
	t->changed = false;
	t->view.now_us = now_us;
	engine_summary(t->view.engine, now_us, &t->view.summary);
	if (is_quiet(t))
		return;
	if (report_review(&t->report))
		t->status_changed = t->metrics_changed = true;
	manager_tell(t);
	if (!has_files(t))
		return;
	history_review(&t->history, &t->view);
	texts_leave(t);
}

uint64_t tell_due(const struct tell *t)
{
	bool hasty = t->changed || (has_files(t) && t->status_changed);
	uint64_t due_us = t->view.now_us + (hasty ? REVIEW_US : SECOND_US);
	uint64_t notify_us = notify_due(&t->notify);

	/* Otherwise there is nothing to tell while nothing comes or goes. */
	if (!hasty && !has_files(t) && t->view.sockets->failing_us == 0)
		due_us = UINT64_MAX;
	return notify_us < due_us ? notify_us : due_us;
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
