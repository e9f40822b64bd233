/* The set line: each way it can be wrong, and that what is printed is read again. */
#include "unit.h"

#include "set_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct set_size two_to_three = {2, 3};

static char reason[192];

static enum set_line_verdict judge_bytes(const char *line, size_t length, struct prefix_set *set)
{
	struct text why = text_in(reason, sizeof(reason));

	return set_line_parse(set, line, length, two_to_three, &why);
}

static enum set_line_verdict judge(const char *line, struct prefix_set *set)
{
	return judge_bytes(line, strlen(line), set);
}

static void assert_refused(const char *line, const char *because)
{
	struct prefix_set set = {.count = 7};

	assert_int_equal(judge(line, &set), SET_LINE_REFUSED);
	if (!strstr(reason, because))
		fail_msg("\"%s\" was refused for \"%s\"", line, reason);
	assert_int_equal(set.count, 7);
}

TEST_THAT(a_set_is_read)
{
	struct prefix_set set;
	char text[PREFIX_STRLEN];

	assert_int_equal(judge("2001:db8:1:: 2001:db8:2::/64\t64:ff9b::/96", &set), SET_LINE_SET);
	assert_int_equal(set.count, 3);
	assert_string_equal(prefix_format(&set.prefixes[1], text), "2001:db8:2::/64");
}

TEST_THAT(blank_lines_and_comments_are_ignored)
{
	static const char *const lines[] = {"", " ", " \t ", "#", "# 2001:db8:1::/96", "#\r\x01"};
	struct prefix_set set;

	for (size_t i = 0; i < COUNT(lines); i++)
		assert_int_equal(judge(lines[i], &set), SET_LINE_IGNORED);
}

TEST_THAT(spaces_must_be_single_and_between)
{
	assert_refused("2001:db8:1::/96  2001:db8:2::/96", "single");
	assert_refused(" 2001:db8:1::/96 2001:db8:2::/96", "single");
	assert_refused("2001:db8:1::/96 2001:db8:2::/96 ", "single");
	assert_refused("2001:db8:1::/96 2001:db8:2::/96\t", "single");
	assert_refused("2001:db8:1::/96\t 2001:db8:2::/96", "single");
}

TEST_THAT(bytes_that_are_no_text_are_refused)
{
	static const char nul[] = "2001:db8:1::/96\0 2001:db8:2::/96";
	struct prefix_set set;

	assert_refused("2001:db8:1::/96 2001:db8:2::/96\r", "0x0d");
	assert_refused("2001:db8:1::/96 2001:db8:2::/96\xc3\xa9", "0xc3");
	assert_refused("2001:db8:1::/96 2001:db8:2::/96\x7f", "0x7f");
	assert_refused("2001:db8:1::/96\x0b"
	               "2001:db8:2::/96",
	               "0x0b");
	assert_int_equal(judge_bytes(nul, sizeof(nul) - 1, &set), SET_LINE_REFUSED);
	assert_non_null(strstr(reason, "0x00"));
}

TEST_THAT(a_wrong_prefix_is_named)
{
	assert_refused("2001:db8:1::/96 2001:db8:2::/95", "2001:db8:2::/95: prefix length");
	assert_refused("2001:db8:1::/96 2001:db8:2::1", "2001:db8:2::1: bits behind");
	assert_refused("2001:db8:1::/96 ::/96", "::/96: IPv4-compatible");
	assert_refused("2001:db8:1::/96 hello", "hello: not an IPv6 prefix");
	assert_refused("hello; };", "hello;: not an IPv6 prefix");
	assert_refused("2001:db8:1::/96 2001:db8:2::/96;", "prefix length");
	assert_refused(
		"2001:db8:1::/96 0000000000000000000000000000000000000000000000000000000000000",
		"not an IPv6 prefix");
}

TEST_THAT(repeated_and_overlapping_prefixes_are_refused)
{
	assert_refused("2001:db8:1::/96 2001:db8:1::", "2001:db8:1::/96 repeats 2001:db8:1::/96");
	assert_refused("2001:db8::/32 2001:db8:1::/96", "overlaps 2001:db8::/32");
	assert_refused("2001:db8:1::/96 2001:db8::/32", "overlaps 2001:db8:1::/96");
}

TEST_THAT(sets_outside_the_size_are_refused)
{
	assert_refused("2001:db8:1::/96", "1 prefix; expected 2 to 3 (see --count)");
	assert_refused("2001:db8:1:: 2001:db8:2:: 2001:db8:3:: 2001:db8:4::", "expected 2 to 3");
	assert_refused("1:: 2:: 3:: 4:: 5:: 6:: 7:: 8:: 9::", "more than 8");
}

TEST_THAT(a_line_over_the_limit_is_refused)
{
	char line[SET_LINE_MAX + 1];

	memset(line, '#', sizeof(line));
	line[SET_LINE_MAX - 1] = '\0';
	struct prefix_set set;
	assert_int_equal(judge(line, &set), SET_LINE_IGNORED);

	line[SET_LINE_MAX - 1] = '#';
	line[SET_LINE_MAX] = '\0';
	assert_refused(line, "longer than 1024");
}

TEST_THAT(what_was_printed_is_read_again)
{
	struct prefix_set set, again;
	char line[SET_LINE_MAX];

	assert_int_equal(judge("2001:DB8:1:: 2001:db8:2::/64 64:ff9b::", &set), SET_LINE_SET);
	size_t length = set_line_format(&set, line);
	assert_string_equal(line, "2001:db8:1::/96 2001:db8:2::/64 64:ff9b::/96\n");
	assert_int_equal(length, strlen(line));
	assert_int_equal(judge_bytes(line, length - 1, &again), SET_LINE_SET);
	assert_true(prefix_set_equal(&set, &again));
}

TEST_THAT(the_longest_set_fits_a_line)
{
	struct prefix_set set = {.count = SET_PREFIXES_MAX};
	char line[SET_LINE_MAX];

	for (size_t i = 0; i < set.count; i++) {
		char text[64];
		snprintf(text, sizeof(text), "2001:db8:aaaa:bbb%zu:cc:dddd::/96", i);
		assert_int_equal(prefix_parse(&set.prefixes[i], text), PREFIX_OK);
	}
	assert_true(set_line_format(&set, line) < SET_LINE_MAX / 2);
}

TEST_THAT(sets_are_equal_in_whatever_order)
{
	struct prefix_set a, b, c;

	judge("2001:db8:1:: 2001:db8:2::", &a);
	judge("2001:db8:2:: 2001:db8:1::", &b);
	judge("2001:db8:2:: 2001:db8:3::", &c);
	assert_true(prefix_set_equal(&a, &b));
	assert_false(prefix_set_equal(&a, &c));
	a.count = 1;
	assert_false(prefix_set_equal(&a, &b));
}

TEST_THAT(set_size_is_min_to_max_within_1_to_8)
{
	static const char *const bad[] = {"",     "2",    "2-",   "-3",   "3-2",
	                                  "0-3",  "1-9",  "2-33", "a-b",  "2 3",
	                                  "2--3", " 2-3", "2-3 ", "-1-3", "9-9"};
	struct set_size size = {5, 5};

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(set_size_parse(&size, bad[i]), -EINVAL);
		assert_int_equal(size.min, 5);
	}
	assert_int_equal(set_size_parse(&size, "1-8"), 0);
	assert_int_equal(size.min, 1);
	assert_int_equal(size.max, 8);
	assert_int_equal(set_size_parse(&size, "3-3"), 0);
}

TEST_THAT(a_set_is_said_in_words)
{
	char words[SET_LINE_MAX];
	struct prefix_set set;

	judge("2001:db8:1:: 2001:db8:2::/64", &set);
	assert_string_equal(set_line_say(&set, words), "2001:db8:1::/96 2001:db8:2::/64");
	set.count = 0;
	assert_string_equal(set_line_say(&set, words), "none");
}

TEST_THAT(what_one_set_has_and_another_has_not_is_found)
{
	struct prefix_set a, b;
	char words[SET_LINE_MAX];

	judge("2001:db8:1:: 2001:db8:2:: 2001:db8:3::", &a);
	judge("2001:db8:2:: 2001:db8:4::", &b);
	struct prefix_set rest = prefix_set_without(&a, &b);
	assert_string_equal(set_line_say(&rest, words), "2001:db8:1::/96 2001:db8:3::/96");
	rest = prefix_set_without(&a, &a);
	assert_int_equal(rest.count, 0);
}

RUN_TESTS(NULL, NULL)
