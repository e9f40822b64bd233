/* What the service manager is told: read from the other end of the socket. */
#include "unit.h"

#include "capture.h"
#include "view/notify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct capture capture;
static struct notify notify;
static int manager;
static char name[64]; /* as in NOTIFY_SOCKET */

static void manager_listen(const char *at)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length;

	snprintf(name, sizeof(name), "%s.%d", at, (int)getpid());
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(manager, (struct sockaddr *)&address, length), 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static int manager_make(void **state)
{
	notify_forget_environment();
	manager_listen("@nat64-notify");
	return notify_open(&notify, getpid());
}

static int manager_remove(void **state)
{
	notify_close(&notify);
	close(manager);
	return 0;
}

/* Connects anew, with a manager that waits a minute for signs of life. */
static void watch(void)
{
	notify_close(&notify);
	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_open(&notify, getpid()), 0);
}

/* The next datagram, "" if there is none. */
static const char *heard(void)
{
	static char words[1024];
	ssize_t length = recv(manager, words, sizeof(words) - 1, 0);

	words[length > 0 ? length : 0] = '\0';
	return words;
}

static const char *heard_after(bool ready, const char *status, uint64_t now_us)
{
	notify_review(&notify, ready, status, now_us);
	return heard();
}

TEST_THAT(without_a_manager_nothing_happens)
{
	setenv("WATCHDOG_PID", "1", 1);
	setenv("WATCHDOG_USEC", "1", 1);
	notify_forget_environment();
	assert_null(getenv("WATCHDOG_PID"));
	assert_null(getenv("WATCHDOG_USEC"));
	notify_close(&notify);
	assert_int_equal(notify_open(&notify, getpid()), 0);
	assert_string_equal(heard_after(true, "well", SECOND_US), "");
	assert_true(notify_say(&notify, "STOPPING=1\n"));
	assert_string_equal(heard(), "");
	assert_true(notify.due_us == UINT64_MAX);
}

TEST_THAT(manager_is_told_of_start_change_and_end)
{
	assert_string_equal(heard_after(false, "begins", SECOND_US), "STATUS=begins\n");
	assert_string_equal(heard_after(true, "begins", SECOND_US), "READY=1\nSTATUS=begins\n");
	assert_string_equal(heard_after(true, "begins", 3 * SECOND_US), "");
	assert_string_equal(heard_after(true, "ill", 4 * SECOND_US), "STATUS=ill\n");
	assert_true(notify.due_us == UINT64_MAX);
	assert_true(notify_say(&notify, "STOPPING=%d\n", 1));
	assert_string_equal(heard(), "STOPPING=1\n");
}

TEST_THAT(longest_status_is_told_whole)
{
	char status[NOTIFY_STATUS_MAX];

	memset(status, 'x', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	watch();
	assert_int_equal(strlen(heard_after(true, status, SECOND_US)),
	                 sizeof(status) - 1 + strlen("READY=1\nSTATUS=\nWATCHDOG=1\n"));
}

TEST_THAT(signs_of_life_come_twice_a_period)
{
	watch();
	assert_string_equal(heard_after(true, "well", SECOND_US),
	                    "READY=1\nSTATUS=well\nWATCHDOG=1\n");
	assert_true(notify.due_us == 31 * SECOND_US);
	assert_string_equal(heard_after(true, "well", 31 * SECOND_US - 1), "");
	assert_string_equal(heard_after(true, "well", 31 * SECOND_US), "STATUS=well\nWATCHDOG=1\n");
	assert_true(notify.due_us == 61 * SECOND_US);
}

TEST_THAT(signs_of_life_are_the_main_process_own)
{
	static const struct {
		const char *pid, *usec;
		uint64_t wanted;
	} cases[] = {
		{"4711", "60000000", 60 * SECOND_US}, /* we are its child */
		{NULL, "60000000", 60 * SECOND_US},
		{"4712", "60000000", 0},
		{"4711x", "60000000", 0},
		{"4711", NULL, 0},
		{"4711", "", 0},
		{"4711", "-1", 0},
		{"4711", "99999999999999999999", 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		notify_forget_environment();
		setenv("NOTIFY_SOCKET", name, 1);
		if (cases[i].pid)
			setenv("WATCHDOG_PID", cases[i].pid, 1);
		if (cases[i].usec)
			setenv("WATCHDOG_USEC", cases[i].usec, 1);
		notify_close(&notify);
		assert_int_equal(notify_open(&notify, 4711), 0);
		assert_true(notify.watchdog_us == cases[i].wanted);
	}
}

/* What was lost is said again, but not at once: a manager that hangs must cost nothing. */
TEST_THAT(full_socket_is_tried_again_later)
{
	int told = 0;

	watch();
	while (write(notify.fd, "full", 4) == 4)
		told++;
	notify_review(&notify, true, "well", SECOND_US);
	assert_true(notify.due_us == 2 * SECOND_US);
	while (told-- > 0)
		assert_string_equal(heard(), "full");
	assert_string_equal(heard_after(true, "well", 2 * SECOND_US),
	                    "READY=1\nSTATUS=well\nWATCHDOG=1\n");
}

TEST_THAT(manager_that_is_gone_does_no_harm)
{
	close(manager);
	notify_review(&notify, true, "well", SECOND_US);
	assert_false(notify_say(&notify, "STOPPING=1\n"));
	assert_true(notify.due_us == 2 * SECOND_US);
}

TEST_THAT(socket_may_be_a_file)
{
	manager_remove(NULL);
	manager_listen("/tmp/nat64-notify");
	assert_int_equal(notify_open(&notify, getpid()), 0);
	unlink(name);
	assert_true(notify_say(&notify, "STOPPING=1\n"));
	assert_string_equal(heard(), "STOPPING=1\n");
}

TEST_THAT(wrong_socket_is_an_error_in_words)
{
	char longest[109];
	const struct {
		const char *name, *message;
	} cases[] = {
		{"", "expected /PATH or @NAME of less than 108 bytes"},
		{"/", "expected /PATH or @NAME"},
		{"@", "expected /PATH or @NAME"},
		{"run/notify", "NOTIFY_SOCKET=run/notify: expected /PATH or @NAME"},
		{longest, "expected /PATH or @NAME"},
		{"/nowhere/notify", "cannot reach the service manager at "
	                            "NOTIFY_SOCKET=/nowhere/notify: No such file"},
		{"@nat64-nobody", "Connection refused"},
	};

	memset(longest, '/', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < COUNT(cases); i++) {
		int result = 0;
		setenv("NOTIFY_SOCKET", cases[i].name, 1);
		notify_close(&notify);
		assert_non_null(strstr(CAPTURED(&capture, result = notify_open(&notify, getpid())),
		                       cases[i].message));
		assert_int_equal(result, -1);
		assert_int_equal(notify.fd, -1);
	}
}

RUN_TESTS(manager_make, manager_remove)
