/* Messages on standard error. */
#include "unit.h"

#include "capture.h"
#include "log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct capture capture;

/* systemd.exec(5): lines to the journal begin with their priority, those to others do not. */
TEST_THAT(journal_is_told_priorities)
{
	char stream[64];
	struct stat st;

	capture_begin(&capture);
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_open("program");
	log_error("one");
	log_notice("two");
	log_file_error("list", 0, "three");
	setenv("JOURNAL_STREAM", "1:1", 1); /* somebody else's */
	log_open("program");
	log_error("four");
	unsetenv("JOURNAL_STREAM");
	log_open("nat64health");
	assert_string_equal(capture_end(&capture),
	                    "<3>one\n<5>two\n<3>list: three\nprogram: four\n");
}

TEST_THAT(name_that_is_too_long_leaves_room_for_what_is_wrong)
{
	static char name[LOG_MESSAGE_MAX + 1];

	memset(name, 'x', sizeof(name) - 1);
	assert_string_equal(CAPTURED(&capture, log_file_error(name, 0, "what is wrong")),
	                    "what is wrong\n");
}

TEST_THAT(what_lasts_is_said_once)
{
	static struct log_problem problem;

	capture_begin(&capture);
	log_problem(&problem, LOG_ERR, "no %s", "room");
	log_problem(&problem, LOG_ERR, "no %s", "room");
	log_problem(&problem, LOG_ERR, "no disk");
	assert_string_equal(capture_end(&capture), "nat64health: no room\nnat64health: no disk\n");
	assert_true(log_problem_over(&problem));
	assert_false(log_problem_over(&problem));
}

/* After the tests from here on, messages go where standard error was when the log was opened. */

/* Standard error is the writing end of a pipe, or of a pair of sockets. */
static int stderr_replace(int fd)
{
	int was = dup(STDERR_FILENO);

	dup2(fd, STDERR_FILENO);
	log_open("program");
	return was;
}

static void stderr_restore(int was)
{
	dup2(was, STDERR_FILENO);
	close(was);
	log_open("nat64health");
}

static size_t count_of(const char *text, const char *words)
{
	size_t count = 0;

	for (const char *at = text; (at = strstr(at, words)); at += strlen(words))
		count++;
	return count;
}

/* What is there to read, without waiting for more. */
static const char *drained(int fd)
{
	static char text[1 << 20];
	size_t length = 0;
	ssize_t got;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while ((got = read(fd, text + length, sizeof(text) - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	return text;
}

/* More lines than there is room for; then the reader goes on. */
static void reader_hangs(int reader, int writer)
{
	int was = stderr_replace(writer);
	char lost[64];

	for (unsigned i = 0; i < 20000; i++)
		log_error("line %u", i);
	const char *text = drained(reader);
	size_t whole = count_of(text, "program: line "), lines = count_of(text, "\n");
	log_error("the next");
	const char *rest = drained(reader);
	stderr_restore(was);
	close(reader);
	close(writer);

	snprintf(lost, sizeof(lost), "program: %zu log lines were lost\n", 20000 - whole);
	assert_true(whole > 100 && whole < 20000);
	assert_int_equal(lines, whole);
	assert_string_equal(strchr(rest, '\n') + 1, "program: the next\n");
	assert_memory_equal(rest, lost, strlen(lost));
}

TEST_THAT(a_full_pipe_loses_lines_and_says_how_many)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	reader_hangs(ends[0], ends[1]);
}

TEST_THAT(a_full_socket_loses_lines_and_says_how_many)
{
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	reader_hangs(ends[0], ends[1]);
}

/* Others that share the pipe wait as they did before. */
TEST_THAT(a_shared_pipe_stays_as_it_is_for_others)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	int was = stderr_replace(ends[1]);
	log_error("a line");
	stderr_restore(was);
	assert_int_equal(fcntl(ends[1], F_GETFL) & O_NONBLOCK, 0);
	assert_string_equal(drained(ends[0]), "program: a line\n");
	close(ends[0]);
	close(ends[1]);
}

RUN_TESTS(NULL, NULL)
