/* Set lines on standard output: a pipe whose reader is the test. */
#include "unit.h"

#include "capture.h"
#include "output.h"
#include "set_of.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENT 7
#define OLD   "2001:db8:1::/96 2001:db8:2::/96\n"
#define NEW   "2001:db8:3::/96 2001:db8:4::/96\n"

static int epoll, ends[2], stdout_was;
static struct output output;
static struct prefix_set old, new;
static char text[8192];

static int reader_open(void **state)
{
	(void)state;
	if (pipe2(ends, O_NONBLOCK) != 0)
		return -1;
	fflush(stdout); /* what cmocka has printed is not the reader's */
	stdout_was = dup(STDOUT_FILENO);
	dup2(ends[1], STDOUT_FILENO);
	close(ends[1]);
	epoll = epoll_create1(0);
	output_open(&output, epoll, EVENT, 60 * SECOND_US);
	old = set_of("2001:db8:1:: 2001:db8:2::");
	new = set_of("2001:db8:3:: 2001:db8:4::");
	return 0;
}

static void stdout_restore(void)
{
	fflush(stdout);
	dup2(stdout_was, STDOUT_FILENO);
}

static int reader_close(void **state)
{
	(void)state;
	stdout_restore();
	close(stdout_was);
	close(ends[0]);
	close(epoll);
	return 0;
}

/* Events of epoll that are there now, or 0. */
static uint32_t events(void)
{
	struct epoll_event event = {.events = 0};

	if (epoll_wait(epoll, &event, 1, 0) != 1)
		return 0;
	assert_int_equal(event.data.u32, EVENT);
	return event.events;
}

/* What goes out when epoll tells of room. */
static const char *written(void)
{
	if (events() & EPOLLOUT)
		assert_int_equal(output_flush(&output), 0);
	ssize_t length = read(ends[0], text, sizeof(text) - 1);
	text[length > 0 ? length : 0] = '\0';
	return text;
}

TEST_THAT(a_set_goes_out_once_there_is_room_and_is_counted)
{
	assert_int_equal(output_set(&output, &old, SECOND_US), 0);
	assert_string_equal(written(), OLD);
	assert_true(output.lines == 1);
	assert_int_equal(events(), 0);
}

TEST_THAT(a_set_of_none_is_no_line)
{
	const struct prefix_set none = {.count = 0};

	output_set(&output, &old, SECOND_US);
	assert_int_equal(output_set(&output, &none, SECOND_US), 0);
	assert_string_equal(written(), "");
	assert_true(output.lines == 0);
	assert_int_equal(events(), 0);
	assert_true(output_due(&output) == UINT64_MAX);
}

TEST_THAT(it_is_repeated_at_its_heartbeat)
{
	assert_true(output_due(&output) == UINT64_MAX);
	output_set(&output, &old, SECOND_US);
	written();
	assert_true(output_due(&output) == 61 * SECOND_US);
	output_review(&output, 61 * SECOND_US - 1);
	assert_string_equal(written(), "");
	output_review(&output, 61 * SECOND_US);
	assert_string_equal(written(), OLD);
	assert_true(output_due(&output) == 121 * SECOND_US);
}

TEST_THAT(a_reader_that_hangs_gets_only_the_newest)
{
	while (write(STDOUT_FILENO, "filler\n", 7) > 0)
		;
	assert_int_equal(output_set(&output, &old, SECOND_US), 0);
	assert_int_equal(output_flush(&output), 0);
	assert_int_equal(events() & EPOLLOUT, 0);
	assert_int_equal(output_set(&output, &new, 2 * SECOND_US), 0);
	while (read(ends[0], text, sizeof(text)) > 0)
		;
	assert_string_equal(written(), NEW);
	assert_string_equal(written(), "");
}

TEST_THAT(nothing_goes_out_while_it_is_held)
{
	output_set(&output, &old, SECOND_US);
	output_hold(&output);
	assert_string_equal(written(), "");
	output_set(&output, &new, 2 * SECOND_US);
	output_review(&output, 200 * SECOND_US);
	assert_string_equal(written(), "");
	output_release(&output, 201 * SECOND_US);
	assert_string_equal(written(), NEW);
}

TEST_THAT(without_a_set_there_is_nothing_to_release)
{
	output_hold(&output);
	assert_int_equal(output_release(&output, SECOND_US), 0);
	assert_string_equal(written(), "");
}

TEST_THAT(a_reader_that_is_gone_is_told_quietly)
{
	static struct capture capture;

	signal(SIGPIPE, SIG_IGN);
	close(ends[0]);
	assert_true(events() & EPOLLERR);
	capture_begin(&capture);
	output_set(&output, &old, SECOND_US);
	int result = output_flush(&output);
	const char *said = capture_end(&capture);
	stdout_restore();
	assert_int_equal(result, -EPIPE);
	assert_string_equal(said, "");
}

TEST_THAT(a_plain_file_takes_it_at_once)
{
	FILE *file = tmpfile();

	dup2(fileno(file), STDOUT_FILENO);
	output_open(&output, epoll, EVENT, SECOND_US);
	int result = output_set(&output, &old, SECOND_US);
	stdout_restore();
	rewind(file);
	assert_int_equal(result, 0);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_string_equal(text, OLD);
	fclose(file);
}

RUN_TESTS(reader_open, reader_close)
