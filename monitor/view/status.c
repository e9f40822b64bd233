/*
 * The status of the running monitor, on pages of 80 columns. The first line of the file says when
 * it was written, so that one that stays behind is seen.
 */
#include "status.h"

#include "clock.h"
#include "units.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COLUMNS         80
#define ROWS_MAX        64
#define PREFIX_MIN      6 /* the width of its heading */
#define GROUP_MIN       5
#define GROUP_MAX       10
#define BESIDES_COLUMNS 32 /* state, set, tier, srtt, loss, and spaces */
#define HISTORY_MIN     10 /* columns; narrower, it shows nothing */
#define BLOCKS          8U

/* The widths that depend on what there is to show; 0: not shown. */
struct columns {
	int prefix, group, history;
};

/* Ends the line that was begun with these words, broken at spaces into lines. */
static void __attribute__((format(printf, 3, 4)))
line_end(struct text *t, int indent, const char *format, ...)
{
	const char *newline = memrchr(t->buf, '\n', t->used), *space = "";
	int column = (int)(t->buf + t->used - (newline ? newline + 1 : t->buf));
	char buf[WORDS_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	for (const char *words = buf; *words != '\0'; words += strspn(words, " ")) {
		int length = (int)strcspn(words, " ");
		if (*space && column + 1 + length > COLUMNS) {
			text_add(t, "\n%*s", indent, "");
			column = indent;
			space = "";
		}
		text_add(t, "%s%.*s", space, length, words);
		column += (int)strlen(space) + length;
		space = " ";
		words += length;
	}
	text_add(t, "\n");
}

/* --- which rows ---------------------------------------------------------------------------- */

/* Of a long list: those in the set, then those that are not well, then others. Returns how many. */
static size_t rows_choose(bool *shown, const struct view *view, const struct history *history)
{
	size_t count = list_file(view->list)->count, rows = 0, most = history ? ROWS_MAX : count;

	memset(shown, false, count);
	for (unsigned rank = 0; rank < 3; rank++) {
		for (uint32_t i = 0; i < count && rows < most; i++) {
			bool next = rank == 0   ? engine_set_holds(engine_set(view->engine), i)
			            : rank == 1 ? history && !history->prefixes[i].well
			                        : true;
			rows += next && !shown[i];
			shown[i] |= next;
		}
	}
	return rows;
}

static struct columns columns_measure(const struct view *view, const bool *shown,
                                      const struct history *history)
{
	const struct prefix_file *file = list_file(view->list);
	struct columns c = {.prefix = PREFIX_MIN};
	char text[PREFIX_STRLEN];

	for (uint32_t i = 0; i < file->count; i++) {
		if (!shown[i])
			continue;
		int prefix = (int)strlen(prefix_format(&file->entries[i].prefix, text));
		int group = (int)strlen(file->entries[i].group);
		c.prefix = LATER(c.prefix, prefix);
		c.group = LATER(c.group, group);
	}
	if (c.group > 0)
		c.group = c.group > GROUP_MAX ? GROUP_MAX : LATER(c.group, GROUP_MIN);
	int left = COLUMNS - BESIDES_COLUMNS - c.prefix - (c.group > 0 ? c.group + 1 : 0);
	if (history && left >= HISTORY_MIN)
		c.history = SOONER(left, (int)HISTORY_SAMPLES);
	return c;
}

/* --- rows ---------------------------------------------------------------------------------- */

static const char *state_name(const struct prefix_entry *entry, const struct engine_prefix *p)
{
	if (entry->drain)
		return "drain";
	if (p->state == PREFIX_NEW)
		return "new";
	if (p->state == PREFIX_DOWN)
		return "down";
	return p->doubt ? "doubt" : "up";
}

/*
 * The lowest block is the least of the time that is shown, the highest is twice that, or more. A
 * space is where nothing was answered.
 */
static void sparkline_draw(struct text *t, const uint32_t *srtts_us, int width)
{
	static const char *const blocks[BLOCKS] = {"\u2581", "\u2582", "\u2583", "\u2584",
	                                           "\u2585", "\u2586", "\u2587", "\u2588"};
	uint32_t least = UINT32_MAX, most = 0;

	for (int n = 0; n < width; n++) {
		least = srtts_us[n] > 0 ? SOONER(least, srtts_us[n]) : least;
		most = LATER(most, srtts_us[n]);
	}
	uint32_t range = LATER(most > 2 * least ? most - least : least, 1);
	for (int n = width; n-- > 0;)
		text_add(t, "%s",
		         srtts_us[n] > 0 ? blocks[(srtts_us[n] - least) * (BLOCKS - 1) / range]
		                         : " ");
}

static void answers_add(struct text *t, const struct view *view, uint32_t prefix)
{
	for (unsigned m = 0; m < view->options->targets.methods; m++) {
		const struct engine_channel c = engine_channel(view->engine, prefix, m);
		text_add(t, " %s %llu/%llu", view->options->targets.lists[m].method->name,
		         (unsigned long long)c.answers, (unsigned long long)c.probes);
	}
}

/* What went wrong last, and what is wrong now. */
static void trouble_add(struct text *t, const struct view *view, const struct engine_prefix *p)
{
	const struct targets *targets = &view->options->targets;
	char age[WORDS_MAX], words[WORDS_MAX], times[40] = "";

	if (p->flaps > 1)
		snprintf(times, sizeof(times), "; %u times within the hour", p->flaps);
	if (p->failed_us != 0) {
		text_add(t, "    ");
		line_end(t, 6, "%sdown %s ago: %s%s", p->state == PREFIX_DOWN ? "" : "was ",
		         words_age(view->now_us - p->failed_us, age),
		         words_failure(view, &p->failure, words), times);
	}
	for (unsigned m = 0; m < targets->methods; m++) {
		if (p->lost[m] == 0)
			continue;
		text_add(t, "    ");
		line_end(t, 6, "%s targets lost: %s", targets->lists[m].method->name,
		         words_targets(&targets->lists[m], p->lost[m], words));
	}
}

static void row_add(struct text *t, const struct view *view, const struct history *history,
                    const struct columns *c, uint32_t prefix)
{
	const struct prefix_entry *entry = &list_file(view->list)->entries[prefix];
	const struct engine_prefix p = engine_prefix(view->engine, prefix, view->now_us);
	char name[PREFIX_STRLEN];

	text_add(t, "%-*s %-5s %-4s %4u ", c->prefix, prefix_format(&entry->prefix, name),
	         state_name(entry, &p),
	         !p.in_set  ? "no"
	         : p.filler ? "fill"
	                    : "yes",
	         entry->tier);
	if (c->group > 0)
		text_add(t, "%-*.*s ", c->group, c->group, entry->group[0] ? entry->group : "-");
	if (p.srtt_us != 0)
		text_add(t, "%7.1f %3.0f%% ", p.srtt_us / 1000.0, p.loss > 0 ? p.loss * 100 : 0);
	else
		text_add(t, "%7s %4s ", "-", p.state == PREFIX_NEW ? "-" : "100%");
	if (history)
		sparkline_draw(t, history->prefixes[prefix].srtts_us, c->history);
	else
		answers_add(t, view, prefix);
	text_add(t, "\n");
	trouble_add(t, view, &p);
}

static void method_add(struct text *t, const struct view *view, unsigned m)
{
	const struct target_list *list = &view->options->targets.lists[m];
	char words[WORDS_MAX];
	uint64_t dead = 0; /* a bit for each target */

	for (unsigned i = 0; i < list->count; i++)
		dead |= (uint64_t)!engine_target_alive(view->engine, m, i) << i;
	text_add(t, "%s targets: ", list->method->name);
	if (view->summary.method_silent_us[m] > 0)
		line_end(t, 4, "none of %u answers", list->count);
	else
		line_end(t, 4, "%u of %u answer%s%s",
		         list->count - (unsigned)__builtin_popcountll(dead), list->count,
		         dead ? "; through no prefix: " : "", words_targets(list, dead, words));
}

void status_table(struct text *t, const struct view *view, const struct history *history)
{
	const size_t *states = view->summary.states;
	static bool shown[PREFIX_FILE_PREFIXES_MAX];
	size_t count = list_file(view->list)->count;
	size_t hidden = count - rows_choose(shown, view, history);
	const struct columns c = columns_measure(view, shown, history);

	text_add(t, "%-*s state set  tier ", c.prefix, "prefix");
	if (c.group > 0)
		text_add(t, "%-*s ", c.group, "group");
	text_add(t, "srtt ms loss ");
	if (c.history > 0)
		text_add(t, "last %llu s",
		         (unsigned long long)c.history * HISTORY_SAMPLE_US / SECOND_US);
	text_add(t, "%s\n", history ? "" : " answers/probes");
	for (uint32_t i = 0; i < count; i++) {
		if (shown[i])
			row_add(t, view, history, &c, i);
	}
	if (hidden > 0)
		text_add(t, "and %zu more; of all %zu, %zu are up, %zu down, %zu not judged yet\n",
		         hidden, count, states[PREFIX_UP], states[PREFIX_DOWN], states[PREFIX_NEW]);
	for (unsigned m = 0; m < view->options->targets.methods; m++)
		method_add(t, view, m);
}

/* --- the page ------------------------------------------------------------------------------ */

static void head_add(struct text *t, const struct view *view)
{
	const struct engine_summary *s = &view->summary;
	const struct prefix_set *set = &view->output->set;
	char words[WORDS_MAX], line[SET_LINE_MAX];

	text_add(t, "nat64-monitor %s, written at %s UTC and every second\n", VERSION,
	         words_time(clock_wall_us(), words));
	text_add(t, "running since %s UTC; %llu changes of the set\n",
	         words_time(view->counters.started_us, words),
	         (unsigned long long)view->counters.set_changes);
	text_add(t, "%zu of %zu healthy, %u to %u in a set; uplink: ", s->healthy, s->prefixes,
	         view->options->size.min, view->options->size.max);
	if (sockets_stopped(view->sockets, view->now_us))
		line_end(t, 4, "NO PROBE CAN BE SENT: %s", words_lack(view, words));
	else
		line_end(t, 4, "%s", s->silent ? "NOTHING ANSWERS through any prefix" : "ok");
	line_end(t, 5, "set: %s", set->count > 0 ? set_line_say(set, line) : "none yet");
}

void status_format(struct text *t, const struct view *view, const struct history *history,
                   const struct report *report)
{
	const struct report_event *event;
	char time[WORDS_MAX];

	head_add(t, view);
	text_add(t, "\n");
	status_table(t, view, history);
	text_add(t, "\n");
	for (uint64_t n = 0; (event = report_read(report, n)); n++) {
		/* Without the year. */
		text_add(t, "%s  ", words_time(event->wall_us, time) + 5);
		line_end(t, 16, "%s", event->words);
	}
}
