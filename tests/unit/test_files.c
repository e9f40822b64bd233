/* The status and the metrics file: from the prober's memory to the disk, by the writer. */
#include "unit.h"

#include "capture.h"
#include "view/files.h"
#include "view/status.h"
#include "writer_sandbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
	char dir[32], status[64], metrics[64];
	struct files files;
	pid_t writer;
	char text[1 << 17];
};

static struct capture capture;

/* In the place of the real one, which sanitizers do not survive. It has tests of its own. */
int writer_sandbox_enter(const struct writer_sandbox *s)
{
	(void)s;
	return 0;
}

static int place_make(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	*state = p;
	if (!p)
		return -1;
	strcpy(p->dir, "/tmp/nat64health-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->status, sizeof(p->status), "%s/status", p->dir);
	snprintf(p->metrics, sizeof(p->metrics), "%s/metrics", p->dir);
	return files_open(&p->files, p->status, p->metrics);
}

static void writer_start(struct place *p)
{
	p->writer = fork();
	if (p->writer == 0)
		_exit(files_run(&p->files));
	assert_true(p->writer > 0);
}

/* Nothing can come any more: it writes what is left, and ends. */
static void writer_wait(struct place *p)
{
	int status;

	close(p->files.wake[1]);
	assert_int_equal(waitpid(p->writer, &status, 0), p->writer);
	assert_int_equal(status, 0);
}

static int place_remove(void **state)
{
	struct place *p = *state;

	unlink(p->status);
	unlink(p->metrics);
	rmdir(p->dir);
	free(p);
	return 0;
}

static void text_leave(struct place *p, enum files_number number, const char *words)
{
	struct text text;

	assert_true(files_begin(&p->files, number, &text));
	text_add(&text, "%s", words);
	files_end(&p->files, number, &text);
}

static const char *file_read(struct place *p, const char *path)
{
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	p->text[fread(p->text, 1, sizeof(p->text) - 1, file)] = '\0';
	fclose(file);
	return p->text;
}

static void a_text_becomes_the_file_and_others_may_read_it(void **state)
{
	struct place *p = *state;
	struct stat st;

	writer_start(p);
	text_leave(p, FILES_STATUS, "the status\n");
	text_leave(p, FILES_METRICS, "the metrics\n");
	writer_wait(p);
	assert_string_equal(file_read(p, p->status), "the status\n");
	assert_string_equal(file_read(p, p->metrics), "the metrics\n");
	assert_int_equal(stat(p->status, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void while_a_text_waits_there_is_no_room_for_another(void **state)
{
	struct place *p = *state;
	struct text text;

	text_leave(p, FILES_STATUS, "old\n");
	assert_false(files_begin(&p->files, FILES_STATUS, &text));
	assert_true(files_begin(&p->files, FILES_METRICS, &text));
	writer_start(p);
	for (unsigned i = 0; i < 1000 && !files_begin(&p->files, FILES_STATUS, &text); i++)
		usleep(10000);
	text_leave(p, FILES_STATUS, "new\n");
	writer_wait(p);
	assert_string_equal(file_read(p, p->status), "new\n");
}

/* A pipe that nothing reads fills after 65,536 wake-ups: the prober must not wait for it. */
static void a_writer_that_hangs_is_not_waited_for(void **state)
{
	struct place *p = *state;

	for (unsigned i = 0; i < 100000; i++) {
		text_leave(p, FILES_STATUS, "words\n");
		p->files.memory[FILES_STATUS]->length = 0;
	}
	text_leave(p, FILES_STATUS, "the last\n");
	writer_start(p);
	writer_wait(p);
	assert_string_equal(file_read(p, p->status), "the last\n");
}

static void a_length_that_is_a_lie_is_cut(void **state)
{
	struct place *p = *state;

	text_leave(p, FILES_STATUS, "words");
	p->files.memory[FILES_STATUS]->length = UINT32_MAX;
	writer_start(p);
	writer_wait(p);
	assert_int_equal(strlen(file_read(p, p->status)), 5);
	struct stat st;
	assert_int_equal(stat(p->status, &st), 0);
	assert_int_equal(st.st_size, STATUS_TEXT_MAX);
}

static void a_failure_is_said_once_and_so_is_its_end(void **state)
{
	struct place *p = *state;
	char inside[80];

	assert_int_equal(mkdir(p->status, 0700), 0);
	snprintf(inside, sizeof(inside), "%s/file", p->status);
	fclose(fopen(inside, "w"));
	capture_begin(&capture);
	writer_start(p);
	struct text text;
	for (unsigned n = 0; n < 3; n++) {
		if (n == 2) {
			unlink(inside);
			rmdir(p->status);
		}
		text_leave(p, FILES_STATUS, "words\n");
		for (unsigned i = 0; i < 1000 && !files_begin(&p->files, FILES_STATUS, &text); i++)
			usleep(10000);
	}
	writer_wait(p);
	const char *said = capture_end(&capture);
	const char *first = strstr(said, "cannot rename ");
	assert_non_null(first);
	assert_null(strstr(first + 1, "cannot rename "));
	assert_non_null(strstr(first, "/status is written again\n"));
}

static void a_directory_that_cannot_be_written_is_an_error_in_words(void **state)
{
	struct files files;

	(void)state;
	capture_begin(&capture);
	int missing = files_open(&files, "/nowhere/status", NULL);
	int none = files_open(&files, NULL, "/tmp/");
	const char *said = capture_end(&capture);
	assert_int_equal(missing, -ENOENT);
	assert_int_equal(none, -EINVAL);
	assert_non_null(strstr(said, "cannot open directory /nowhere: No such file"));
	assert_non_null(strstr(said, "\"/tmp/\" does not name a file"));
}

static void without_files_there_is_no_room_and_no_writer(void **state)
{
	struct files files;
	struct text text;

	(void)state;
	assert_int_equal(files_open(&files, NULL, NULL), 0);
	assert_false(files_wanted(&files));
	assert_false(files_begin(&files, FILES_STATUS, &text));
	assert_false(files_begin(&files, FILES_METRICS, &text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_text_becomes_the_file_and_others_may_read_it),
		TEST(while_a_text_waits_there_is_no_room_for_another),
		TEST(a_writer_that_hangs_is_not_waited_for),
		TEST(a_length_that_is_a_lie_is_cut),
		TEST(a_failure_is_said_once_and_so_is_its_end),
		TEST(a_directory_that_cannot_be_written_is_an_error_in_words),
		TEST(without_files_there_is_no_room_and_no_writer),
	};

	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
