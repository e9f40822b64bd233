/* The updater's numbers. It counts nothing by itself. */
#include "update_metrics.h"

#include "prom.h"
#include "units.h"

#include <stdio.h>

#define NAME(name) "nat64_update_" name

#define SECONDS(us) ((double)(int64_t)((us) / SECOND_US)) /* whole ones */

/* Between two replacements of the file. */
#define PAUSE_US SECOND_US

size_t update_metrics_text(char text[UPDATE_METRICS_MAX], const struct update_metrics *m)
{
	const struct {
		const char *name;
		enum prom_type type;
		const char *help;
		double value;
	} all[] = {
		{NAME("start_time_seconds"), PROM_GAUGE, "When it was started.",
	         SECONDS(m->started_us)},
		{NAME("in_force"), PROM_GAUGE,
	         "1 if BIND serves what the last line asked for, as far as is known.", m->in_force},
		{NAME("verified"), PROM_GAUGE, "1 if BIND's last answer has shown it.",
	         m->verified},
		{NAME("last_change_timestamp_seconds"), PROM_GAUGE,
	         "When a set came in force last; 0: never.", SECONDS(m->changed_us)},
		{NAME("last_line_timestamp_seconds"), PROM_GAUGE,
	         "When a line was read last; 0: never.", SECONDS(m->feed->line_us)},
		{NAME("sets_accepted_total"), PROM_COUNTER, "Lines that held a set.",
	         (double)m->feed->accepted},
		{NAME("sets_refused_total"), PROM_COUNTER, "Lines that were refused.",
	         (double)m->feed->refusals},
		{NAME("signals_total"), PROM_COUNTER, "Times that named was told to reload.",
	         (double)m->signals},
	};
	char label[PREFIX_STRLEN + 16], prefix[PREFIX_STRLEN];
	struct text t = text_in(text, UPDATE_METRICS_MAX);

	prom_family(&t, NAME("info"), PROM_GAUGE, "The program.");
	prom_sample(&t, NAME("info"), "version=\"" VERSION "\"", 1);
	for (size_t i = 0; i < COUNT(all); i++)
		prom_single(&t, all[i].name, all[i].type, all[i].help, all[i].value);
	prom_family(&t, NAME("prefix_in_force"), PROM_GAUGE,
	            "1 for each prefix that BIND serves, as far as is known.");
	for (size_t i = 0; i < m->served->count; i++) {
		prefix_format(&m->served->prefixes[i], prefix);
		snprintf(label, sizeof(label), "prefix=\"%s\"", prefix);
		prom_sample(&t, NAME("prefix_in_force"), label, 1);
	}
	return t.used;
}

uint64_t update_metrics_due(const struct update_metrics *m)
{
	return m->pending ? m->written_us + PAUSE_US : UINT64_MAX;
}

void update_metrics_write(struct update_metrics *m, uint64_t now_us)
{
	char text[UPDATE_METRICS_MAX];
	size_t length = update_metrics_text(text, m);

	if (atomic_file_write(&m->file, text, length, false, &m->problem) == 0 &&
	    log_problem_over(&m->problem))
		log_notice("%s is written again", m->file.path);
	m->pending = false;
	m->written_us = now_us;
}
