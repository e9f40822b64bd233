/*
 * The same bytes, cut at arbitrary places, give the lines that an independent split of the whole
 * gives; and those lines are sets and refusals, counted. The first octet repeats the text, the next
 * 8 tell where it is cut.
 */
#include "feed.h"
#include "fuzz.h"
#include "log.h"

#include <fcntl.h>
#include <unistd.h>

enum {
	CUTS = 8,
	REPEATS_MAX = 16,
	CONTROL = 1 + CUTS,
	PIECES_MAX = 256, /* small ones: more would only be slow */
};

/* What the lines should be: a cursor over the whole text. */
struct split {
	const char *text;
	size_t length, at;
	unsigned long lines, sets, ignored;
};

static bool split_next(struct split *s, const char **line, size_t *length)
{
	size_t end = s->at;

	while (end < s->length && s->text[end] != '\n')
		end++;
	*line = s->text + s->at;
	*length = end - s->at;
	/* The rest without a newline is no line, unless it is already too long for one. */
	if (end == s->length && *length < SET_LINE_MAX)
		return false;
	if (*length > SET_LINE_MAX)
		*length = SET_LINE_MAX;
	s->at = end < s->length ? end + 1 : end;
	s->lines++;
	return true;
}

static const struct set_size any = {1, SET_PREFIXES_MAX};

static void line_count(struct split *s, const char *line, size_t length)
{
	char buf[256];
	struct text why = text_in(buf, sizeof(buf));
	struct prefix_set set;
	enum set_line_verdict verdict = set_line_parse(&set, line, length, any, &why);

	s->sets += verdict == SET_LINE_SET;
	s->ignored += verdict == SET_LINE_IGNORED;
}

static void lines_check(struct feed *f, struct split *expected)
{
	const char *line, *expected_line;
	size_t length, expected_length;

	while (feed_line(f, &line, &length)) {
		CHECK(split_next(expected, &expected_line, &expected_length));
		CHECK(length == expected_length && memcmp(line, expected_line, length) == 0);
		CHECK(f->lines == expected->lines);
		CHECK(line >= f->buffer && line + length <= f->buffer + sizeof(f->buffer));
		line_count(expected, line, length);
	}
}

/* 1 to 128 bytes, or 256 to 32,768 so that some are more than the buffer holds. */
static size_t piece_size(uint8_t cut)
{
	return cut < 128 ? (size_t)cut + 1 : (size_t)(cut - 127) * 256;
}

/* Reads the whole text through a pipe, in pieces; each is handed to look. */
static void text_feed(struct feed *f, const char *text, size_t length, const uint8_t cuts[CUTS],
                      void (*look)(struct feed *f, struct split *expected), struct split *expected)
{
	size_t turn = 0;
	int ends[2];

	memset(f, 0, sizeof(*f));
	f->size = any;
	CHECK(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	feed_fill(f, ends[0]);
	CHECK(!f->ended && f->start == f->end);
	for (size_t done = 0; done < length;) {
		size_t piece = piece_size(cuts[turn++ % CUTS]);
		if (turn > PIECES_MAX && piece < SET_LINE_MAX)
			piece += SET_LINE_MAX;
		if (piece > length - done)
			piece = length - done;
		CHECK(write(ends[1], text + done, piece) == (ssize_t)piece);
		for (size_t left = piece; left > 0;) {
			size_t before = f->end - f->start;
			feed_fill(f, ends[0]);
			CHECK(f->end - f->start > before && f->end - f->start - before <= left);
			left -= f->end - f->start - before;
			look(f, expected);
		}
		done += piece;
	}
	close(ends[1]);
	CHECK(!f->ended);
	feed_fill(f, ends[0]);
	CHECK(f->ended);
	close(ends[0]);
}

static void sets_take(struct feed *f, struct split *expected)
{
	struct prefix_set set;

	(void)expected;
	while (feed_set(f, &set, f->lines))
		CHECK(set.count >= 1 && set.count <= SET_PREFIXES_MAX);
}

static void text_check(const char *text, size_t length, const uint8_t cuts[CUTS])
{
	static struct feed f;
	struct split expected = {.text = text, .length = length};
	const char *rest;
	size_t rest_length;

	text_feed(&f, text, length, cuts, lines_check, &expected);
	CHECK(!split_next(&expected, &rest, &rest_length));
	/* Unfinished is what was not handed out, not even cut: it is refused. */
	unsigned long unfinished = expected.at < length;
	CHECK(f.refusals == unfinished && f.lines == expected.lines + unfinished);

	text_feed(&f, text, length, cuts, sets_take, NULL);
	CHECK(f.lines == expected.lines + unfinished);
	CHECK(f.accepted == expected.sets);
	CHECK(f.refusals == expected.lines - expected.sets - expected.ignored + unfinished);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	log_set_level(-1); /* refusals are counted */
	if (size < CONTROL)
		return 0;

	size_t repeats = data[0] % REPEATS_MAX + 1, once = size - CONTROL;
	char *text = malloc(once * repeats + 1);
	CHECK(text);
	for (size_t i = 0; i < repeats; i++)
		memcpy(text + i * once, data + CONTROL, once);
	text_check(text, once * repeats, data + 1);
	free(text);
	return 0;
}
