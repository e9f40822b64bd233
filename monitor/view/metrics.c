/*
 * The metrics file: what the monitor knows, for Prometheus. Names follow its conventions: base
 * units, _total for what only grows, and a sample that is not known is left out.
 */
#include "metrics.h"

#include "prom.h"
#include "units.h"

#include <math.h>

#define NAME    "nat64_monitor_"
#define UNKNOWN ((double)NAN)

#define ROWS_MAX (METRICS_PREFIXES_MAX + SET_MEMBERS_MAX)

/* A prefix that has series of its own. */
struct row {
	const struct prefix_entry *entry; /* NULL behind the last row */
	char label[sizeof("prefix=\"\"") + PREFIX_STRLEN];
	struct engine_prefix p;
	struct {
		char label[64 + PREFIX_STRLEN]; /* with the method */
		struct engine_channel c;
	} channels[METHODS_MAX];
};

#define GAUGE(name, help, value)   prom_single(t, NAME name, PROM_GAUGE, help, (double)(value))
#define COUNTER(name, help, value) prom_single(t, NAME name, PROM_COUNTER, help, (double)(value))

#define SAMPLE(name, labels, value) prom_sample(t, NAME name, labels, (double)(value))

/* A family with a sample of each row; the value is an expression of row. */
#define PREFIX_FAMILY(name, help, value)                              \
	do {                                                          \
		prom_family(t, NAME name, PROM_GAUGE, help);          \
		for (const struct row *row = rows; row->entry; row++) \
			SAMPLE(name, row->label, value);              \
	} while (0)

/* Likewise of each row by each method: an expression of row and m. */
#define CHANNEL_FAMILY(name, type, help, value)                                    \
	do {                                                                       \
		prom_family(t, NAME name, type, help);                             \
		for (const struct row *row = rows; row->entry; row++)              \
			for (unsigned m = 0; m < v->options->targets.methods; m++) \
				SAMPLE(name, row->channels[m].label, value);       \
	} while (0)

static double seconds(uint64_t us)
{
	return us != 0 ? (double)us / (double)SECOND_US : UNKNOWN;
}

static void globals_add(struct text *t, const struct view *v)
{
	const struct counters *c = &v->counters;

	prom_family(t, NAME "info", PROM_GAUGE, "1, with the version.");
	SAMPLE("info", "version=\"" VERSION "\"", 1);
	GAUGE("start_time_seconds", "When the prober started, since 1970.", seconds(c->started_us));
	GAUGE("healthy_prefixes", "Prefixes that are up and not drained.", v->summary.healthy);
	GAUGE("set_min_prefixes", "Prefixes that a set needs (MIN of --count).",
	      v->options->size.min);
	GAUGE("set_prefixes", "Prefixes in the set in force.", v->output->set.count);
	GAUGE("uplink_silent", "1 while nothing answers through any prefix.", v->summary.silent);
	GAUGE("sending", "0 when no probe could be sent for 5 s.",
	      !sockets_stopped(v->sockets, v->now_us));
	COUNTER("sets_written_total", "Set lines written, repeated ones too.", v->output->lines);
	COUNTER("set_changes_total", "Times the set changed, the first one too.", c->set_changes);
	GAUGE("set_change_timestamp_seconds", "When the set changed last, since 1970.",
	      seconds(c->set_changed_us));
}

static void counts_add(struct text *t, const struct view *v)
{
	const struct counters *c = &v->counters;
	const size_t *states = v->summary.states;

	prom_family(t, NAME "prefixes", PROM_GAUGE, "Prefixes in the file, drained ones too.");
	SAMPLE("prefixes", "state=\"new\"", states[PREFIX_NEW]);
	SAMPLE("prefixes", "state=\"up\"", states[PREFIX_UP]);
	SAMPLE("prefixes", "state=\"down\"", states[PREFIX_DOWN]);
	prom_family(t, NAME "verdicts_total", PROM_COUNTER,
	            "Times a prefix was found to be up or down.");
	SAMPLE("verdicts_total", "state=\"up\"", c->ups);
	SAMPLE("verdicts_total", "state=\"down\"", c->downs);
	prom_family(t, NAME "prefix_file_reloads_total", PROM_COUNTER,
	            "Times the prefix file was read again.");
	SAMPLE("prefix_file_reloads_total", "result=\"ok\"", c->reloads_taken);
	SAMPLE("prefix_file_reloads_total", "result=\"failed\"", c->reloads - c->reloads_taken);
}

static void prefixes_add(struct text *t, const struct row *rows)
{
	PREFIX_FAMILY("prefix_up", "1 if the prefix carries traffic; left out until it is judged.",
	              row->p.state == PREFIX_NEW ? UNKNOWN : row->p.state == PREFIX_UP);
	PREFIX_FAMILY("prefix_chosen", "1 if the prefix is in the set in force.", row->p.in_set);
	PREFIX_FAMILY("prefix_tier", "A lower tier is preferred.", row->entry->tier);
	PREFIX_FAMILY("prefix_drained", "1 if the prefix file keeps it out of sets.",
	              row->entry->drain);
	PREFIX_FAMILY("prefix_flaps", "Times it went down within the last hour, 8 at most.",
	              row->p.flaps);
	PREFIX_FAMILY("prefix_loss_ratio",
	              "Share of probes lost lately, less what all prefixes lose.", row->p.loss);
	PREFIX_FAMILY("prefix_srtt_seconds", "Median over targets of the smoothed round-trip time.",
	              seconds(row->p.srtt_us));
}

static void channels_add(struct text *t, const struct view *v, const struct row *rows)
{
	CHANNEL_FAMILY("probes_total", PROM_COUNTER, "Probes sent.", row->channels[m].c.probes);
	CHANNEL_FAMILY("answers_total", PROM_COUNTER, "Probes answered, late ones too.",
	               row->channels[m].c.answers);
	CHANNEL_FAMILY("failures_total", PROM_COUNTER,
	               "Probes not answered in time, whatever the reason.",
	               row->channels[m].c.failures);
	CHANNEL_FAMILY("targets_lost", PROM_GAUGE,
	               "Targets that answer other prefixes, and not this one.",
	               __builtin_popcountll(row->p.lost[m]));
	CHANNEL_FAMILY("evidence", PROM_GAUGE,
	               "Sum of the evidence that the prefix is not worth using.",
	               row->channels[m].c.evidence);
	CHANNEL_FAMILY("srtt_seconds", PROM_GAUGE, "Smoothed round-trip time over all targets.",
	               seconds(row->channels[m].c.srtt_us));
}

static void alive_add(struct text *t, const struct view *v)
{
	char labels[64 + TARGET_STRLEN], target[TARGET_STRLEN];

	prom_family(t, NAME "target_alive", PROM_GAUGE,
	            "0 if the target answers through no prefix.");
	for (unsigned m = 0; m < v->options->targets.methods; m++) {
		const struct target_list *list = &v->options->targets.lists[m];
		for (unsigned i = 0; i < list->count; i++) {
			struct text l = text_in(labels, sizeof(labels));
			text_add(&l, "method=\"%s\",target=\"%s\"", list->method->name,
			         target_format(&list->targets[i], target));
			SAMPLE("target_alive", labels, engine_target_alive(v->engine, m, i));
		}
	}
}

static void rows_read(struct row *row, const struct view *v)
{
	const struct prefix_file *file = list_file(v->list);
	char prefix[PREFIX_STRLEN];

	for (uint32_t i = 0; i < file->count; i++) {
		struct text label = text_in(row->label, sizeof(row->label));
		if (i >= METRICS_PREFIXES_MAX && !engine_set_holds(engine_set(v->engine), i))
			continue;
		row->entry = &file->entries[i];
		text_add(&label, "prefix=\"%s\"", prefix_format(&row->entry->prefix, prefix));
		row->p = engine_prefix(v->engine, i, v->now_us);
		for (unsigned m = 0; m < v->options->targets.methods; m++) {
			label = text_in(row->channels[m].label, sizeof(row->channels[m].label));
			text_add(&label, "%s,method=\"%s\"", row->label,
			         v->options->targets.lists[m].method->name);
			row->channels[m].c = engine_channel(v->engine, i, m);
		}
		row++;
	}
	row->entry = NULL;
}

void metrics_format(struct text *t, const struct view *v)
{
	static struct row rows[ROWS_MAX + 1]; /* too large for the stack */

	rows_read(rows, v);
	globals_add(t, v);
	counts_add(t, v);
	prefixes_add(t, rows);
	channels_add(t, v, rows);
	alive_add(t, v);
}
