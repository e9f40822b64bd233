/*
 * The status of the running monitor, on pages of 80 columns. The first line of the file says when
 * it was written, so that one that stays behind is seen.
 */
#include "status.h"

#include "clock.h"
#include "units.h"
#include "words.h"

#include <string.h>

#define COLUMNS         80
#define ROWS_MAX        64
#define WORDS_MAX       1024
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

/* Which prefixes of a long list are shown. */
struct selection {
	bool all;
	size_t unwell, others; /* rows left for these */
};

/* Adds the words, broken at spaces into lines. The first goes on in this column. */
static void lines_wrap(struct text *t, int column, int indent, const char *words)
{
	const char *space = "";

	while (*words != '\0') {
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
		words += strspn(words, " ");
	}
	text_add(t, "\n");
}

/* --- which rows ---------------------------------------------------------------------------- */

static struct selection selection_make(const struct view *view, const struct history *history)
{
	size_t count = list_file(view->list)->count, unwell = 0;
	size_t left = ROWS_MAX - engine_set(view->engine)->count;

	if (!history || count <= ROWS_MAX)
		return (struct selection){.all = true};
	for (uint32_t i = 0; i < count; i++)
		unwell += !history_well(history, i);
	unwell = unwell < left ? unwell : left;
	return (struct selection){.unwell = unwell, .others = left - unwell};
}

/* Whether the prefix is shown; each is asked for once. */
static bool selection_takes(struct selection *s, const struct view *view,
                            const struct history *history, uint32_t prefix)
{
	if (s->all || view_set_holds(view, prefix))
		return true;
	size_t *left = history_well(history, prefix) ? &s->others : &s->unwell;
	if (*left == 0)
		return false;
	(*left)--;
	return true;
}

static int larger(int a, int b)
{
	return a > b ? a : b;
}

static struct columns columns_measure(const struct view *view, struct selection selection,
                                      const struct history *history)
{
	const struct prefix_file *file = list_file(view->list);
	struct columns c = {.prefix = PREFIX_MIN};
	char text[PREFIX_STRLEN];

	for (uint32_t i = 0; i < file->count; i++) {
		if (!selection_takes(&selection, view, history, i))
			continue;
		c.prefix = larger(c.prefix,
		                  (int)strlen(prefix_format(&file->entries[i].prefix, text)));
		c.group = larger(c.group, (int)strlen(file->entries[i].group));
	}
	if (c.group > 0)
		c.group = c.group > GROUP_MAX ? GROUP_MAX : larger(c.group, GROUP_MIN);
	int left = COLUMNS - BESIDES_COLUMNS - c.prefix - (c.group > 0 ? c.group + 1 : 0);
	if (history && left >= HISTORY_MIN)
		c.history = left < (int)HISTORY_SAMPLES ? left : (int)HISTORY_SAMPLES;
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
static void sparkline_draw(struct text *t, const struct history *h, uint32_t prefix, int width)
{
	static const char *const blocks[BLOCKS] = {"\u2581", "\u2582", "\u2583", "\u2584",
	                                           "\u2585", "\u2586", "\u2587", "\u2588"};
	unsigned least = UINT16_MAX, most = 0;

	for (int n = 0; n < width; n++) {
		unsigned sample = history_read(h, prefix, (unsigned)n);
		least = sample > 0 && sample < least ? sample : least;
		most = sample > most ? sample : most;
	}
	unsigned range = most > 2 * least ? most - least : least;
	for (int n = width; n-- > 0;) {
		unsigned sample = history_read(h, prefix, (unsigned)n);
		text_add(t, "%s",
		         sample > 0 ? blocks[(sample - least) * (BLOCKS - 1) / range] : " ");
	}
}

static void answers_add(struct text *t, const struct view *view, uint32_t prefix)
{
	for (unsigned m = 0; m < view->options->targets.methods; m++) {
		struct engine_channel c;
		engine_channel(view->engine, prefix, m, &c);
		text_add(t, " %s %llu/%llu", view->options->targets.lists[m].method->name,
		         (unsigned long long)c.answers, (unsigned long long)c.probes);
	}
}

/* What went wrong last, and what is wrong now. */
static void trouble_add(struct text *t, const struct view *view, const struct engine_prefix *p)
{
	const struct targets *targets = &view->options->targets;
	char words[WORDS_MAX];
	struct text w = text_in(words, sizeof(words));

	if (p->failed_us != 0) {
		text_add(&w, "%sdown ", p->state == PREFIX_DOWN ? "" : "was ");
		words_age(&w, view->now_us - p->failed_us);
		text_add(&w, " ago: ");
		words_failure(&w, view, &p->failure);
		if (p->flaps > 1)
			text_add(&w, "; %u times within the hour", p->flaps);
		text_add(t, "    ");
		lines_wrap(t, 4, 6, words);
	}
	for (unsigned m = 0; m < targets->methods; m++) {
		if (p->lost[m] == 0)
			continue;
		w = text_in(words, sizeof(words));
		text_add(&w, "%s targets lost: ", targets->lists[m].method->name);
		words_targets(&w, &targets->lists[m], p->lost[m]);
		text_add(t, "    ");
		lines_wrap(t, 4, 6, words);
	}
}

static void row_add(struct text *t, const struct view *view, const struct history *history,
                    const struct columns *c, uint32_t prefix)
{
	const struct prefix_entry *entry = &list_file(view->list)->entries[prefix];
	struct engine_prefix p;
	char name[PREFIX_STRLEN];

	engine_prefix(view->engine, prefix, view->now_us, &p);
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
	sparkline_draw(t, history, prefix, c->history);
	if (!history)
		answers_add(t, view, prefix);
	text_add(t, "\n");
	trouble_add(t, view, &p);
}

static void method_add(struct text *t, const struct view *view, unsigned m)
{
	const struct target_list *list = &view->options->targets.lists[m];
	char words[WORDS_MAX];
	struct text w = text_in(words, sizeof(words));
	uint64_t dead = 0;

	for (unsigned i = 0; i < list->count; i++) {
		if (!engine_target_alive(view->engine, m, i))
			dead |= 1ULL << i;
	}
	unsigned count = (unsigned)__builtin_popcountll(dead);
	text_add(&w, "%s targets: ", list->method->name);
	if (view->summary.method_silent_us[m] > 0)
		text_add(&w, "none of %u answers", list->count);
	else
		text_add(&w, "%u of %u answer", list->count - count, list->count);
	if (view->summary.method_silent_us[m] == 0 && count > 0) {
		text_add(&w, "; through no prefix: ");
		words_targets(&w, list, dead);
	}
	lines_wrap(t, 0, 4, words);
}

void status_table(struct text *t, const struct view *view, const struct history *history)
{
	const size_t *states = view->summary.states;
	struct selection selection = selection_make(view, history);
	const struct columns c = columns_measure(view, selection, history);
	size_t count = list_file(view->list)->count, hidden = 0;

	text_add(t, "%-*s state set  tier ", c.prefix, "prefix");
	if (c.group > 0)
		text_add(t, "%-*s ", c.group, "group");
	text_add(t, "srtt ms loss ");
	if (c.history > 0)
		text_add(t, "last %llu s",
		         (unsigned long long)c.history * HISTORY_SAMPLE_US / SECOND_US);
	text_add(t, "%s\n", history ? "" : " answers/probes");
	for (uint32_t i = 0; i < count; i++) {
		if (selection_takes(&selection, view, history, i))
			row_add(t, view, history, &c, i);
		else
			hidden++;
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
	char now[WORDS_TIME_MAX], start[WORDS_TIME_MAX], words[WORDS_MAX];
	struct text w = text_in(words, sizeof(words));

	text_add(t, "nat64-monitor %s, written at %s UTC and every second\n", VERSION,
	         words_time(now, clock_wall_us()));
	text_add(t, "running since %s UTC; %llu changes of the set\n",
	         words_time(start, view->counters.started_us),
	         (unsigned long long)view->counters.set_changes);
	text_add(&w, "%zu of %zu healthy, %u to %u in a set; uplink: ", s->healthy, s->prefixes,
	         view->options->size.min, view->options->size.max);
	if (sockets_stopped(view->sockets, view->now_us)) {
		text_add(&w, "NO PROBE CAN BE SENT: ");
		words_lack(&w, view);
	} else
		text_add(&w, "%s", s->silent ? "NOTHING ANSWERS through any prefix" : "ok");
	lines_wrap(t, 0, 4, words);
	w = text_in(words, sizeof(words));
	words_set(&w, &view->output->set);
	text_add(t, "set: ");
	lines_wrap(t, 5, 5, w.used > 0 ? words : "none yet");
}

void status_format(struct text *t, const struct view *view, const struct history *history,
                   const struct report *report)
{
	const struct report_event *event;
	char time[WORDS_TIME_MAX];

	head_add(t, view);
	text_add(t, "\n");
	status_table(t, view, history);
	text_add(t, "\n");
	for (uint64_t n = 0; (event = report_read(report, n)); n++) {
		/* Without the year. */
		text_add(t, "%s  ", words_time(time, event->wall_us) + 5);
		lines_wrap(t, 16, 16, event->words);
	}
}
