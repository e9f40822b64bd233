/* The prefix file: what it may hold, and that every error is reported with its line. */
#include "unit.h"

#include "capture.h"
#include "prefix_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct capture capture;

static struct prefix_file file;

static int file_init(void **state)
{
	return prefix_file_init(&file);
}

static int file_free(void **state)
{
	free(file.entries);
	return 0;
}

static int read_bytes(const char *content, size_t length)
{
	int fd = memfd_create("prefixes", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, length), (ssize_t)length);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	int result = prefix_file_read(&file, fd, "list");
	assert_int_equal(close(fd), 0);
	return result;
}

static int read_text(const char *content)
{
	return read_bytes(content, strlen(content));
}

/* The content must be refused with exactly these messages, and give an empty list. */
static void assert_errors(const char *content, size_t length, const char *expected)
{
	int result;

	assert_string_equal(CAPTURED(&capture, result = read_bytes(content, length)), expected);
	assert_true(result < 0);
	assert_int_equal(file.count, 0);
}

#define ASSERT_ERRORS(content, expected) assert_errors(content, sizeof(content) - 1, expected)

TEST_THAT(bare_addresses_one_a_line_are_enough)
{
	assert_int_equal(read_text("2001:db8:1::\n2001:db8:2::\n2001:db8:3::\n"), 0);
	assert_int_equal(file.count, 3);
	assert_int_equal(file.entries[2].prefix.len, 96);
	assert_int_equal(file.entries[2].tier, 0);
	assert_false(file.entries[2].drain);
	assert_int_equal(file.entries[2].line, 3);
}

TEST_THAT(words_comments_and_blank_lines_are_read)
{
	assert_int_equal(read_text("# ours\n\n \t2001:db8:1::/64\ttier=2  drain # for repair\n"
	                           "2001:db8:2:: drain\n2001:db8:3:: tier=9#x"),
	                 0);
	assert_int_equal(file.count, 3);
	assert_int_equal(file.entries[0].tier, 2);
	assert_true(file.entries[0].drain);
	assert_int_equal(file.entries[0].line, 3);
	assert_true(file.entries[1].drain);
	assert_int_equal(file.entries[2].tier, 9);
}

TEST_THAT(crlf_line_ends_are_accepted)
{
	assert_int_equal(read_text("2001:db8:1::\r\n\r\n2001:db8:2:: tier=1\r\n"), 0);
	assert_int_equal(file.count, 2);
	assert_int_equal(file.entries[1].tier, 1);
}

TEST_THAT(prefixes_of_a_group_share_a_number)
{
	assert_int_equal(read_text("2001:db8:1:: group=b\n2001:db8:2::\n"
	                           "2001:db8:3:: group=a tier=1\n2001:db8:4:: drain group=b\n"
	                           "2001:db8:5:: group=A\n2001:db8:6::\n"),
	                 0);
	const struct prefix_entry *e = file.entries;
	assert_string_equal(e[0].group, "b");
	assert_string_equal(e[1].group, "");
	assert_int_equal(e[0].group_number, e[3].group_number);
	assert_int_equal(e[1].group_number, 0);
	assert_int_equal(e[5].group_number, 0);
	assert_int_not_equal(e[0].group_number, 0);
	assert_int_not_equal(e[0].group_number, e[2].group_number);
	assert_int_not_equal(e[2].group_number, e[4].group_number);
}

TEST_THAT(a_group_has_a_plain_name)
{
	assert_int_equal(read_text("2001:db8:1:: group=a.B_9-01234567890123456789012345\n"), 0);
#define EXPECTED                                                                         \
	"is not a group; expected group=NAME, a name of 1 to 32 letters, digits, dots, " \
	"underscores and hyphens\n"
	ASSERT_ERRORS("2001:db8:1:: group=\n2001:db8:2:: group=a/b\n2001:db8:3:: group=a group=a\n"
	              "2001:db8:4:: group=012345678901234567890123456789012\n",
	              "list:1: \"group=\" " EXPECTED "list:2: \"group=a/b\" " EXPECTED
	              "list:3: \"group=a\" is a second group\n"
	              "list:4: \"group=012345678901234567890123456789012\" " EXPECTED);
#undef EXPECTED
}

#define NO_PREFIX                                                                               \
	": not an IPv6 prefix; expected ADDRESS or ADDRESS/LENGTH, then tier=N, group=NAME or " \
	"drain; comments begin with #\n"

TEST_THAT(every_error_is_reported_with_its_line)
{
	ASSERT_ERRORS("2001:db8:1::/95\n2001:db8:2::\nhello\n2001:db8:0:0:100::\n",
	              "list:1: 2001:db8:1::/95: prefix length must be 32, 40, 48, 56, 64 or 96 "
	              "(RFC 6052)\n"
	              "list:3: hello" NO_PREFIX
	              "list:4: 2001:db8:0:0:100::: bits 64 to 71 must be zero (RFC 6052)\n");
}

/* Only the ends of the lines: what is wrong with the prefix is prefix_strerror's. */
TEST_THAT(what_was_meant_is_said)
{
	static const char *const meant[][2] = {
		{"2001:db8:3::1", "2001:db8:3::/96"},
		{"64:ff9b::192.0.0.170/96", "64:ff9b::/96"},
		{"2001:db8:1:2::3/64", "2001:db8:1:2::/64"},
		{"2001:db8:1::/96,", "2001:db8:1::/96"},
		{"2001:db8:1::/48;", "2001:db8:1::/48"},
		{"2001:db8:1::/96.", "2001:db8:1::/96"},
		{"2001:db8:1::/96\xc2\xa0", "2001:db8:1::/96"},
		{"2001:db8:1::/96\xc2\xa0tier=1", "2001:db8:1::/96"},
		{"\"2001:db8:1::/96\"", "2001:db8:1::/96"},
		{"[2001:db8:1::]/64", "2001:db8:1::/64"},
		{"2001:db8:1::/96,2001:db8:2::/96", "2001:db8:1::/96"},
	};
	char line[128], end[128];
	for (size_t i = 0; i < COUNT(meant); i++) {
		snprintf(line, sizeof(line), "%s\n", meant[i][0]);
		snprintf(end, sizeof(end), "; did you mean %s?\n", meant[i][1]);
		assert_non_null(strstr(CAPTURED(&capture, read_text(line)), end));
		assert_int_equal(file.count, 0);
	}
}

TEST_THAT(lines_of_other_languages_are_told_what_a_line_looks_like)
{
	ASSERT_ERRORS("// ours\n; ours\ndns64 2001:db8:1::/96 { };\n192.0.2.1\n",
	              "list:1: //" NO_PREFIX "list:2: ;" NO_PREFIX "list:3: dns64" NO_PREFIX
	              "list:4: 192.0.2.1" NO_PREFIX);
}

TEST_THAT(unknown_and_repeated_words_are_named)
{
	ASSERT_ERRORS("2001:db8:1:: teir=1\n2001:db8:2:: tier=10\n2001:db8:3:: tier=1 tier=2\n"
	              "2001:db8:4:: drain drain\n2001:db8:5:: tier=\n",
	              "list:1: \"teir=1\" is not known here; expected tier=N, group=NAME or drain, "
	              "and each prefix on its own line; comments begin with #\n"
	              "list:2: \"tier=10\" is not a tier; expected tier=0 to tier=9\n"
	              "list:3: \"tier=2\" is a second tier\n"
	              "list:4: \"drain\" is given twice\n"
	              "list:5: \"tier=\" is not a tier; expected tier=0 to tier=9\n");
}

TEST_THAT(errors_beyond_twenty_are_counted)
{
	char *content = NULL, *expected = NULL;
	size_t length = 0, expected_length = 0;
	FILE *stream = open_memstream(&content, &length);

	for (unsigned i = 0; i < 6044; i++)
		fputs("x\n", stream);
	fclose(stream);
	stream = open_memstream(&expected, &expected_length);
	for (unsigned i = 1; i <= 20; i++)
		fprintf(stream, "list:%u: x" NO_PREFIX, i);
	fputs("list: and 6024 more errors\n", stream);
	fclose(stream);
	assert_errors(content, length, expected);
	free(content);
	free(expected);
}

TEST_THAT(a_prefix_is_found_by_its_value)
{
	struct prefix absent;

	assert_int_equal(read_text("2001:db8:9::\n2001:db8:1::/64\n2001:db8:5:: drain\n"
	                           "2001:db8:3::\n"),
	                 0);
	for (size_t i = 0; i < file.count; i++)
		assert_int_equal(prefix_file_find(&file, &file.entries[i].prefix), i);
	assert_int_equal(prefix_parse(&absent, "2001:db8:1::/96"), PREFIX_OK);
	assert_int_equal(prefix_file_find(&file, &absent), file.count);
}

TEST_THAT(repeated_and_overlapping_prefixes_are_reported)
{
	ASSERT_ERRORS("2001:db8:1::\n2001:db8:2::\n2001:db8:1::/96\n2001:db8::/32\n",
	              "list:4: 2001:db8::/32 overlaps 2001:db8:1::/96 of line 1\n"
	              "list:3: 2001:db8:1::/96 repeats 2001:db8:1::/96 of line 1\n"
	              "list:4: 2001:db8::/32 overlaps 2001:db8:2::/96 of line 2\n");
}

TEST_THAT(a_file_without_prefixes_is_an_error)
{
	ASSERT_ERRORS("", "list: no prefix in the file; expected one a line\n");
	ASSERT_ERRORS("# nothing\n\n", "list: no prefix in the file; expected one a line\n");
}

TEST_THAT(nul_bytes_are_refused)
{
	ASSERT_ERRORS("2001:db8:1::\n2001:db8:2::\0 drain\n",
	              "list:2: NUL byte in the line; expected text\n");
}

TEST_THAT(control_bytes_do_not_reach_the_log)
{
	ASSERT_ERRORS("\x1b[2Jx\n", "list:1: ?[2Jx" NO_PREFIX);
}

TEST_THAT(a_byte_order_mark_is_named)
{
	static const char marked[] = "\xef\xbb\xbf"
				     "2001:db8:1::\n2001:db8:2::\n";

	assert_errors(marked, sizeof(marked) - 1,
	              "list:1: begins with a byte order mark; save the file as text without it\n");
}

TEST_THAT(an_endless_line_is_refused_and_the_rest_is_read)
{
	const size_t length = 1024 * 1024;
	char *content = malloc(length);

	memset(content, 'x', length);
	memcpy(content + length - 6, "\nhello", 6);
	assert_errors(content, length,
	              "list:1: line is longer than 1023 bytes\n"
	              "list:2: hello" NO_PREFIX);
	free(content);
}

TEST_THAT(a_file_beyond_all_bounds_is_refused)
{
	const size_t length = PREFIX_FILE_BYTES_MAX + 2;
	char *content = malloc(length);

	memset(content, '\n', length);
	memcpy(content, "2001:db8:1::", 12);
	assert_errors(content, length, "list: longer than 4194304 bytes\n");
	free(content);
}

TEST_THAT(too_many_prefixes_are_refused)
{
	char *content = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&content, &length);

	for (unsigned i = 0; i < PREFIX_FILE_PREFIXES_MAX + 100; i++)
		fprintf(stream, "2001:db8:%x:%x::\n", i / 256, i % 256);
	fclose(stream);
	/* The prefixes up to the bound are read, and the first beyond it ends the reading. */
	assert_errors(content, length, "list:16385: more than 16384 prefixes\n");
	free(content);
}

TEST_THAT(a_hundred_thousand_lines_are_read)
{
	char *content = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&content, &length);

	for (unsigned i = 0; i < 100000; i++)
		fprintf(stream, i % 10 ? "# comment\n" : "2001:db8:%x:%x::\n", i / 256, i % 256);
	fclose(stream);
	assert_int_equal(read_bytes(content, length), 0);
	assert_int_equal(file.count, 10000);
	assert_int_equal(file.entries[9999].line, 99991);
	free(content);
}

TEST_THAT(what_is_no_regular_file_is_refused_without_waiting)
{
	char directory[] = "/tmp/nat64-test-XXXXXX", fifo[64], expected[256];

	assert_non_null(mkdtemp(directory));
	snprintf(fifo, sizeof(fifo), "%s/list", directory);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	const char *const paths[] = {directory, fifo, "/dev/null"};
	for (size_t i = 0; i < COUNT(paths); i++) {
		snprintf(expected, sizeof(expected),
		         "%s: is not a regular file; expected a file with a prefix a line\n",
		         paths[i]);
		capture_begin(&capture);
		assert_int_equal(prefix_file_load(&file, paths[i]), -EINVAL);
		assert_string_equal(capture_end(&capture), expected);
	}
	unlink(fifo);
	rmdir(directory);
}

TEST_THAT(a_missing_file_is_reported)
{
	capture_begin(&capture);
	assert_int_equal(prefix_file_open("/nonexistent/list"), -ENOENT);
	assert_string_equal(
		capture_end(&capture),
		"/nonexistent/list: cannot open: No such file or directory; expected a file that "
		"BIND's user can read\n");
}

TEST_THAT(a_file_that_cannot_be_read_is_reported)
{
	int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	capture_begin(&capture);
	assert_true(prefix_file_read(&file, fd, "list") < 0);
	assert_string_equal(capture_end(&capture), "list: cannot read: Is a directory\n");
	assert_int_equal(close(fd), 0);
}

RUN_TESTS(file_init, file_free)
