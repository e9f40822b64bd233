/* The words between supervisor and prober, both ends in one process. */
#include "unit.h"

#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int ends[2];

static int ends_make(void **state)
{
	(void)state;
	return control_open(ends);
}

static int ends_close(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void words_come_in_order_one_at_a_time(void **state)
{
	enum control_word word;
	int fd;

	(void)state;
	assert_int_equal(control_send(ends[0], CONTROL_TABLE, -1), 0);
	assert_int_equal(control_send(ends[0], CONTROL_REPEAT, -1), 0);

	assert_int_equal(control_receive(ends[1], &word, &fd), 1);
	assert_int_equal(word, CONTROL_TABLE);
	assert_int_equal(fd, -1);
	assert_int_equal(control_receive(ends[1], &word, &fd), 1);
	assert_int_equal(word, CONTROL_REPEAT);
	assert_int_equal(control_receive(ends[1], &word, &fd), 0);
}

static void a_descriptor_comes_along_and_is_closed_at_exec(void **state)
{
	enum control_word word;
	int fd, pipe_ends[2];
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(pipe_ends), 0);
	assert_int_equal(control_send(ends[0], CONTROL_LIST, pipe_ends[1]), 0);
	close(pipe_ends[1]);

	assert_int_equal(control_receive(ends[1], &word, &fd), 1);
	assert_int_equal(word, CONTROL_LIST);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(read(pipe_ends[0], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	close(fd);
	close(pipe_ends[0]);
}

static void the_end_of_the_other_side_is_told_apart_from_errors(void **state)
{
	enum control_word word;
	int fd;

	(void)state;
	close(ends[0]);
	assert_int_equal(control_receive(ends[1], &word, &fd), -EPIPE);
	assert_int_equal(control_send(ends[1], CONTROL_TAKEN, -1), -EPIPE);
	close(ends[1]);
	assert_int_equal(control_receive(ends[1], &word, &fd), -EBADF);
	assert_int_equal(control_send(ends[1], CONTROL_LIST, STDIN_FILENO), -EBADF);
	assert_int_equal(control_open(ends), 0);
}

static void a_side_that_does_not_read_is_not_waited_for(void **state)
{
	int result;

	(void)state;
	do
		result = control_send(ends[0], CONTROL_TABLE, -1);
	while (result == 0);
	assert_int_equal(result, -EAGAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, ends_make, ends_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_come_in_order_one_at_a_time),
		TEST(a_descriptor_comes_along_and_is_closed_at_exec),
		TEST(the_end_of_the_other_side_is_told_apart_from_errors),
		TEST(a_side_that_does_not_read_is_not_waited_for),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
