/*
 * The same bytes, cut at arbitrary places, give the lines that an independent split of the whole
 * gives. The first octet repeats the text, the next 8 tell where it is cut.
 */
#include "fuzz.h"
#include "input.h"

#include <errno.h>
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
	unsigned long number;
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
	s->number++;
	return true;
}

static void lines_check(struct input *in, struct split *expected)
{
	const char *line, *expected_line;
	size_t length, expected_length;

	while (input_next(in, &line, &length)) {
		CHECK(split_next(expected, &expected_line, &expected_length));
		CHECK(length == expected_length && memcmp(line, expected_line, length) == 0);
		CHECK(in->number == expected->number);
		CHECK(line >= in->buffer && line + length <= in->buffer + sizeof(in->buffer));
	}
}

/* 1 to 128 bytes, or 256 to 32,768 so that some are more than the buffer holds. */
static size_t piece_size(uint8_t cut)
{
	return cut < 128 ? (size_t)cut + 1 : (size_t)(cut - 127) * 256;
}

static void text_check(const char *text, size_t length, const uint8_t cuts[CUTS])
{
	static struct input in;
	struct split expected = {.text = text, .length = length};
	const char *rest;
	size_t rest_length, turn = 0;
	int ends[2];

	memset(&in, 0, sizeof(in));
	CHECK(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	CHECK(input_fill(&in, ends[0]) == -EAGAIN);
	for (size_t done = 0; done < length;) {
		size_t piece = piece_size(cuts[turn++ % CUTS]);
		ssize_t got;
		if (turn > PIECES_MAX && piece < SET_LINE_MAX)
			piece += SET_LINE_MAX;
		if (piece > length - done)
			piece = length - done;
		CHECK(write(ends[1], text + done, piece) == (ssize_t)piece);
		for (size_t left = piece; left > 0; left -= (size_t)got) {
			got = input_fill(&in, ends[0]);
			CHECK(got > 0 && (size_t)got <= left);
			lines_check(&in, &expected);
		}
		done += piece;
	}
	CHECK(!split_next(&expected, &rest, &rest_length));
	/* Unfinished is what was not handed out, not even cut. */
	CHECK(input_unfinished(&in) == (expected.at < length));
	close(ends[1]);
	CHECK(input_fill(&in, ends[0]) == 0);
	close(ends[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
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
