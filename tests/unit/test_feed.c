/* Lines from a descriptor: cut anywhere, too long, unfinished, and with any bytes in them. */
#include "unit.h"

#include "input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct source {
	struct input in;
	int reader, writer;
};

static int source_open(void **state)
{
	struct source *s = calloc(1, sizeof(*s));
	int ends[2];

	if (!s || pipe(ends) != 0)
		return -1;
	s->reader = ends[0];
	s->writer = ends[1];
	*state = s;
	return 0;
}

static int source_close(void **state)
{
	struct source *s = *state;

	close(s->reader);
	if (s->writer >= 0)
		close(s->writer);
	free(s);
	return 0;
}

static void feed_bytes(struct source *s, const void *bytes, size_t length)
{
	assert_int_equal(write(s->writer, bytes, length), length);
	assert_int_equal(input_fill(&s->in, s->reader), length);
}

static void feed(struct source *s, const char *text)
{
	feed_bytes(s, text, strlen(text));
}

static void assert_line(struct source *s, const char *expected)
{
	const char *line;
	size_t length;

	assert_true(input_next(&s->in, &line, &length));
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(line, expected, length);
}

static void assert_no_line(struct source *s)
{
	const char *line;
	size_t length;

	assert_false(input_next(&s->in, &line, &length));
}

static void lines_of_one_read_come_in_order(void **state)
{
	struct source *s = *state;

	feed(s, "one\n\nthree\nfo");
	assert_line(s, "one");
	assert_line(s, "");
	assert_line(s, "three");
	assert_int_equal(s->in.number, 3);
	assert_no_line(s);
	assert_true(input_unfinished(&s->in));
}

static void a_line_cut_across_reads_is_one(void **state)
{
	struct source *s = *state;

	for (const char *c = "first line"; *c != '\0'; c++) {
		feed_bytes(s, c, 1);
		assert_no_line(s);
	}
	feed(s, "\nnext\n");
	assert_line(s, "first line");
	assert_line(s, "next");
	assert_no_line(s);
	assert_false(input_unfinished(&s->in));
}

static void nul_bytes_are_part_of_a_line(void **state)
{
	struct source *s = *state;
	const char *line;
	size_t length;

	feed_bytes(s, "a\0b\n\0\n", 6);
	assert_true(input_next(&s->in, &line, &length));
	assert_int_equal(length, 3);
	assert_memory_equal(line, "a\0b", 3);
	assert_true(input_next(&s->in, &line, &length));
	assert_int_equal(length, 1);
	assert_no_line(s);
}

static void the_longest_line_is_handed_out_whole(void **state)
{
	struct source *s = *state;
	char text[SET_LINE_MAX + 1];

	memset(text, 'x', sizeof(text));
	text[SET_LINE_MAX - 1] = '\0';
	feed(s, text);
	assert_no_line(s);
	feed(s, "\n");
	assert_line(s, text);
}

/* In pieces of `piece` bytes; the line behind it must be found again. */
static void long_line_feed(struct source *s, size_t total, size_t piece)
{
	char bytes[INPUT_BUFFER];
	const char *line;
	size_t length, handed_out = 0;
	unsigned long before = s->in.number;

	memset(bytes, 'x', sizeof(bytes));
	for (size_t fed = 0; fed < total; fed += piece) {
		feed_bytes(s, bytes, piece);
		while (input_next(&s->in, &line, &length)) {
			assert_int_equal(length, SET_LINE_MAX);
			handed_out++;
		}
	}
	assert_int_equal(handed_out, 1);
	assert_false(input_unfinished(&s->in)); /* it was refused already */
	feed(s, "xxx\nnext\n");
	assert_line(s, "next");
	assert_no_line(s);
	assert_int_equal(s->in.number, before + 2);
}

static void a_line_over_the_limit_is_handed_out_once_and_skipped(void **state)
{
	struct source *s = *state;
	static const size_t pieces[] = {1, 100, SET_LINE_MAX, 4096, INPUT_BUFFER};

	for (size_t i = 0; i < COUNT(pieces); i++)
		long_line_feed(s, 10 * INPUT_BUFFER, pieces[i]);
}

/* A writer that never ends its line must not be waited for. */
static void a_line_over_the_limit_is_handed_out_before_its_end(void **state)
{
	struct source *s = *state;
	char text[SET_LINE_MAX + 1];

	memset(text, 'x', sizeof(text));
	text[SET_LINE_MAX] = '\0';
	feed(s, text);
	assert_line(s, text);
	assert_no_line(s);
}

static void a_line_just_over_the_limit_is_refused(void **state)
{
	struct source *s = *state;
	struct prefix_set set;
	char text[SET_LINE_MAX + 2], reason[SET_REASON_MAX];
	const char *line;
	size_t length;

	memset(text, ' ', sizeof(text));
	strcpy(text + SET_LINE_MAX, "\n");
	feed(s, text);
	assert_true(input_next(&s->in, &line, &length));
	assert_int_equal(set_line_parse(&set, line, length, (struct set_size){2, 3}, reason),
	                 SET_LINE_REFUSED);
	assert_no_line(s);
}

static void the_end_comes_as_zero_and_an_error_as_errno(void **state)
{
	struct source *s = *state;

	feed(s, "whole\nhalf");
	assert_line(s, "whole");
	assert_no_line(s);
	close(s->writer);
	s->writer = -1;
	assert_int_equal(input_fill(&s->in, s->reader), 0);
	assert_no_line(s);
	assert_true(input_unfinished(&s->in));
	assert_int_equal(input_fill(&s->in, -1), -EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, source_open, source_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_of_one_read_come_in_order),
		TEST(a_line_cut_across_reads_is_one),
		TEST(nul_bytes_are_part_of_a_line),
		TEST(the_longest_line_is_handed_out_whole),
		TEST(a_line_over_the_limit_is_handed_out_once_and_skipped),
		TEST(a_line_over_the_limit_is_handed_out_before_its_end),
		TEST(a_line_just_over_the_limit_is_refused),
		TEST(the_end_comes_as_zero_and_an_error_as_errno),
	};

	return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
