/* The status and the metrics file: from the prober's memory to the disk, by the writer. */
#include "unit.h"

#include "capture.h"
#include "view/files.h"
#include "writer_sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[32], status[64], metrics[64];
static struct files files;
static pid_t writer;
static struct capture capture;

/* In the place of the real one, which sanitizers do not survive. It has tests of its own. */
int writer_sandbox_enter(const struct writer_sandbox *s)
{
	return 0;
}

static int place_make(void **state)
{
	strcpy(dir, "/tmp/nat64health-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(status, sizeof(status), "%s/status", dir);
	snprintf(metrics, sizeof(metrics), "%s/metrics", dir);
	return files_open(&files, status, metrics);
}

static void writer_start(void)
{
	writer = fork();
	if (writer == 0)
		_exit(files_run(&files));
	assert_true(writer > 0);
}

/* Nothing can come any more: it writes what is left, and ends. */
static void writer_wait(void)
{
	int result;

	close(files.wake[1]);
	assert_int_equal(waitpid(writer, &result, 0), writer);
	assert_int_equal(result, 0);
}

static int place_remove(void **state)
{
	unlink(status);
	unlink(metrics);
	rmdir(dir);
	return 0;
}

/* As soon as there is room. */
static void text_leave(enum files_number number, const char *words)
{
	struct text text;
	unsigned tries = 1000;

	while (!files_begin(&files, number, &text) && --tries > 0)
		usleep(10000);
	assert_int_not_equal(tries, 0);
	text_add(&text, "%s", words);
	files_end(&files, number, &text);
}

static const char *file_read(const char *path)
{
	static char text[FILES_TEXT_MAX];
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

TEST_THAT(a_text_becomes_the_file_and_others_may_read_it)
{
	struct stat st;

	writer_start();
	text_leave(FILES_STATUS, "the status\n");
	text_leave(FILES_METRICS, "the metrics\n");
	writer_wait();
	assert_string_equal(file_read(status), "the status\n");
	assert_string_equal(file_read(metrics), "the metrics\n");
	assert_int_equal(stat(status, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

TEST_THAT(while_a_text_waits_there_is_no_room_for_another)
{
	struct text text;

	text_leave(FILES_STATUS, "old\n");
	assert_false(files_begin(&files, FILES_STATUS, &text));
	assert_true(files_begin(&files, FILES_METRICS, &text));
	writer_start();
	text_leave(FILES_STATUS, "new\n");
	writer_wait();
	assert_string_equal(file_read(status), "new\n");
}

/* A pipe that nothing reads fills after 65,536 wake-ups: the prober must not wait for it. */
TEST_THAT(a_writer_that_hangs_is_not_waited_for)
{
	for (unsigned i = 0; i < 100000; i++) {
		text_leave(FILES_STATUS, "words\n");
		files.memory[FILES_STATUS]->length = 0;
	}
	text_leave(FILES_STATUS, "the last\n");
	writer_start();
	writer_wait();
	assert_string_equal(file_read(status), "the last\n");
}

TEST_THAT(a_length_that_is_a_lie_is_cut)
{
	struct stat st;

	text_leave(FILES_STATUS, "words");
	files.memory[FILES_STATUS]->length = UINT32_MAX;
	writer_start();
	writer_wait();
	assert_int_equal(strlen(file_read(status)), 5);
	assert_int_equal(stat(status, &st), 0);
	assert_int_equal(st.st_size, FILES_TEXT_MAX);
}

TEST_THAT(a_failure_is_said_once_and_so_is_its_end)
{
	char inside[80];

	assert_int_equal(mkdir(status, 0700), 0);
	snprintf(inside, sizeof(inside), "%s/file", status);
	fclose(fopen(inside, "w"));
	capture_begin(&capture);
	writer_start();
	for (unsigned n = 0; n < 3; n++)
		text_leave(FILES_STATUS, "words\n");
	while (files.memory[FILES_STATUS]->length != 0)
		usleep(10000);
	unlink(inside);
	rmdir(status);
	text_leave(FILES_STATUS, "words\n");
	writer_wait();
	const char *said = capture_end(&capture);
	const char *first = strstr(said, "cannot rename ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "cannot rename "));
	assert_non_null(strstr(first, "/status is written again\n"));
}

TEST_THAT(a_directory_that_cannot_be_written_is_an_error_in_words)
{
	struct files none;
	int result = 0;

	assert_non_null(
		strstr(CAPTURED(&capture, result = files_open(&none, "/nowhere/status", NULL)),
	               "cannot open directory /nowhere: No such file"));
	assert_int_equal(result, -ENOENT);
	assert_non_null(strstr(CAPTURED(&capture, result = files_open(&none, NULL, "/tmp/")),
	                       "\"/tmp/\" does not name a file"));
	assert_int_equal(result, -EINVAL);
}

TEST_THAT(without_files_there_is_no_room_and_no_writer)
{
	struct files none;
	struct text text;

	assert_int_equal(files_open(&none, NULL, NULL), 0);
	assert_false(files_wanted(&none));
	assert_false(files_begin(&none, FILES_STATUS, &text));
	assert_false(files_begin(&none, FILES_METRICS, &text));
}

RUN_TESTS(place_make, place_remove)
