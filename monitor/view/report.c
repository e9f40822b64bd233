/*
 * What happens to prefixes and sets, in words. It judges nothing: they follow what the engine
 * decided.
 */
#include "report.h"

#include "clock.h"
#include "log.h"
#include "text.h"
#include "units.h"
#include "words.h"

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
	char prefix[PREFIX_STRLEN], control[PREFIX_STRLEN], words[REPORT_WORDS_MAX];
	struct text t = text_in(words, sizeof(words));

	prefix_format(list_prefix(list, v->prefix), prefix);
	if (v->state == PREFIX_UP && v->run > 1) {
		report_say(r, LOG_NOTICE, "%s is up: %u answers in a row by each method", prefix,
		           v->run);
		return;
	}
	if (v->state == PREFIX_UP) {
		report_say(r, LOG_NOTICE, "%s is up: it answers by each method", prefix);
		return;
	}
	words_failure(&t, r->view, v);
	if (v->cause == CAUSE_SILENCE)
		text_add(&t, ", which answered other prefixes");
	else if (v->cause == CAUSE_TARGETS)
		text_add(&t, "; other prefixes reach them");
	if (v->cause != CAUSE_LOSS && v->control < list_file(list)->count)
		text_add(&t, " (last: %s)", prefix_format(list_prefix(list, v->control), control));
	report_say(r, LOG_WARNING, "%s is down: %s", prefix, words);
}

static uint8_t worst_tier(const struct prefix_file *file, const struct prefix_set *set)
{
	uint8_t worst = 0;

	for (size_t i = 0; i < set->count; i++) {
		size_t place = prefix_file_find(file, &set->prefixes[i]);
		if (place < file->count && file->entries[place].tier > worst)
			worst = file->entries[place].tier;
	}
	return worst;
}

static double members_loss(const struct view *view)
{
	const struct engine_set *set = engine_set(view->engine);
	struct engine_prefix p;
	double most = 0;

	for (size_t i = 0; i < set->count; i++) {
		engine_prefix(view->engine, set->members[i], view->now_us, &p);
		most = p.loss > most ? p.loss : most;
	}
	return most;
}

/* Why a prefix that was in the set is out of it. */
static const char *leaving_name(const struct view *view, const struct prefix_set *set,
                                const struct prefix *prefix)
{
	const struct prefix_file *file = list_file(view->list);
	size_t place = prefix_file_find(file, prefix);
	struct engine_prefix p;

	if (place == file->count)
		return "is not listed any more";
	if (file->entries[place].drain)
		return "is drained";
	engine_prefix(view->engine, (uint32_t)place, view->now_us, &p);
	if (p.state != PREFIX_UP)
		return "is down";
	if (p.doubt)
		return "does not answer just now";
	if (file->entries[place].tier > worst_tier(file, set))
		return "is of a tier that is not needed";
	for (unsigned m = 0; m < view->options->targets.methods; m++) {
		if (p.lost[m] != 0)
			return "does not reach all targets";
	}
	return p.loss > members_loss(view) + LOSS_NOTICED ? "loses more" : "is slower";
}

void report_set(struct report *r, const struct prefix_set *set, const struct prefix_set *before)
{
	char now_words[REPORT_WORDS_MAX], was_words[REPORT_WORDS_MAX], why_words[REPORT_WORDS_MAX];
	char prefix[PREFIX_STRLEN];
	struct text now = text_in(now_words, sizeof(now_words));
	struct text was = text_in(was_words, sizeof(was_words));
	struct text why = text_in(why_words, sizeof(why_words));

	words_set(&now, set);
	words_set(&was, before);
	for (size_t i = 0; i < before->count; i++) {
		if (!prefix_set_holds(set, &before->prefixes[i]))
			text_add(&why, "; %s %s", prefix_format(&before->prefixes[i], prefix),
			         leaving_name(r->view, set, &before->prefixes[i]));
	}
	if (before->count > 0)
		report_say(r, LOG_NOTICE, "set: %s (was: %s)%s", now.buf, was.buf, why.buf);
	else
		report_say(r, LOG_NOTICE, "set: %s", now.buf);
}

static bool silence_review(struct report *r)
{
	bool silent = r->view->summary.silent;

	if (silent == r->silent)
		return false;
	r->silent = silent;
	if (silent)
		report_say(r, LOG_ERR, "nothing answers through any prefix: is the uplink down? %s",
		           r->view->output->set.count > 0 ? "The set in force stays"
		                                          : "No set goes out");
	else
		report_say(r, LOG_NOTICE, "answers come again");
	return true;
}

static bool methods_review(struct report *r)
{
	const struct targets *targets = &r->view->options->targets;
	char words[REPORT_WORDS_MAX];
	bool said = false;

	for (unsigned m = 0; m < targets->methods; m++) {
		const char *method = targets->lists[m].method->name;
		uint64_t silent_us = r->view->summary.method_silent_us[m];
		bool silent = silent_us > METHOD_SILENT_US && !r->silent;
		/* With the uplink down, there is nothing more to say of one method. */
		if (silent == r->method_silent[m] || (r->silent && silent_us > 0))
			continue;
		r->method_silent[m] = silent;
		said = true;
		struct text t = text_in(words, sizeof(words));
		words_silence(&t, method);
		if (silent)
			report_say(r, LOG_WARNING, "%s", words);
		else
			report_say(r, LOG_NOTICE, "%s probes are answered again", method);
	}
	return said;
}

static bool supply_review(struct report *r)
{
	const struct engine_summary *s = &r->view->summary;
	unsigned min = r->view->options->size.min;
	enum engine_supply was = r->supply;

	if (s->supply == SUPPLY_PENDING || s->supply == was)
		return false;
	r->supply = s->supply;
	if (s->supply == SUPPLY_ENOUGH && was == SUPPLY_PENDING)
		return false;
	if (s->supply == SUPPLY_ENOUGH)
		report_say(r, LOG_NOTICE, "%zu of %zu prefixes healthy again", s->healthy,
		           s->prefixes);
	else if (s->supply == SUPPLY_SHORT)
		report_say(r, LOG_WARNING,
		           "%zu of %zu prefixes healthy, fewer than %u: filled up with those that "
		           "failed last",
		           s->healthy, s->prefixes, min);
	else
		report_say(r, LOG_ERR, "%zu of %zu prefixes healthy, fewer than %u: %s", s->healthy,
		           s->prefixes, min,
		           r->view->output->set.count > 0 ? "the set in force stays"
		                                          : "no set goes out");
	return true;
}

static bool sending_review(struct report *r)
{
	const struct sockets *s = r->view->sockets;
	uint64_t now_us = r->view->now_us, unsent = s->unsent - r->unsent_told;
	bool stopped = sockets_stopped(s, now_us);
	char words[REPORT_WORDS_MAX];
	struct text t = text_in(words, sizeof(words));

	words_lack(&t, r->view);
	if (stopped && !r->stopped)
		report_say(r, LOG_ERR, "no probe could be sent for %u s: %s; no prefix is blamed",
		           (unsigned)(SOCKETS_STOPPED_US / SECOND_US), words);
	else if (!stopped && r->stopped)
		report_say(r, LOG_NOTICE, "probes are sent again");
	else if (unsent > 0 && !stopped &&
	         (r->unsent_told_us == 0 || now_us - r->unsent_told_us >= UNSENT_TOLD_US)) {
		/* There may be hundreds a second. */
		report_say(r, LOG_ERR, "cannot probe: %s; no prefix is blamed (%llu probes)", words,
		           (unsigned long long)unsent);
		r->unsent_told = s->unsent;
		r->unsent_told_us = now_us;
		return true;
	} else
		return false;
	r->stopped = stopped;
	return true;
}

static void hour_review(struct report *r)
{
	const struct counters *now = &r->view->counters, *then = &r->hour;
	const struct engine_summary *s = &r->view->summary;
	char words[REPORT_WORDS_MAX];
	struct text t = text_in(words, sizeof(words));

	if (r->view->now_us - r->hour_us < HOUR_US)
		return;
	words_set(&t, &r->view->output->set);
	log_notice("in the last hour: %llu probes, %llu answered, %llu times a prefix up or down, "
	           "%llu changes of the set; %zu of %zu prefixes healthy; set: %s",
	           (unsigned long long)(now->probes - then->probes),
	           (unsigned long long)(now->answers - then->answers),
	           (unsigned long long)(now->ups - then->ups + now->downs - then->downs),
	           (unsigned long long)(now->set_changes - then->set_changes), s->healthy,
	           s->prefixes, t.used > 0 ? words : "none yet");
	r->hour_us = r->view->now_us;
	r->hour = *now;
}

bool report_review(struct report *r)
{
	bool said = silence_review(r);

	said = methods_review(r) || said;
	said = supply_review(r) || said;
	said = sending_review(r) || said;
	hour_review(r);
	return said;
}
