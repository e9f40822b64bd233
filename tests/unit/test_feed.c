/* Set lines from a descriptor: cut anywhere, too long, unfinished, with any bytes in them, refused.
 */
#include "unit.h"

#include "feed.h"
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct source {
	struct feed in;
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
	s->in.size = (struct set_size){2, 3};
	log_set_level(-1); /* what is refused need not be seen */
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
	feed_fill(&s->in, s->reader);
	assert_int_equal(s->in.end - s->in.start >= length, true);
}

static void text_feed(struct source *s, const char *text)
{
	feed_bytes(s, text, strlen(text));
}

static void assert_line(struct source *s, const char *expected)
{
	const char *line;
	size_t length;

	assert_true(feed_line(&s->in, &line, &length));
	assert_int_equal(length, strlen(expected));
	assert_memory_equal(line, expected, length);
}

static void assert_no_line(struct source *s)
{
	const char *line;
	size_t length;

	assert_false(feed_line(&s->in, &line, &length));
}

static void lines_of_one_read_come_in_order(void **state)
{
	struct source *s = *state;

	text_feed(s, "one\n\nthree\nfo");
	assert_line(s, "one");
	assert_line(s, "");
	assert_line(s, "three");
	assert_int_equal(s->in.lines, 3);
	assert_no_line(s);
}

static void a_line_cut_across_reads_is_one(void **state)
{
	struct source *s = *state;

	for (const char *c = "first line"; *c != '\0'; c++) {
		feed_bytes(s, c, 1);
		assert_no_line(s);
	}
	text_feed(s, "\nnext\n");
	assert_line(s, "first line");
	assert_line(s, "next");
	assert_no_line(s);
}

static void nul_bytes_are_part_of_a_line(void **state)
{
	struct source *s = *state;
	const char *line;
	size_t length;

	feed_bytes(s, "a\0b\n", 4);
	assert_true(feed_line(&s->in, &line, &length));
	assert_int_equal(length, 3);
	assert_memory_equal(line, "a\0b", 3);
}

/* A longer one is not waited for: its writer may never end it. */
static void the_longest_line_is_handed_out_whole_and_a_longer_one_before_its_end(void **state)
{
	struct source *s = *state;
	char text[SET_LINE_MAX + 1];

	memset(text, 'x', sizeof(text));
	text[SET_LINE_MAX] = '\0';
	text_feed(s, text + 1);
	assert_no_line(s);
	text_feed(s, "\n");
	assert_line(s, text + 1);
	text_feed(s, text);
	assert_line(s, text);
	assert_no_line(s);
}

/* In pieces of `piece` bytes; the line behind it must be found again. */
static void long_line_feed(struct source *s, size_t total, size_t piece)
{
	char bytes[FEED_BUFFER];
	const char *line;
	size_t length, handed_out = 0;
	unsigned long before = s->in.lines;

	memset(bytes, 'x', sizeof(bytes));
	for (size_t fed = 0; fed < total; fed += piece) {
		feed_bytes(s, bytes, piece);
		while (feed_line(&s->in, &line, &length)) {
			assert_int_equal(length, SET_LINE_MAX);
			handed_out++;
		}
	}
	assert_int_equal(handed_out, 1);
	text_feed(s, "xxx\nnext\n");
	assert_line(s, "next");
	assert_no_line(s);
	assert_int_equal(s->in.lines, before + 2);
}

static void a_line_over_the_limit_is_handed_out_once_and_skipped(void **state)
{
	struct source *s = *state;
	static const size_t pieces[] = {1, 100, SET_LINE_MAX, 4096, FEED_BUFFER};

	for (size_t i = 0; i < COUNT(pieces); i++)
		long_line_feed(s, 10 * FEED_BUFFER, pieces[i]);
}

static void input_end(struct source *s)
{
	close(s->writer);
	s->writer = -1;
	feed_fill(&s->in, s->reader);
	assert_true(s->in.ended);
}

static void assert_set(struct source *s, const char *expected)
{
	struct prefix_set set;
	char words[SET_LINE_MAX];

	assert_true(feed_set(&s->in, &set, HOUR_US));
	assert_string_equal(set_line_say(&set, words), expected);
	assert_false(s->in.refused);
}

static void assert_no_set(struct source *s)
{
	struct prefix_set set;

	assert_false(feed_set(&s->in, &set, HOUR_US));
}

#define A "2001:db8:64:1::/96"
#define B "2001:db8:64:2::/96"
#define C "2001:db8:64:3::/96"

static void a_line_just_over_the_limit_is_refused(void **state)
{
	struct source *s = *state;
	char text[SET_LINE_MAX + 2];

	memset(text, ' ', sizeof(text));
	strcpy(text + SET_LINE_MAX, "\n");
	text_feed(s, text);
	assert_no_set(s);
	assert_true(s->in.refused);
	assert_int_equal(s->in.refusals, 1);
}

static void sets_come_in_order_and_the_last_line_says_whether_it_was_refused(void **state)
{
	struct source *s = *state;

	text_feed(s, "# a comment\n" A " " B "\nrubbish\n\n" A " " C "\n" A "\n");
	assert_set(s, A " " B);
	assert_set(s, A " " C);
	assert_no_set(s);
	assert_true(s->in.refused);
	assert_int_equal(s->in.lines, 6);
	assert_int_equal(s->in.accepted, 2);
	assert_int_equal(s->in.refusals, 2);
	text_feed(s, "# a comment is no pardon\n");
	assert_no_set(s);
	assert_true(s->in.refused);
	text_feed(s, A " " B "\n");
	assert_set(s, A " " B);
	assert_true(s->in.line_us > 0);
}

static void a_prefix_that_is_not_listed_is_refused(void **state)
{
	struct source *s = *state;
	struct prefix_file allow;
	FILE *list = tmpfile();

	assert_non_null(list);
	assert_true(fputs(C "\n" A "\n", list) >= 0);
	rewind(list);
	assert_int_equal(prefix_file_init(&allow), 0);
	assert_int_equal(prefix_file_read(&allow, fileno(list), "list"), 0);
	fclose(list);
	s->in.allow = &allow;
	s->in.allow_name = "list";
	text_feed(s, A " " C "\n" A " " B "\n");
	assert_set(s, A " " C);
	assert_no_set(s);
	assert_true(s->in.refused);
	free(allow.entries);
}

static void a_line_without_its_end_is_refused_at_the_end(void **state)
{
	struct source *s = *state;

	text_feed(s, A " " B "\n" A " " C);
	assert_set(s, A " " B);
	assert_no_set(s);
	input_end(s);
	assert_no_set(s);
	assert_true(s->in.refused);
	assert_int_equal(s->in.lines, 2);
	s->in = (struct feed){.lines = 2}; /* the end alone refuses nothing */
	feed_fill(&s->in, s->reader);
	assert_true(s->in.ended);
	assert_false(s->in.refused);
}

static void what_cannot_be_read_ends_the_lines(void **state)
{
	struct source *s = *state;

	feed_fill(&s->in, -1);
	assert_true(s->in.ended);
	assert_true(s->in.refused);
}

static void refusals_are_told_ten_by_ten_seconds(void **state)
{
	struct source *s = *state;
	struct prefix_set set;

	for (int i = 0; i < 15; i++) {
		text_feed(s, "rubbish\n");
		assert_false(feed_set(&s->in, &set, HOUR_US));
	}
	assert_int_equal(s->in.told, 10);
	assert_int_equal(s->in.untold, 5);
	text_feed(s, "rubbish\n");
	assert_false(feed_set(&s->in, &set, HOUR_US + 10 * SECOND_US));
	assert_int_equal(s->in.told, 1);
	assert_int_equal(s->in.untold, 0);
	assert_int_equal(s->in.refusals, 16);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, source_open, source_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_of_one_read_come_in_order),
		TEST(a_line_cut_across_reads_is_one),
		TEST(nul_bytes_are_part_of_a_line),
		TEST(the_longest_line_is_handed_out_whole_and_a_longer_one_before_its_end),
		TEST(a_line_over_the_limit_is_handed_out_once_and_skipped),
		TEST(a_line_just_over_the_limit_is_refused),
		TEST(sets_come_in_order_and_the_last_line_says_whether_it_was_refused),
		TEST(a_prefix_that_is_not_listed_is_refused),
		TEST(a_line_without_its_end_is_refused_at_the_end),
		TEST(what_cannot_be_read_ends_the_lines),
		TEST(refusals_are_told_ten_by_ten_seconds),
	};

	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}
