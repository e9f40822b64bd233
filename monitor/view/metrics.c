/*
 * The metrics file: what the monitor knows, for Prometheus. Names follow its conventions: base
 * units, _total for what only grows, and a sample that is not known is left out.
 */
#include "metrics.h"

#include "log.h"
#include "units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PERIOD_US 10000000ULL /* scrapes are seldom more often than each 10 s */
#define HASTE_US  1000000ULL  /* the least between two writes */

#define NAME "nat64_monitor_"

/* A value that is not known yet. */
#define UNKNOWN ((double)NAN)

struct global_metric {
	const char *name, *type, *help;
	double (*value)(const struct metrics_view *view);
};

struct prefix_metric {
	const char *name, *type, *help;
	double (*value)(const struct metrics_view *view, uint32_t prefix);
};

struct channel_metric {
	const char *name, *type, *help;
	double (*value)(const struct engine_channel *channel);
};

static double seconds(uint64_t us)
{
	return us != 0 ? (double)us / 1e6 : UNKNOWN;
}

static double started_s(const struct metrics_view *v)
{
	return seconds(v->counters->started_us);
}

static double prefixes_healthy(const struct metrics_view *v)
{
	struct engine_summary summary;

	engine_summary(v->engine, v->now_us, &summary);
	return (double)summary.healthy;
}

static double set_min(const struct metrics_view *v)
{
	return v->names->set_min;
}

static double set_prefixes(const struct metrics_view *v)
{
	return (double)engine_set(v->engine)->count;
}

static double is_silent(const struct metrics_view *v)
{
	struct engine_summary summary;

	engine_summary(v->engine, v->now_us, &summary);
	return summary.silent;
}

static double sets_written(const struct metrics_view *v)
{
	return (double)v->counters->sets;
}

static double set_changes(const struct metrics_view *v)
{
	return (double)v->counters->set_changes;
}

static double set_changed_s(const struct metrics_view *v)
{
	return seconds(v->counters->set_changed_us);
}

static const struct global_metric global_metrics[] = {
	{"start_time_seconds", "gauge", "When the prober started, since 1970.", started_s},
	{"healthy_prefixes", "gauge", "Prefixes that are up and not drained.", prefixes_healthy},
	{"set_min_prefixes", "gauge", "Prefixes that a set needs (MIN of --count).", set_min},
	{"set_prefixes", "gauge", "Prefixes in the set in force.", set_prefixes},
	{"uplink_silent", "gauge", "1 while nobody answers through any prefix.", is_silent},
	{"sets_written_total", "counter", "Set lines written, repeated ones too.", sets_written},
	{"set_changes_total", "counter", "Times the set changed, the first one too.", set_changes},
	{"set_change_timestamp_seconds", "gauge", "When the set changed last, since 1970.",
         set_changed_s},
};

static struct engine_prefix prefix_view(const struct metrics_view *v, uint32_t i)
{
	struct engine_prefix view;

	engine_prefix(v->engine, i, v->now_us, &view);
	return view;
}

static double prefix_up(const struct metrics_view *v, uint32_t i)
{
	enum prefix_state state = prefix_view(v, i).state;

	return state == PREFIX_NEW ? UNKNOWN : state == PREFIX_UP;
}

static double prefix_chosen(const struct metrics_view *v, uint32_t i)
{
	return prefix_view(v, i).in_set;
}

static double prefix_tier(const struct metrics_view *v, uint32_t i)
{
	return v->names->file->entries[i].tier;
}

static double prefix_drained(const struct metrics_view *v, uint32_t i)
{
	return v->names->file->entries[i].drain;
}

static double prefix_flaps(const struct metrics_view *v, uint32_t i)
{
	return prefix_view(v, i).flaps;
}

static double prefix_srtt_s(const struct metrics_view *v, uint32_t i)
{
	return seconds(prefix_view(v, i).srtt_us);
}

static const struct prefix_metric prefix_metrics[] = {
	{"prefix_up", "gauge", "1 if the prefix carries traffic; left out until it is judged.",
         prefix_up},
	{"prefix_chosen", "gauge", "1 if the prefix is in the set in force.", prefix_chosen},
	{"prefix_tier", "gauge", "A lower tier is preferred.", prefix_tier},
	{"prefix_drained", "gauge", "1 if the prefix file keeps it out of sets.", prefix_drained},
	{"prefix_flaps", "gauge", "Times it went down within the last hour, 8 at most.",
         prefix_flaps},
	{"prefix_srtt_seconds", "gauge", "Median over targets of the smoothed round-trip time.",
         prefix_srtt_s},
};

static double channel_probes(const struct engine_channel *c)
{
	return (double)c->probes;
}

static double channel_answers(const struct engine_channel *c)
{
	return (double)c->answers;
}

static double channel_failures(const struct engine_channel *c)
{
	return (double)c->failures;
}

static double channel_evidence(const struct engine_channel *c)
{
	return c->evidence;
}

static double channel_loss(const struct engine_channel *c)
{
	return c->loss;
}

static double channel_srtt_s(const struct engine_channel *c)
{
	return seconds(c->srtt_us);
}

static const struct channel_metric channel_metrics[] = {
	{"probes_total", "counter", "Probes sent.", channel_probes},
	{"answers_total", "counter", "Probes answered, late ones too.", channel_answers},
	{"failures_total", "counter", "Probes not answered in time, whoever's fault it was.",
         channel_failures},
	{"evidence", "gauge", "Sum of the evidence that it is not worth using.", channel_evidence},
	{"expected_loss_ratio", "gauge", "Share of failures that is usual here.", channel_loss},
	{"srtt_seconds", "gauge", "Smoothed round-trip time over all targets.", channel_srtt_s},
};

static void head_add(struct text *t, const char *name, const char *type, const char *help)
{
	text_add(t, "# HELP " NAME "%s %s\n# TYPE " NAME "%s %s\n", name, help, name, type);
}

/* 15 digits: counts are whole, and decimal fractions stay as short as they are. */
static void value_add(struct text *t, double value)
{
	text_add(t, "%.15g\n", value);
}

static void globals_add(struct text *t, const struct metrics_view *v)
{
	for (size_t i = 0; i < COUNT(global_metrics); i++) {
		const struct global_metric *metric = &global_metrics[i];
		double value = metric->value(v);
		if (isnan(value))
			continue;
		head_add(t, metric->name, metric->type, metric->help);
		text_add(t, NAME "%s ", metric->name);
		value_add(t, value);
	}
}

static void states_add(struct text *t, const struct metrics_view *v)
{
	static const char *const names[] = {
		[PREFIX_NEW] = "new", [PREFIX_UP] = "up", [PREFIX_DOWN] = "down"};
	struct engine_summary summary;

	engine_summary(v->engine, v->now_us, &summary);
	head_add(t, "prefixes", "gauge", "Prefixes in the file, drained ones too.");
	for (size_t i = 0; i < COUNT(names); i++)
		text_add(t, NAME "prefixes{state=\"%s\"} %zu\n", names[i], summary.states[i]);
}

static void counts_add(struct text *t, const struct counters *counters)
{
	head_add(t, "info", "gauge", "1, with the version.");
	text_add(t, NAME "info{version=\"%s\"} 1\n", VERSION);
	head_add(t, "verdicts_total", "counter", "Times a prefix was found to be up or down.");
	text_add(t, NAME "verdicts_total{state=\"up\"} %llu\n", (unsigned long long)counters->ups);
	text_add(t, NAME "verdicts_total{state=\"down\"} %llu\n",
	         (unsigned long long)counters->downs);
	head_add(t, "prefix_file_reloads_total", "counter",
	         "Times the prefix file was read again.");
	text_add(t, NAME "prefix_file_reloads_total{result=\"ok\"} %llu\n",
	         (unsigned long long)counters->reloads_taken);
	text_add(t, NAME "prefix_file_reloads_total{result=\"failed\"} %llu\n",
	         (unsigned long long)(counters->reloads - counters->reloads_taken));
}

/* The next prefix from i on that has series of its own. */
static uint32_t prefix_listed(const struct metrics_view *v, uint32_t i)
{
	while (i >= METRICS_PREFIXES && i < v->names->file->count && prefix_chosen(v, i) == 0)
		i++;
	return i;
}

static void prefixes_add(struct text *t, const struct metrics_view *v)
{
	char prefix[PREFIX_STRLEN];

	for (size_t n = 0; n < COUNT(prefix_metrics); n++) {
		const struct prefix_metric *metric = &prefix_metrics[n];
		head_add(t, metric->name, metric->type, metric->help);
		for (uint32_t i = 0; (i = prefix_listed(v, i)) < v->names->file->count; i++) {
			double value = metric->value(v, i);
			if (isnan(value))
				continue;
			prefix_format(&v->names->file->entries[i].prefix, prefix);
			text_add(t, NAME "%s{prefix=\"%s\"} ", metric->name, prefix);
			value_add(t, value);
		}
	}
}

static void channel_add(struct text *t, const struct metrics_view *v,
                        const struct channel_metric *metric, uint32_t i)
{
	char prefix[PREFIX_STRLEN];

	prefix_format(&v->names->file->entries[i].prefix, prefix);
	for (unsigned m = 0; m < v->names->targets->methods; m++) {
		struct engine_channel channel;
		engine_channel(v->engine, i, m, &channel);
		double value = metric->value(&channel);
		if (isnan(value))
			continue;
		text_add(t, NAME "%s{prefix=\"%s\",method=\"%s\"} ", metric->name, prefix,
		         v->names->targets->lists[m].method->name);
		value_add(t, value);
	}
}

static void channels_add(struct text *t, const struct metrics_view *v)
{
	for (size_t n = 0; n < COUNT(channel_metrics); n++) {
		const struct channel_metric *metric = &channel_metrics[n];
		head_add(t, metric->name, metric->type, metric->help);
		for (uint32_t i = 0; (i = prefix_listed(v, i)) < v->names->file->count; i++)
			channel_add(t, v, metric, i);
	}
}

static void targets_add_alive(struct text *t, const struct metrics_view *v)
{
	char target[TARGET_STRLEN];

	head_add(t, "target_alive", "gauge", "0 if the target answers through no prefix.");
	for (unsigned m = 0; m < v->names->targets->methods; m++) {
		const struct target_list *list = &v->names->targets->lists[m];
		for (unsigned i = 0; i < list->count; i++)
			text_add(t, NAME "target_alive{method=\"%s\",target=\"%s\"} %d\n",
			         list->method->name, target_format(&list->targets[i], target),
			         engine_target_alive(v->engine, m, i));
	}
}

void metrics_format(struct text *t, const struct metrics_view *v)
{
	counts_add(t, v->counters);
	globals_add(t, v);
	states_add(t, v);
	prefixes_add(t, v);
	channels_add(t, v);
	targets_add_alive(t, v);
}

int metrics_check(const char *path)
{
	struct log_problem problem = {0};
	struct atomic_file file;

	if (atomic_file_open(&file, path, LOG_ERR, &problem) < 0)
		return -1;
	int result = faccessat(file.dir_fd, ".", W_OK | X_OK, AT_EACCESS);
	if (result != 0)
		log_error("cannot write metrics to directory %s: %s%s", file.dir, strerror(errno),
		          atomic_file_hint(errno));
	close(file.dir_fd);
	return result;
}

void metrics_open(struct metrics *m, const char *path)
{
	*m = (struct metrics){.changed = true};
	if (atomic_file_open(&m->file, path, LOG_WARNING, &m->problem) < 0)
		return;
	m->text = malloc(METRICS_TEXT_MAX);
	if (!m->text)
		log_warning("out of memory; there are no metrics");
}

void metrics_hasten(struct metrics *m)
{
	m->changed = true;
}

static bool is_due(const struct metrics *m, uint64_t now)
{
	return now - m->written_us >= (m->changed ? HASTE_US : PERIOD_US);
}

void metrics_review(struct metrics *m, const struct metrics_view *view)
{
	if (!m->text || !is_due(m, view->now_us))
		return;
	struct text text = text_in(m->text, METRICS_TEXT_MAX);
	metrics_format(&text, view);
	if (atomic_file_write(&m->file, text.buf, text.used, false, &m->problem) == 0 &&
	    log_problem_over(&m->problem))
		log_notice("%s is written again", m->file.path);
	m->changed = false;
	m->written_us = view->now_us;
}

uint64_t metrics_due(const struct metrics *m)
{
	return m->text && m->changed ? m->written_us + HASTE_US : UINT64_MAX;
}
