/* Set lines on standard output: a pipe whose reader is the test. */
#include "unit.h"

#include "capture.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENT 7

struct reader {
	int epoll, pipe[2], stdout_was;
	struct output output;
	char text[8192];
};

static struct prefix_set set_of(const char *a, const char *b)
{
	struct prefix_set set = {.count = 2};

	prefix_parse(&set.prefixes[0], a);
	prefix_parse(&set.prefixes[1], b);
	return set;
}

static int reader_open(void **state)
{
	struct reader *r = calloc(1, sizeof(*r));

	if (!r || pipe2(r->pipe, O_NONBLOCK) != 0)
		return -1;
	fflush(stdout); /* what cmocka has printed is not the reader's */
	r->stdout_was = dup(STDOUT_FILENO);
	dup2(r->pipe[1], STDOUT_FILENO);
	close(r->pipe[1]);
	r->epoll = epoll_create1(0);
	output_open(&r->output, r->epoll, EVENT, 60 * SECOND_US);
	*state = r;
	return 0;
}

static void stdout_restore(struct reader *r)
{
	fflush(stdout);
	dup2(r->stdout_was, STDOUT_FILENO);
}

static int reader_close(void **state)
{
	struct reader *r = *state;

	stdout_restore(r);
	close(r->stdout_was);
	close(r->pipe[0]);
	close(r->epoll);
	free(r);
	return 0;
}

/* Events of epoll that are there now, or 0. */
static uint32_t events(const struct reader *r)
{
	struct epoll_event event = {.events = 0};

	if (epoll_wait(r->epoll, &event, 1, 0) != 1)
		return 0;
	assert_int_equal(event.data.u32, EVENT);
	return event.events;
}

/* What goes out when epoll tells of room. */
static const char *written(struct reader *r)
{
	if (events(r) & EPOLLOUT)
		assert_int_equal(output_flush(&r->output), 0);
	ssize_t length = read(r->pipe[0], r->text, sizeof(r->text) - 1);
	r->text[length > 0 ? length : 0] = '\0';
	return r->text;
}

static void pipe_fill(const struct reader *r)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	(void)r;
	fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
	while (write(STDOUT_FILENO, "filler\n", 7) > 0)
		;
}

static void a_set_goes_out_once_there_is_room_and_is_counted(void **state)
{
	struct reader *r = *state;
	const struct prefix_set set = set_of("2001:db8:1::", "2001:db8:2::");

	assert_int_equal(output_set(&r->output, &set, SECOND_US), 0);
	assert_string_equal(written(r), "2001:db8:1::/96 2001:db8:2::/96\n");
	assert_true(r->output.lines == 1);
	assert_int_equal(events(r), 0);
}

static void it_is_repeated_at_its_heartbeat(void **state)
{
	struct reader *r = *state;
	const struct prefix_set set = set_of("2001:db8:1::", "2001:db8:2::");

	assert_true(output_due(&r->output) == UINT64_MAX);
	output_set(&r->output, &set, SECOND_US);
	written(r);
	assert_true(output_due(&r->output) == 61 * SECOND_US);
	output_review(&r->output, 61 * SECOND_US - 1);
	assert_string_equal(written(r), "");
	output_review(&r->output, 61 * SECOND_US);
	assert_string_equal(written(r), "2001:db8:1::/96 2001:db8:2::/96\n");
	assert_true(output_due(&r->output) == 121 * SECOND_US);
}

static void a_reader_that_hangs_gets_only_the_newest(void **state)
{
	struct reader *r = *state;
	const struct prefix_set old = set_of("2001:db8:1::", "2001:db8:2::");
	const struct prefix_set new = set_of("2001:db8:3::", "2001:db8:4::");

	pipe_fill(r);
	assert_int_equal(output_set(&r->output, &old, SECOND_US), 0);
	assert_int_equal(output_flush(&r->output), 0);
	assert_int_equal(events(r) & EPOLLOUT, 0);
	assert_int_equal(output_set(&r->output, &new, 2 * SECOND_US), 0);
	while (read(r->pipe[0], r->text, sizeof(r->text)) > 0)
		;
	assert_string_equal(written(r), "2001:db8:3::/96 2001:db8:4::/96\n");
	assert_string_equal(written(r), "");
}

static void nothing_goes_out_while_it_is_held(void **state)
{
	struct reader *r = *state;
	const struct prefix_set old = set_of("2001:db8:1::", "2001:db8:2::");
	const struct prefix_set new = set_of("2001:db8:3::", "2001:db8:4::");

	output_set(&r->output, &old, SECOND_US);
	output_hold(&r->output);
	assert_string_equal(written(r), "");
	output_set(&r->output, &new, 2 * SECOND_US);
	output_review(&r->output, 200 * SECOND_US);
	assert_string_equal(written(r), "");
	output_release(&r->output, 201 * SECOND_US);
	assert_string_equal(written(r), "2001:db8:3::/96 2001:db8:4::/96\n");
}

static void without_a_set_there_is_nothing_to_release(void **state)
{
	struct reader *r = *state;

	output_hold(&r->output);
	assert_int_equal(output_release(&r->output, SECOND_US), 0);
	assert_string_equal(written(r), "");
}

static void a_reader_that_is_gone_is_told_quietly(void **state)
{
	struct reader *r = *state;
	const struct prefix_set set = set_of("2001:db8:1::", "2001:db8:2::");
	static struct capture capture;

	signal(SIGPIPE, SIG_IGN);
	close(r->pipe[0]);
	assert_true(events(r) & EPOLLERR);
	capture_begin(&capture);
	output_set(&r->output, &set, SECOND_US);
	int result = output_flush(&r->output);
	const char *said = capture_end(&capture);
	stdout_restore(r);
	assert_int_equal(result, -EPIPE);
	assert_string_equal(said, "");
}

static void a_plain_file_takes_it_at_once(void **state)
{
	struct reader *r = *state;
	const struct prefix_set set = set_of("2001:db8:1::", "2001:db8:2::");
	FILE *file = tmpfile();
	struct output output;

	dup2(fileno(file), STDOUT_FILENO);
	output_open(&output, r->epoll, EVENT, SECOND_US);
	int result = output_set(&output, &set, SECOND_US);
	stdout_restore(r);
	rewind(file);
	assert_int_equal(result, 0);
	assert_non_null(fgets(r->text, sizeof(r->text), file));
	assert_string_equal(r->text, "2001:db8:1::/96 2001:db8:2::/96\n");
	fclose(file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reader_open, reader_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_set_goes_out_once_there_is_room_and_is_counted),
		TEST(it_is_repeated_at_its_heartbeat),
		TEST(a_reader_that_hangs_gets_only_the_newest),
		TEST(nothing_goes_out_while_it_is_held),
		TEST(without_a_set_there_is_nothing_to_release),
		TEST(a_reader_that_is_gone_is_told_quietly),
		TEST(a_plain_file_takes_it_at_once),
	};

	return cmocka_run_group_tests_name("output", tests, NULL, NULL);
}
