/*
 * What happens to prefixes and sets, in words. It judges nothing: they follow what the engine
 * decided.
 */
#include "report.h"

#include "clock.h"
#include "log.h"
#include "text.h"
#include "units.h"

#include <stdarg.h>
#include <stdio.h>

/* One method alone: not before it lasts, since an uplink that fails stops them one by one. */
#define METHOD_SILENT_US (10 * SECOND_US)

#define LOSS_NOTICED   0.01 /* a smaller difference is not what the choice was for */
#define UNSENT_TOLD_US MINUTE_US

void report_say(struct report *r, int priority, const char *format, ...)
{
	struct report_event *event = &r->events[r->event_count++ % REPORT_EVENTS_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(event->words, sizeof(event->words), format, args);
	va_end(args);
	text_clean(event->words);
	event->wall_us = clock_wall_us();
	log_say(priority, "%s", event->words);
}

const struct report_event *report_read(const struct report *r, uint64_t n)
{
	if (n >= r->event_count || n >= REPORT_EVENTS_MAX)
		return NULL;
	return &r->events[(r->event_count - 1 - n) % REPORT_EVENTS_MAX];
}

void report_verdict(struct report *r, const struct verdict *v)
{
	const struct list *list = r->view->list;
	char prefix[PREFIX_STRLEN], control[PREFIX_STRLEN], failure[WORDS_MAX], words[WORDS_MAX];
	struct text t = text_in(words, sizeof(words));

	prefix_format(list_prefix(list, v->prefix), prefix);
	if (v->state == PREFIX_DOWN)
		text_add(&t, "%s is down: %s", prefix, words_failure(r->view, v, failure));
	else if (v->run > 1)
		text_add(&t, "%s is up: %u answers in a row by each method", prefix, v->run);
	else
		text_add(&t, "%s is up: it answers by each method", prefix);
	if (v->cause == CAUSE_SILENCE)
		text_add(&t, ", which answered other prefixes");
	else if (v->cause == CAUSE_TARGETS)
		text_add(&t, "; other prefixes reach them");
	if (v->state == PREFIX_DOWN && v->cause != CAUSE_LOSS &&
	    v->control < list_file(list)->count)
		text_add(&t, " (last: %s)", prefix_format(list_prefix(list, v->control), control));
	report_say(r, v->state == PREFIX_DOWN ? LOG_WARNING : LOG_NOTICE, "%s", words);
}

/* Why a prefix that was in the set is out of it. */
static const char *leaving_name(const struct view *view, const struct prefix *prefix)
{
	const struct prefix_file *file = list_file(view->list);
	const struct engine_set *set = engine_set(view->engine);
	size_t place = prefix_file_find(file, prefix);
	double loss = 0; /* the most of a member */
	uint8_t tier = 0;

	if (place == file->count)
		return "is not listed any more";
	if (file->entries[place].drain)
		return "is drained";
	const struct engine_prefix p = engine_prefix(view->engine, (uint32_t)place, view->now_us);
	if (p.state != PREFIX_UP)
		return "is down";
	if (p.doubt)
		return "does not answer just now";
	for (size_t i = 0; i < set->count; i++) {
		const struct engine_prefix member =
			engine_prefix(view->engine, set->members[i], view->now_us);
		loss = LATER(loss, member.loss);
		tier = LATER(tier, file->entries[set->members[i]].tier);
	}
	if (file->entries[place].tier > tier)
		return "is of a tier that is not needed";
	for (unsigned m = 0; m < view->options->targets.methods; m++) {
		if (p.lost[m] != 0)
			return "does not reach all targets";
	}
	return p.loss > loss + LOSS_NOTICED ? "loses more" : "is slower";
}

void report_set(struct report *r, const struct prefix_set *set, const struct prefix_set *before)
{
	char line[SET_LINE_MAX], prefix[PREFIX_STRLEN], words[WORDS_MAX];
	struct text why = text_in(words, sizeof(words));

	if (before->count > 0)
		text_add(&why, " (was: %s)", set_line_say(before, line));
	for (size_t i = 0; i < before->count; i++) {
		if (!prefix_set_holds(set, &before->prefixes[i]))
			text_add(&why, "; %s %s", prefix_format(&before->prefixes[i], prefix),
			         leaving_name(r->view, &before->prefixes[i]));
	}
	report_say(r, LOG_NOTICE, "set: %s%s", set_line_say(set, line), words);
}

static void silence_review(struct report *r)
{
	if (r->view->summary.silent == r->silent)
		return;
	r->silent = !r->silent;
	if (r->silent)
		report_say(r, LOG_ERR, "nothing answers through any prefix: is the uplink down? %s",
		           r->view->output->set.count > 0 ? "The set in force stays"
		                                          : "No set goes out");
	else
		report_say(r, LOG_NOTICE, "answers come again");
}

static void methods_review(struct report *r)
{
	const struct targets *targets = &r->view->options->targets;
	char words[WORDS_MAX];

	for (unsigned m = 0; m < targets->methods; m++) {
		const char *method = targets->lists[m].method->name;
		uint64_t silent_us = r->view->summary.method_silent_us[m];
		bool silent = silent_us > METHOD_SILENT_US && !r->silent;
		/* With the uplink down, there is nothing more to say of one method. */
		if (silent == r->method_silent[m] || (r->silent && silent_us > 0))
			continue;
		r->method_silent[m] = silent;
		if (silent)
			report_say(r, LOG_WARNING, "%s", words_silence(method, words));
		else
			report_say(r, LOG_NOTICE, "%s probes are answered again", method);
	}
}

static void supply_review(struct report *r)
{
	const struct engine_summary *s = &r->view->summary;
	enum engine_supply was = r->supply;

	if (s->supply == SUPPLY_PENDING || s->supply == was)
		return;
	r->supply = s->supply;
	if (s->supply != SUPPLY_ENOUGH)
		report_say(r, s->supply == SUPPLY_SHORT ? LOG_WARNING : LOG_ERR,
		           "%zu of %zu prefixes healthy, fewer than %u: %s", s->healthy,
		           s->prefixes, r->view->options->size.min,
		           s->supply == SUPPLY_SHORT ? "filled up with those that failed last"
		           : r->view->output->set.count > 0 ? "the set in force stays"
		                                            : "no set goes out");
	else if (was != SUPPLY_PENDING)
		report_say(r, LOG_NOTICE, "%zu of %zu prefixes healthy again", s->healthy,
		           s->prefixes);
}

static void sending_review(struct report *r)
{
	const struct sockets *s = r->view->sockets;
	uint64_t now_us = r->view->now_us, unsent = s->unsent - r->unsent_told;
	bool stopped = sockets_stopped(s, now_us), stopped_before = r->stopped;
	char words[WORDS_MAX];

	r->stopped = stopped;
	words_lack(r->view, words);
	if (stopped && !stopped_before)
		report_say(r, LOG_ERR, "no probe could be sent for %u s: %s; no prefix is blamed",
		           (unsigned)(SOCKETS_STOPPED_US / SECOND_US), words);
	else if (!stopped && stopped_before)
		report_say(r, LOG_NOTICE, "probes are sent again");
	else if (unsent > 0 && !stopped &&
	         (r->unsent_told_us == 0 || now_us - r->unsent_told_us >= UNSENT_TOLD_US)) {
		/* There may be hundreds a second. */
		report_say(r, LOG_ERR, "cannot probe: %s; no prefix is blamed (%llu probes)", words,
		           (unsigned long long)unsent);
		r->unsent_told = s->unsent;
		r->unsent_told_us = now_us;
	}
}

static void hour_review(struct report *r)
{
	const struct counters *now = &r->view->counters, *then = &r->hour;
	const struct engine_summary *s = &r->view->summary;
	const struct prefix_set *set = &r->view->output->set;
	char words[SET_LINE_MAX];

	if (r->view->now_us - r->hour_us < HOUR_US)
		return;
	log_notice("in the last hour: %llu probes, %llu answered, %llu times a prefix up or down, "
	           "%llu changes of the set; %zu of %zu prefixes healthy; set: %s",
	           (unsigned long long)(now->probes - then->probes),
	           (unsigned long long)(now->answers - then->answers),
	           (unsigned long long)(now->ups - then->ups + now->downs - then->downs),
	           (unsigned long long)(now->set_changes - then->set_changes), s->healthy,
	           s->prefixes, set->count > 0 ? set_line_say(set, words) : "none yet");
	r->hour_us = r->view->now_us;
	r->hour = *now;
}

bool report_review(struct report *r)
{
	uint64_t before = r->event_count;

	silence_review(r);
	methods_review(r);
	supply_review(r);
	sending_review(r);
	hour_review(r);
	return r->event_count != before;
}
