/* COMMAND: where it is found, and that its process group ends with it. */
#include "unit.h"

#include "capture.h"
#include "clock.h"
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct capture capture;
static struct command command;
static sigset_t none;
static char mark[64];

/* A shell that runs the words, and whose $mark is a file; its input is the command's pipe. */
static void shell_start(const char *words)
{
	static char sh[] = "sh", c[] = "-c", script[256];
	static char *line[] = {sh, c, script, NULL};

	snprintf(script, sizeof(script), "mark=%s; %s", mark, words);
	assert_int_equal(command_open(&command, line, &none), 0);
	assert_true(command_start(&command) > 0);
}

/* Reaps as the supervisor does, until nothing is left or the time is over. */
static bool group_ends(uint64_t within_us)
{
	uint64_t end_us = clock_us() + within_us;

	while (command.group != 0 && clock_us() < end_us) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		command_review(&command, clock_us());
		usleep(1000);
	}
	return command.group == 0;
}

static int command_none(void **state)
{
	sigemptyset(&none);
	snprintf(mark, sizeof(mark), "/tmp/nat64-command.%d", (int)getpid());
	command = (struct command){.group = 0};
	return 0;
}

static int command_gone(void **state)
{
	if (command.group > 0)
		kill(-command.group, SIGKILL);
	command.kill_us = 1;
	group_ends(10 * SECOND_US);
	command_close(&command);
	free(command.path);
	return 0;
}

/* Waits until the shell has written to its $mark. */
static void mark_await(void)
{
	struct stat st;

	for (unsigned i = 0; i < 10000 && (stat(mark, &st) != 0 || st.st_size == 0); i++)
		usleep(1000);
	assert_int_equal(stat(mark, &st), 0);
	unlink(mark);
}

/* The program is found in a file whose path ends so. */
static void assert_found(const char *name, const char *end)
{
	char *found = command_find(name);

	assert_non_null(found);
	assert_string_equal(found + strlen(found) - strlen(end), end);
	free(found);
}

TEST_THAT(found_as_it_is_in_path_or_beside_this_program)
{
	char *path = strdup(getenv("PATH"));

	setenv("PATH", "/nowhere:/bin:/usr/bin", 1);
	assert_found("sh", "/bin/sh");
	assert_found("/bin/sh", "/bin/sh");
	assert_null(command_find("./sh"));
	assert_null(command_find("no-such-program"));
	setenv("PATH", "/nowhere", 1);
	assert_found("test_command", "/test_command");
	unsetenv("PATH");
	assert_found("test_command", "/test_command");
	setenv("PATH", path, 1);
	free(path);
}

TEST_THAT(one_that_is_nowhere_is_an_error_in_words)
{
	char name[] = "no-such-program", *line[] = {name, NULL};

	capture_begin(&capture);
	int result = command_open(&command, line, &none);
	assert_string_equal(capture_end(&capture),
	                    "nat64health: no program \"no-such-program\" to be found in PATH, nor "
	                    "beside nat64-monitor\n");
	assert_int_equal(result, 2);
}

TEST_THAT(one_that_may_run_is_left_alone)
{
	static const char words[] = "exec sleep 100";

	shell_start(words);
	command_review(&command, UINT64_MAX);
	assert_int_not_equal(command.group, 0);
	assert_int_equal(kill(command.group, 0), 0);
}

TEST_THAT(the_whole_pipeline_ends_with_it)
{
	static const char words[] = "sleep 100 | sleep 100 | cat";

	shell_start(words);
	command_end(&command, clock_us());
	assert_true(group_ends(10 * SECOND_US));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* The shell dies, and its children live on as ours, in its group. */
TEST_THAT(orphans_are_found_and_ended)
{
	static const char words[] = "sleep 100 & sleep 100 & echo > $mark; exit 1";
	pid_t group;

	shell_start(words);
	group = command.group;
	mark_await();
	assert_int_equal(waitpid(group, NULL, 0), group);
	command_end(&command, clock_us());
	assert_true(group_ends(10 * SECOND_US));
	assert_int_equal(kill(-group, 0), -1);
}

TEST_THAT(one_that_goes_on_after_term_is_killed)
{
	static const char words[] = "trap '' TERM; echo > $mark; while :; do sleep 1; done";
	uint64_t now_us = clock_us();

	shell_start(words);
	mark_await();
	command_end(&command, now_us);
	assert_true(command.kill_us == now_us + COMMAND_FAREWELL_US);
	command_end(&command, now_us + SECOND_US); /* it is not spared for that */
	assert_true(command.kill_us == now_us + COMMAND_FAREWELL_US);
	command_review(&command, now_us + COMMAND_FAREWELL_US);
	assert_true(group_ends(10 * SECOND_US));
}

TEST_THAT(a_new_one_reads_what_the_old_one_left)
{
	static const char words[] = "read line; echo \"$line\" > $mark";

	shell_start(words);
	command_end(&command, clock_us());
	assert_true(group_ends(10 * SECOND_US));
	assert_int_equal(write(command.pipe[1], "set\n", 4), 4);
	assert_true(command_start(&command) > 0);
	mark_await();
}

RUN_TESTS(command_none, command_gone)
