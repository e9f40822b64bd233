/* The prefix file: what it may hold, and that every error is reported with its line. */
#include "unit.h"

#include "capture.h"
#include "prefix_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static struct capture capture;

static int descriptor_of(const char *content, size_t length)
{
	int fd = memfd_create("prefixes", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, length), (ssize_t)length);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static int read_bytes(struct prefix_file *file, const char *content, size_t length)
{
	return prefix_file_read(file, descriptor_of(content, length), "list");
}

static int read_text(struct prefix_file *file, const char *content)
{
	return read_bytes(file, content, strlen(content));
}

/* The content must be refused with exactly these messages, and give an empty list. */
static void assert_errors(const char *content, size_t length, const char *expected)
{
	struct prefix_file file;

	capture_begin(&capture);
	int result = read_bytes(&file, content, length);
	const char *said = capture_end(&capture);
	assert_string_equal(said, expected);
	assert_int_equal(result, -1);
	assert_int_equal(file.count, 0);
	assert_null(file.entries);
}

#define ASSERT_ERRORS(content, expected) assert_errors(content, sizeof(content) - 1, expected)

static void bare_addresses_one_a_line_are_enough(void **state)
{
	struct prefix_file file;
	(void)state;

	assert_int_equal(read_text(&file, "2001:db8:1::\n2001:db8:2::\n2001:db8:3::\n"), 0);
	assert_int_equal(file.count, 3);
	assert_int_equal(file.entries[2].prefix.len, 96);
	assert_int_equal(file.entries[2].tier, 0);
	assert_false(file.entries[2].drain);
	assert_int_equal(file.entries[2].line, 3);
	prefix_file_free(&file);
}

static void words_comments_and_blank_lines_are_read(void **state)
{
	struct prefix_file file;
	(void)state;

	assert_int_equal(read_text(&file,
	                           "# ours\n\n \t2001:db8:1::/64\ttier=2  drain # for repair\n"
	                           "2001:db8:2:: drain\n2001:db8:3:: tier=9#x"),
	                 0);
	assert_int_equal(file.count, 3);
	assert_int_equal(file.entries[0].tier, 2);
	assert_true(file.entries[0].drain);
	assert_int_equal(file.entries[0].line, 3);
	assert_true(file.entries[1].drain);
	assert_int_equal(file.entries[2].tier, 9);
	prefix_file_free(&file);
}

static void crlf_line_ends_are_accepted(void **state)
{
	struct prefix_file file;
	(void)state;

	assert_int_equal(read_text(&file, "2001:db8:1::\r\n\r\n2001:db8:2:: tier=1\r\n"), 0);
	assert_int_equal(file.count, 2);
	assert_int_equal(file.entries[1].tier, 1);
	prefix_file_free(&file);
}

static void every_error_is_reported_with_its_line(void **state)
{
	(void)state;
	ASSERT_ERRORS("2001:db8:1::/95\n2001:db8:2::\nhello\n2001:db8:3::1\n",
	              "list:1: 2001:db8:1::/95: prefix length must be 32, 40, 48, 56, 64 or 96 "
	              "(RFC 6052)\n"
	              "list:3: hello: not an IPv6 prefix; expected ADDRESS or ADDRESS/LENGTH\n"
	              "list:4: 2001:db8:3::1: bits behind the prefix length must be zero\n");
}

static void unknown_and_repeated_words_are_named(void **state)
{
	(void)state;
	ASSERT_ERRORS("2001:db8:1:: teir=1\n2001:db8:2:: tier=10\n2001:db8:3:: tier=1 tier=2\n"
	              "2001:db8:4:: drain drain\n2001:db8:5:: tier=\n",
	              "list:1: \"teir=1\" is not known here; expected tier=N or drain, and each "
	              "prefix on its own line\n"
	              "list:2: \"tier=10\" is not a tier; expected tier=0 to tier=9\n"
	              "list:3: \"tier=2\" is a second tier\n"
	              "list:4: \"drain\" is given twice\n"
	              "list:5: \"tier=\" is not a tier; expected tier=0 to tier=9\n");
}

static void repeated_and_overlapping_prefixes_are_reported(void **state)
{
	(void)state;
	ASSERT_ERRORS("2001:db8:1::\n2001:db8:2::\n2001:db8:1::/96\n2001:db8::/32\n",
	              "list:4: 2001:db8::/32 overlaps 2001:db8:1::/96 of line 1\n"
	              "list:3: 2001:db8:1::/96 repeats 2001:db8:1::/96 of line 1\n"
	              "list:4: 2001:db8::/32 overlaps 2001:db8:2::/96 of line 2\n");
}

static void a_file_without_prefixes_is_an_error(void **state)
{
	(void)state;
	ASSERT_ERRORS("", "list: no prefix in the file; expected one a line\n");
	ASSERT_ERRORS("# nothing\n\n", "list: no prefix in the file; expected one a line\n");
}

static void nul_bytes_are_refused(void **state)
{
	(void)state;
	ASSERT_ERRORS("2001:db8:1::\n2001:db8:2::\0 drain\n",
	              "list:2: NUL byte in the line; expected text\n");
}

static void control_bytes_do_not_reach_the_log(void **state)
{
	(void)state;
	ASSERT_ERRORS("\x1b[2Jx\n",
	              "list:1: ?[2Jx: not an IPv6 prefix; expected ADDRESS or ADDRESS/LENGTH\n");
}

static void a_byte_order_mark_is_named(void **state)
{
	static const char marked[] = "\xef\xbb\xbf"
				     "2001:db8:1::\n2001:db8:2::\n";
	(void)state;

	assert_errors(marked, sizeof(marked) - 1,
	              "list:1: begins with a byte order mark; save the file as text without it\n");
}

static void an_endless_line_is_refused_and_the_rest_is_read(void **state)
{
	const size_t length = 1024 * 1024;
	char *content = malloc(length);
	(void)state;

	memset(content, 'x', length);
	memcpy(content + length - 6, "\nhello", 6);
	assert_errors(content, length,
	              "list:1: line is longer than 1023 bytes\n"
	              "list:2: hello: not an IPv6 prefix; expected ADDRESS or ADDRESS/LENGTH\n");
	free(content);
}

static void a_file_beyond_all_bounds_is_refused(void **state)
{
	const size_t length = PREFIX_FILE_BYTES_MAX + 2;
	char *content = malloc(length);
	(void)state;

	memset(content, '\n', length);
	memcpy(content, "2001:db8:1::", 12);
	assert_errors(content, length, "list: longer than 16777216 bytes\n");
	free(content);
}

static void too_many_prefixes_are_refused(void **state)
{
	char *content = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&content, &length);
	(void)state;

	for (unsigned i = 0; i < PREFIX_FILE_PREFIXES_MAX + 100; i++)
		fprintf(stream, "2001:db8:%x:%x::\n", i / 256, i % 256);
	fclose(stream);
	/* The prefixes up to the bound are read, and the first beyond it ends the reading. */
	assert_errors(content, length, "list:16385: more than 16384 prefixes\n");
	free(content);
}

static void a_hundred_thousand_lines_are_read(void **state)
{
	struct prefix_file file;
	char *content = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&content, &length);
	(void)state;

	for (unsigned i = 0; i < 100000; i++)
		fprintf(stream, i % 10 ? "# comment\n" : "2001:db8:%x:%x::\n", i / 256, i % 256);
	fclose(stream);
	assert_int_equal(read_bytes(&file, content, length), 0);
	assert_int_equal(file.count, 10000);
	assert_int_equal(file.entries[9999].line, 99991);
	prefix_file_free(&file);
	free(content);
}

static void a_directory_or_a_missing_file_is_reported(void **state)
{
	struct prefix_file file;
	(void)state;

	capture_begin(&capture);
	assert_int_equal(prefix_file_load(&file, "/tmp"), -1);
	assert_string_equal(capture_end(&capture), "/tmp: cannot read: Is a directory\n");

	capture_begin(&capture);
	assert_int_equal(prefix_file_load(&file, "/nonexistent/list"), -1);
	assert_string_equal(
		capture_end(&capture),
		"/nonexistent/list: cannot open: No such file or directory; expected a file that "
		"BIND's user can read\n");
}

static void a_descriptor_that_is_not_for_reading_is_reported_and_closed(void **state)
{
	struct prefix_file file;
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	(void)state;

	capture_begin(&capture);
	assert_int_equal(prefix_file_read(&file, fd, "list"), -1);
	assert_string_equal(capture_end(&capture), "list: cannot read: Invalid argument\n");
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bare_addresses_one_a_line_are_enough),
		cmocka_unit_test(words_comments_and_blank_lines_are_read),
		cmocka_unit_test(crlf_line_ends_are_accepted),
		cmocka_unit_test(every_error_is_reported_with_its_line),
		cmocka_unit_test(unknown_and_repeated_words_are_named),
		cmocka_unit_test(repeated_and_overlapping_prefixes_are_reported),
		cmocka_unit_test(a_file_without_prefixes_is_an_error),
		cmocka_unit_test(nul_bytes_are_refused),
		cmocka_unit_test(control_bytes_do_not_reach_the_log),
		cmocka_unit_test(a_byte_order_mark_is_named),
		cmocka_unit_test(an_endless_line_is_refused_and_the_rest_is_read),
		cmocka_unit_test(a_file_beyond_all_bounds_is_refused),
		cmocka_unit_test(too_many_prefixes_are_refused),
		cmocka_unit_test(a_hundred_thousand_lines_are_read),
		cmocka_unit_test(a_directory_or_a_missing_file_is_reported),
		cmocka_unit_test(a_descriptor_that_is_not_for_reading_is_reported_and_closed),
	};

	return cmocka_run_group_tests_name("prefix_file", tests, NULL, NULL);
}
