/*
 * The live table. It lays out and draws; what the words and numbers of a row are is the report's.
 * A frame overwrites the one before line by line and clears only what is left of each, so that
 * nothing flickers.
 */
#include "watch.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Control sequences of ECMA-48. */
#define CURSOR_HOME     "\033[H"
#define ERASE_LINE_REST "\033[K"
#define STYLE_RESET     "\033[m"

#define LEVELS         8U
#define PREFIX_LEAST   6U  /* the width of its heading */
#define HISTORY_LEAST  10U /* columns; narrower, it shows nothing */
#define TROUBLE_LEAST  12U
#define TROUBLE_USUAL  32U
#define MESSAGES_USUAL 3U
#define TABLE_COMFORT  8U /* rows of the table that come before anything below it */
#define STATE_WIDTH    5U
#define SET_WIDTH      3U
#define TIER_WIDTH     4U
#define SRTT_WIDTH     7U
#define LOSS_WIDTH     4U
#define TEXT_MAX       (WATCH_COLUMNS_MOST + 1)

enum style { STYLE_PLAIN, STYLE_HEAD, STYLE_FAINT, STYLE_GOOD, STYLE_DOUBT, STYLE_BAD };

/* A frame that is being drawn, from the upper left to the lower right. */
struct canvas {
	struct text text;
	const struct watch_screen *screen;
	unsigned rows, columns;
	unsigned row, column; /* where the next character goes */
};

/* The widths of columns that may be missing, 0 if they are. */
struct columns {
	unsigned prefix, set, srtt, loss, trouble, history, tier;
};

/* What of the table is seen. */
struct page {
	size_t first, count;
	bool hidden; /* a row tells of those that are not seen */
};

static unsigned clamp(unsigned value, unsigned least, unsigned most)
{
	if (value < least)
		return least;
	return value > most ? most : value;
}

int watch_init(struct watch *w, size_t prefixes, uint64_t now)
{
	*w = (struct watch){
		.histories = calloc(prefixes, sizeof(*w->histories)),
		.count = prefixes,
		.sample_us = now + WATCH_SAMPLE_US,
	};
	return w->histories ? 0 : -ENOMEM;
}

void watch_free(struct watch *w)
{
	free(w->histories);
	*w = (struct watch){0};
}

/* --- history -------------------------------------------------------------------------------- */

static void outcomes_read(const struct report_names *names, const struct judge *judge,
                          uint32_t prefix, uint64_t *answers, uint64_t *failures)
{
	*answers = *failures = 0;
	for (unsigned m = 0; m < names->targets->methods; m++) {
		struct health_channel c;
		health_channel_read(judge->health, prefix, m, &c);
		*answers += c.answers;
		*failures += c.failures;
	}
}

static uint16_t count_since(uint64_t now, uint64_t before)
{
	return now - before < UINT16_MAX ? (uint16_t)(now - before) : UINT16_MAX;
}

void watch_sample(struct watch *w, const struct report_names *names, const struct judge *judge,
                  uint64_t now)
{
	if (now < w->sample_us)
		return;
	w->sample_us = now - w->sample_us < WATCH_SAMPLE_US ? w->sample_us + WATCH_SAMPLE_US
	                                                    : now + WATCH_SAMPLE_US;
	for (uint32_t i = 0; i < w->count; i++) {
		struct watch_history *h = &w->histories[i];
		uint64_t answers, failures;
		outcomes_read(names, judge, i, &answers, &failures);
		h->samples[w->sampled % WATCH_SAMPLES] = (struct watch_sample){
			.srtt_us = judge->candidates[i].latency_us,
			.answers = count_since(answers, h->answers),
			.failures = count_since(failures, h->failures),
		};
		h->answers = answers;
		h->failures = failures;
	}
	w->sampled++;
}

/* The sample before the last n, or NULL. */
static const struct watch_sample *sample_read(const struct watch *w, uint32_t prefix, unsigned n)
{
	if (n >= w->sampled || n >= WATCH_SAMPLES)
		return NULL;
	return &w->histories[prefix].samples[(w->sampled - 1 - n) % WATCH_SAMPLES];
}

/* Nothing to show: before the start, never answered yet, or asked and not answered. */
static bool is_gap(const struct watch_sample *sample)
{
	return !sample || sample->srtt_us == 0 || (sample->answers == 0 && sample->failures > 0);
}

/* Of the minutes that the history holds, and of what came since. */
static void loss_read(const struct watch *w, uint32_t prefix, uint64_t *answers, uint64_t *failures)
{
	const struct watch_sample *sample;

	*answers -= w->histories[prefix].answers;
	*failures -= w->histories[prefix].failures;
	for (unsigned n = 0; (sample = sample_read(w, prefix, n)); n++) {
		*answers += sample->answers;
		*failures += sample->failures;
	}
}

/* --- messages and keys ---------------------------------------------------------------------- */

void watch_message(struct watch *w, const struct tm *time, const char *line)
{
	char *message = w->messages[w->message_next % WATCH_MESSAGES];

	snprintf(message, WATCH_MESSAGE, "%02d:%02d:%02d  %s", time->tm_hour, time->tm_min,
	         time->tm_sec, line);
	w->message_next++;
}

const char *watch_message_read(const struct watch *w, unsigned n)
{
	if (n >= w->message_next || n >= WATCH_MESSAGES)
		return NULL;
	return w->messages[(w->message_next - 1 - n) % WATCH_MESSAGES];
}

static void scroll(struct watch *w, bool down, size_t by)
{
	if (down)
		w->top += by; /* as far as there are rows: that is seen to when they are drawn */
	else
		w->top -= by < w->top ? by : w->top;
}

/* "ESC [" or "ESC O", digits, and a last byte: arrows, page up and page down. */
static void sequence_key(struct watch *w, unsigned char key)
{
	if (key >= '0' && key <= '9') {
		w->sign = key;
		return;
	}
	if (key == 'A' || key == 'B')
		scroll(w, key == 'B', 1);
	if (key == '~' && (w->sign == '5' || w->sign == '6'))
		scroll(w, w->sign == '6', w->page);
	w->sign = 0;
}

bool watch_key(struct watch *w, unsigned char key)
{
	enum { ESCAPE = 033, CONTROL_C = 3 };

	if (key == ESCAPE || (w->sign == ESCAPE && (key == '[' || key == 'O'))) {
		w->sign = key;
		return true;
	}
	if (w->sign != 0 && w->sign != ESCAPE) {
		sequence_key(w, key);
		return true;
	}
	w->sign = 0;
	if (key == 'j' || key == 'k')
		scroll(w, key == 'j', 1);
	if (key == ' ' || key == 'b')
		scroll(w, key == ' ', w->page);
	return key != 'q' && key != CONTROL_C;
}

/* --- the canvas ----------------------------------------------------------------------------- */

static void style_set(struct canvas *c, enum style style)
{
	static const char *const sequences[] = {
		[STYLE_PLAIN] = "",        [STYLE_HEAD] = "\033[1m",   [STYLE_FAINT] = "\033[2m",
		[STYLE_GOOD] = "\033[32m", [STYLE_DOUBT] = "\033[33m", [STYLE_BAD] = "\033[31m",
	};

	if (c->screen->color)
		text_add(&c->text, "%s", sequences[style]);
}

static void style_end(struct canvas *c, enum style style)
{
	if (c->screen->color && style != STYLE_PLAIN)
		text_add(&c->text, STYLE_RESET);
}

/* Whatever the text is, what comes of it is printable and ends at the edge of the screen. */
static void __attribute__((format(printf, 3, 4)))
put(struct canvas *c, enum style style, const char *format, ...)
{
	char words[TEXT_MAX];
	va_list args;

	if (c->row >= c->rows || c->column >= c->columns)
		return;
	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	size_t length = strnlen(words, c->columns - c->column);
	words[length] = '\0';
	for (size_t i = 0; i < length; i++) {
		if ((unsigned char)words[i] < ' ' || (unsigned char)words[i] > '~')
			words[i] = '?';
	}
	style_set(c, style);
	text_add(&c->text, "%s", words);
	style_end(c, style);
	c->column += (unsigned)length;
}

/* A terminal that was just filled to its edge would erase the last character. */
static void line_end(struct canvas *c)
{
	if (c->row >= c->rows)
		return;
	if (c->column < c->columns)
		text_add(&c->text, ERASE_LINE_REST);
	c->column = 0;
	if (++c->row < c->rows)
		text_add(&c->text, "\r\n");
}

static void put_level(struct canvas *c, unsigned level)
{
	static const char *const blocks[LEVELS] = {"\u2581", "\u2582", "\u2583", "\u2584",
	                                           "\u2585", "\u2586", "\u2587", "\u2588"};

	if (c->row >= c->rows || c->column >= c->columns)
		return;
	if (c->screen->utf8)
		text_add(&c->text, "%s", blocks[level]);
	else
		text_add(&c->text, "%u", level + 1);
	c->column++;
}

/* --- a row ---------------------------------------------------------------------------------- */

/* The lowest is the least of the time that is shown, the highest is twice that, or more. */
static void history_draw(struct canvas *c, const struct watch *w, uint32_t prefix, unsigned width)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (unsigned n = 0; n < width; n++) {
		const struct watch_sample *sample = sample_read(w, prefix, n);
		if (is_gap(sample))
			continue;
		least = sample->srtt_us < least ? sample->srtt_us : least;
		most = sample->srtt_us > most ? sample->srtt_us : most;
	}
	uint64_t range = most > 2 * least ? most - least : least;
	for (unsigned n = width; n-- > 0;) {
		const struct watch_sample *sample = sample_read(w, prefix, n);
		if (is_gap(sample))
			put(c, STYLE_PLAIN, " ");
		else
			put_level(c, (unsigned)((sample->srtt_us - least) * (LEVELS - 1) / range));
	}
}

static void row_draw(struct canvas *c, const struct watch *w, const struct columns *widths,
                     const struct report_row *row, uint32_t prefix)
{
	static const enum style styles[] = {
		[REPORT_NEW] = STYLE_FAINT,   [REPORT_UP] = STYLE_GOOD,
		[REPORT_DOUBT] = STYLE_DOUBT, [REPORT_DOWN] = STYLE_BAD,
		[REPORT_DRAIN] = STYLE_FAINT,
	};
	uint64_t answers = row->answers, failures = row->failures;
	char loss_words[16];
	struct text loss = text_in(loss_words, sizeof(loss_words));

	put(c, STYLE_PLAIN, "%-*.*s ", (int)widths->prefix, (int)widths->prefix, row->prefix);
	put(c, styles[row->state], "%-*s", (int)STATE_WIDTH, report_state_name(row->state));
	if (widths->set)
		put(c, STYLE_PLAIN, " %-*s", (int)SET_WIDTH, row->in_set ? "yes" : "no");
	if (widths->tier)
		put(c, STYLE_PLAIN, " %*u", (int)TIER_WIDTH, row->tier);
	if (widths->srtt && row->srtt_us != 0)
		put(c, STYLE_PLAIN, " %*.1f", (int)SRTT_WIDTH, row->srtt_us / 1000.0);
	else if (widths->srtt)
		put(c, STYLE_PLAIN, " %*s", (int)SRTT_WIDTH, "-");
	if (widths->history) {
		put(c, STYLE_PLAIN, " ");
		history_draw(c, w, prefix, widths->history);
	}
	loss_read(w, prefix, &answers, &failures);
	report_loss(&loss, answers, failures);
	if (widths->loss)
		put(c, failures ? STYLE_DOUBT : STYLE_PLAIN, " %*s", (int)LOSS_WIDTH, loss.buf);
	if (widths->trouble)
		put(c, STYLE_PLAIN, "  %s", row->trouble);
	line_end(c);
}

static void heading_draw(struct canvas *c, const struct columns *widths)
{
	put(c, STYLE_FAINT, "%-*s %-*s", (int)widths->prefix, "prefix", (int)STATE_WIDTH, "state");
	if (widths->set)
		put(c, STYLE_FAINT, " %-*s", (int)SET_WIDTH, "set");
	if (widths->tier)
		put(c, STYLE_FAINT, " %*s", (int)TIER_WIDTH, "tier");
	if (widths->srtt)
		put(c, STYLE_FAINT, " %*s", (int)SRTT_WIDTH, "srtt ms");
	if (widths->history)
		put(c, STYLE_FAINT, " %-*s", (int)widths->history, "history");
	if (widths->loss)
		put(c, STYLE_FAINT, " %*s", (int)LOSS_WIDTH, "loss");
	if (widths->trouble)
		put(c, STYLE_FAINT, "  last failure");
	line_end(c);
}

/* --- the layout ----------------------------------------------------------------------------- */

/* Gives a column its width and a space before it, if there is room for that. */
static void column_add(unsigned *column, unsigned width, unsigned *room)
{
	if (*room < width + 1)
		return;
	*column = width;
	*room -= width + 1;
}

static void column_widen(unsigned *column, unsigned most, unsigned *room)
{
	unsigned by = *column == 0 || *column >= most ? 0 : clamp(*room, 0, most - *column);

	*column += by;
	*room -= by;
}

/* What matters most comes first, and has room on the narrowest screen. */
static void columns_fit(struct columns *widths, unsigned prefix, unsigned columns)
{
	*widths = (struct columns){0};
	if (prefix + STATE_WIDTH + 1 > columns)
		prefix = columns > STATE_WIDTH + 1 ? columns - STATE_WIDTH - 1 : columns;
	widths->prefix = prefix;
	unsigned room = columns > prefix + STATE_WIDTH + 1 ? columns - prefix - STATE_WIDTH - 1 : 0;
	column_add(&widths->set, SET_WIDTH, &room);
	column_add(&widths->srtt, SRTT_WIDTH, &room);
	column_add(&widths->loss, LOSS_WIDTH, &room);
	column_add(&widths->trouble, TROUBLE_LEAST + 1, &room);
	column_add(&widths->history, HISTORY_LEAST, &room);
	column_add(&widths->tier, TIER_WIDTH, &room);
	column_widen(&widths->trouble, TROUBLE_USUAL, &room);
	column_widen(&widths->history, WATCH_SAMPLES, &room);
}

/* Which prefixes are seen in that many rows; the last one may have to tell of the others. */
static struct page page_turn(struct watch *w, unsigned rows)
{
	bool hidden = w->count > rows && rows > 1;
	size_t count = rows - hidden;

	if (count > w->count)
		count = w->count;
	if (w->top > w->count - count)
		w->top = w->count - count;
	w->page = count > 0 ? count : 1;
	return (struct page){.first = w->top, .count = count, .hidden = hidden};
}

static unsigned prefix_width(const struct report_names *names, const struct page *page)
{
	unsigned width = PREFIX_LEAST;

	for (size_t i = page->first; i < page->first + page->count; i++) {
		char prefix[PREFIX_STRLEN];
		prefix_format(&names->file->entries[i].prefix, prefix);
		width = clamp((unsigned)strlen(prefix), width, PREFIX_STRLEN);
	}
	return width;
}

static void hidden_draw(struct canvas *c, const struct judge *judge, const struct page *page)
{
	size_t down = 0;

	for (uint32_t i = 0; i < judge->count; i++) {
		bool seen = i >= page->first && i < page->first + page->count;
		down += !seen && health_prefix_state(judge->health, i) == HEALTH_DOWN;
	}
	put(c, down ? STYLE_BAD : STYLE_FAINT, "%zu not shown, %zu of them down; j and k scroll",
	    judge->count - page->count, down);
	line_end(c);
}

static void head_draw(struct canvas *c, const struct report_names *names, const struct judge *judge,
                      uint64_t now)
{
	static const char hint[] = "q quits";
	const struct watch_screen *s = c->screen;
	const struct choice *choice = &judge->choice;

	put(c, STYLE_HEAD, "%02d:%02d:%02d  %zu of %zu healthy", s->time.tm_hour, s->time.tm_min,
	    s->time.tm_sec, choice->healthy, judge->count);
	if (health_silent(judge->health, now))
		put(c, STYLE_BAD, "  nobody answers: is the uplink down?");
	put(c, STYLE_PLAIN, "  every %g s  set:%s", (double)s->interval_us / 1e6,
	    choice->count > 0 ? "" : " none yet");
	for (size_t i = 0; i < choice->count; i++) {
		char prefix[PREFIX_STRLEN];
		put(c, STYLE_PLAIN, " %s",
		    prefix_format(&names->file->entries[choice->members[i]].prefix, prefix));
	}
	if (c->columns - c->column >= sizeof(hint) + 1)
		put(c, STYLE_FAINT, "%*s", (int)(c->columns - c->column), hint);
	line_end(c);
}

static void table_draw(struct canvas *c, struct watch *w, unsigned rows, bool heading,
                       const struct report_names *names, const struct judge *judge, uint64_t now)
{
	struct page page = page_turn(w, rows);
	struct columns widths;

	columns_fit(&widths, prefix_width(names, &page), c->columns);
	if (heading)
		heading_draw(c, &widths);
	for (size_t i = page.first; i < page.first + page.count; i++) {
		struct report_row row;
		report_row_read(&row, names, judge, (uint32_t)i, now);
		row_draw(c, w, &widths, &row, (uint32_t)i);
	}
	if (page.hidden)
		hidden_draw(c, judge, &page);
}

static void targets_draw(struct canvas *c, const struct report_names *names,
                         const struct judge *judge, uint64_t now)
{
	line_end(c);
	for (unsigned m = 0; m < names->targets->methods; m++) {
		char words[TEXT_MAX];
		struct text t = text_in(words, sizeof(words));
		unsigned dead = report_targets(&t, names, judge, m, now);
		put(c, dead ? STYLE_DOUBT : STYLE_PLAIN, "%s", words);
		line_end(c);
	}
}

/* The last ones, as many as there is room for; the newest at the end. */
static void messages_draw(struct canvas *c, const struct watch *w)
{
	unsigned room = c->rows - c->row, n = 0;

	if (room > MESSAGES_USUAL)
		line_end(c);
	room = c->rows - c->row;
	while (n < room && watch_message_read(w, n))
		n++;
	while (n-- > 0) {
		put(c, STYLE_PLAIN, "%s", watch_message_read(w, n));
		line_end(c);
	}
}

size_t watch_draw(struct watch *w, const struct watch_screen *screen,
                  const struct report_names *names, const struct judge *judge, uint64_t now,
                  char *frame)
{
	struct canvas c = {
		.text = text_in(frame, WATCH_FRAME_MAX),
		.screen = screen,
		.rows = clamp(screen->rows, 1, WATCH_ROWS_MOST),
		.columns = clamp(screen->columns, 1, WATCH_COLUMNS_MOST),
	};
	bool heading = c.rows >= 4;
	unsigned room = c.rows - 1 - heading;
	unsigned targets = names->targets->methods + 1; /* and an empty line */
	unsigned below = 0;

	/* What is below the table takes rows from it only when it is comfortable. */
	if (room >= TABLE_COMFORT + targets)
		below = targets;
	if (room >= TABLE_COMFORT + below + MESSAGES_USUAL + 1)
		room -= MESSAGES_USUAL + 1;
	text_add(&c.text, CURSOR_HOME);
	head_draw(&c, names, judge, now);
	table_draw(&c, w, room - below, heading, names, judge, now);
	if (below > 0 || c.rows - c.row >= targets)
		targets_draw(&c, names, judge, now);
	messages_draw(&c, w);
	while (c.row < c.rows)
		line_end(&c);
	return c.text.used;
}
