/*
 * What the updater has done and how it stands, in numbers.
 */
#include "update_metrics.h"

#include "log.h"
#include "text.h"

#include <inttypes.h>

/* Between two replacements of the file. */
#define PAUSE_MS 1000

static const char *const refusal_names[REFUSALS] = {
	[REFUSAL_INVALID] = "invalid",
	[REFUSAL_NOT_ALLOWED] = "not_allowed",
	[REFUSAL_UNFINISHED] = "unfinished",
};

static void family_add(struct text *text, const char *name, const char *type, const char *help)
{
	text_add(text, "# HELP nat64_update_%s %s\n# TYPE nat64_update_%s %s\n", name, help, name,
	         type);
}

static void counter_add(struct text *text, const char *name, unsigned long value, const char *help)
{
	family_add(text, name, "counter", help);
	text_add(text, "nat64_update_%s %lu\n", name, value);
}

static void gauge_add(struct text *text, const char *name, int64_t value, const char *help)
{
	family_add(text, name, "gauge", help);
	text_add(text, "nat64_update_%s %" PRId64 "\n", name, value);
}

static void input_add(struct text *text, const struct update_metrics *m)
{
	counter_add(text, "lines_total", m->counts.lines, "Lines read, of any kind.");
	gauge_add(text, "last_line_timestamp_seconds", m->line_s,
	          "When a line was read last; 0: never.");
	counter_add(text, "sets_accepted_total", m->counts.accepted, "Lines that held a set.");
	family_add(text, "sets_refused_total", "counter", "Lines that were refused, by reason.");
	for (size_t i = 0; i < REFUSALS; i++)
		text_add(text, "nat64_update_sets_refused_total{reason=\"%s\"} %lu\n",
		         refusal_names[i], m->counts.refused[i]);
}

static void work_add(struct text *text, const struct counts *counts)
{
	counter_add(text, "writes_total", counts->writes, "Replacements of the output file.");
	counter_add(text, "write_failures_total", counts->write_failures,
	            "Replacements that failed.");
	counter_add(text, "signals_total", counts->signals, "Times that named was told to reload.");
	counter_add(text, "signal_failures_total", counts->signal_failures,
	            "Times that named could not be told.");
	counter_add(text, "retries_total", counts->retries, "Tries that followed a failed one.");
	counter_add(text, "questions_total", counts->questions, "Questions to BIND.");
	counter_add(text, "answers_total", counts->answers, "Answers from BIND.");
}

static void state_add(struct text *text, const struct update_metrics *m)
{
	char prefix[PREFIX_STRLEN];

	gauge_add(text, "in_force", m->in_force,
	          "1 if BIND serves the set that was asked for last, as far as is known.");
	gauge_add(text, "verified", m->verified, "1 if BIND's last answer has shown that.");
	gauge_add(text, "in_force_timestamp_seconds", m->in_force_s,
	          "When a set came in force last; 0: never.");
	gauge_add(text, "verified_timestamp_seconds", m->verified_s,
	          "When an answer showed the set last; 0: never.");
	family_add(text, "prefix_in_force", "gauge",
	           "1 for each prefix that BIND serves, as far as is known.");
	for (size_t i = 0; i < m->served->count; i++)
		text_add(text, "nat64_update_prefix_in_force{prefix=\"%s\"} 1\n",
		         prefix_format(&m->served->prefixes[i], prefix));
}

size_t update_metrics_text(char text[UPDATE_METRICS_MAX], const struct update_metrics *m)
{
	struct text t = text_in(text, UPDATE_METRICS_MAX);

	family_add(&t, "info", "gauge", "The program.");
	text_add(&t, "nat64_update_info{version=\"" VERSION "\"} 1\n");
	gauge_add(&t, "start_time_seconds", m->started_s, "When it was started.");
	input_add(&t, m);
	work_add(&t, &m->counts);
	state_add(&t, m);
	return t.used;
}

int64_t update_metrics_due(const struct update_metrics *m)
{
	return m->pending ? m->written_ms + PAUSE_MS : INT64_MAX;
}

void update_metrics_write(struct update_metrics *m, int64_t now_ms)
{
	char text[UPDATE_METRICS_MAX];
	size_t length = update_metrics_text(text, m);

	if (atomic_file_write(&m->file, text, length, false, &m->problem) == 0 &&
	    log_problem_over(&m->problem))
		log_notice("%s is written again", m->file.path);
	m->pending = false;
	m->written_ms = now_ms;
}

void update_metrics_hour(char words[UPDATE_HOUR_MAX], const struct counts *then,
                         const struct counts *now)
{
	struct text t = text_in(words, UPDATE_HOUR_MAX);
	unsigned long refused = 0;

	for (size_t i = 0; i < REFUSALS; i++)
		refused += now->refused[i] - then->refused[i];
	text_add(&t, "%lu lines, %lu refused; file replaced %lu times, BIND told %lu times, ",
	         now->lines - then->lines, refused, now->writes - then->writes,
	         now->signals - then->signals);
	text_add(&t, "%lu of %lu questions answered; %lu retries", now->answers - then->answers,
	         now->questions - then->questions, now->retries - then->retries);
}
