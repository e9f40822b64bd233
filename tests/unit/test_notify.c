/* What the service manager is told: read from the other end of the socket. */
#include "unit.h"

#include "capture.h"
#include "view/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct manager {
	int fd;
	char name[64]; /* as in NOTIFY_SOCKET */
	struct notify notify;
	char heard[1024];
};

static void socket_listen(struct manager *m, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));

	strcpy(m->name, name);
	memcpy(address.sun_path, name, strlen(name));
	if (name[0] == '@')
		address.sun_path[0] = '\0';
	m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(m->fd, (struct sockaddr *)&address, length), 0);
	setenv("NOTIFY_SOCKET", name, 1);
}

static int manager_make(void **state)
{
	struct manager *m = calloc(1, sizeof(*m));
	char name[64];

	if (!m)
		return -1;
	notify_forget_environment();
	snprintf(name, sizeof(name), "@nat64-notify.%d", (int)getpid());
	socket_listen(m, name);
	m->notify.fd = -1;
	*state = m;
	return 0;
}

static int manager_remove(void **state)
{
	struct manager *m = *state;

	notify_close(&m->notify);
	close(m->fd);
	if (m->name[0] == '/')
		unlink(m->name);
	notify_forget_environment();
	free(m);
	return 0;
}

/* The next datagram, "" if there is none. */
static const char *hear(struct manager *m)
{
	ssize_t length = recv(m->fd, m->heard, sizeof(m->heard) - 1, 0);

	m->heard[length > 0 ? length : 0] = '\0';
	return m->heard;
}

static void without_a_manager_nothing_happens(void **state)
{
	struct manager *m = *state;

	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	notify_review(&m->notify, true, "well", SECOND_US);
	assert_true(notify_say(&m->notify, "STOPPING=1\n"));
	assert_string_equal(hear(m), "");
	assert_true(m->notify.due_us == UINT64_MAX);
}

static void manager_is_told_of_start_change_and_end(void **state)
{
	struct manager *m = *state;

	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	notify_review(&m->notify, false, "begins", SECOND_US);
	assert_string_equal(hear(m), "STATUS=begins\n");
	notify_review(&m->notify, true, "well", 2 * SECOND_US);
	assert_string_equal(hear(m), "READY=1\nSTATUS=well\n");
	notify_review(&m->notify, true, "well", 3 * SECOND_US);
	assert_string_equal(hear(m), "");
	notify_review(&m->notify, true, "ill", 4 * SECOND_US);
	assert_string_equal(hear(m), "STATUS=ill\n");
	assert_true(m->notify.due_us == UINT64_MAX);
	assert_true(notify_say(&m->notify, "STOPPING=%d\n", 1));
	assert_string_equal(hear(m), "STOPPING=1\n");
}

static void ready_is_told_though_the_words_are_the_same(void **state)
{
	struct manager *m = *state;

	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	notify_review(&m->notify, false, "well", SECOND_US);
	hear(m);
	notify_review(&m->notify, true, "well", SECOND_US);
	assert_string_equal(hear(m), "READY=1\nSTATUS=well\n");
}

static void longest_status_is_told_whole(void **state)
{
	struct manager *m = *state;
	char status[NOTIFY_STATUS_MAX];

	memset(status, 'x', sizeof(status) - 1);
	status[sizeof(status) - 1] = '\0';
	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	notify_review(&m->notify, true, status, SECOND_US);
	assert_int_equal(strlen(hear(m)),
	                 sizeof(status) - 1 + strlen("READY=1\nSTATUS=\nWATCHDOG=1\n"));
}

static void signs_of_life_come_twice_a_period(void **state)
{
	struct manager *m = *state;

	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	notify_review(&m->notify, true, "well", SECOND_US);
	assert_string_equal(hear(m), "READY=1\nSTATUS=well\nWATCHDOG=1\n");
	assert_true(m->notify.due_us == 31 * SECOND_US);
	notify_review(&m->notify, true, "well", 31 * SECOND_US - 1);
	assert_string_equal(hear(m), "");
	notify_review(&m->notify, true, "well", 31 * SECOND_US);
	assert_string_equal(hear(m), "STATUS=well\nWATCHDOG=1\n");
	assert_true(m->notify.due_us == 61 * SECOND_US);
}

static void signs_of_life_are_the_main_process_own(void **state)
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
	struct manager *m = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		unsetenv("WATCHDOG_PID");
		unsetenv("WATCHDOG_USEC");
		if (cases[i].pid)
			setenv("WATCHDOG_PID", cases[i].pid, 1);
		if (cases[i].usec)
			setenv("WATCHDOG_USEC", cases[i].usec, 1);
		assert_int_equal(notify_open(&m->notify, 4711), 0);
		assert_true(m->notify.watchdog_us == cases[i].wanted);
		notify_close(&m->notify);
	}
}

/* What was lost is said again, but not at once: a manager that hangs must cost nothing. */
static void full_socket_is_tried_again_later(void **state)
{
	struct manager *m = *state;
	uint64_t now = SECOND_US;
	int told = 0;

	setenv("WATCHDOG_USEC", "60000000", 1);
	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	while (write(m->notify.fd, "full", 4) == 4)
		told++;
	notify_review(&m->notify, true, "well", now);
	assert_true(m->notify.due_us == now + SECOND_US);
	while (told-- > 0)
		assert_string_equal(hear(m), "full");
	notify_review(&m->notify, true, "well", now + SECOND_US);
	assert_string_equal(hear(m), "READY=1\nSTATUS=well\nWATCHDOG=1\n");
}

static void manager_that_is_gone_does_no_harm(void **state)
{
	struct manager *m = *state;

	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	close(m->fd);
	notify_review(&m->notify, true, "well", SECOND_US);
	assert_false(notify_say(&m->notify, "STOPPING=1\n"));
	assert_true(m->notify.due_us == 2 * SECOND_US);
}

static void socket_may_be_a_file(void **state)
{
	struct manager *m = *state;
	char name[64];

	close(m->fd);
	snprintf(name, sizeof(name), "/tmp/nat64-notify.%d", (int)getpid());
	socket_listen(m, name);
	assert_int_equal(notify_open(&m->notify, getpid()), 0);
	assert_true(notify_say(&m->notify, "STOPPING=1\n"));
	assert_string_equal(hear(m), "STOPPING=1\n");
}

static void wrong_socket_is_an_error_in_words(void **state)
{
	static const struct {
		const char *name, *message;
	} cases[] = {
		{"", "expected /PATH or @NAME of less than 108 bytes"},
		{"/", "expected /PATH or @NAME"},
		{"@", "expected /PATH or @NAME"},
		{"run/notify", "NOTIFY_SOCKET=run/notify: expected /PATH or @NAME"},
		{"vsock:2:1234", "expected /PATH or @NAME"},
		{"/nowhere/notify", "cannot reach the service manager at "
	                            "NOTIFY_SOCKET=/nowhere/notify: No such file"},
		{"@nat64-nobody", "Connection refused"},
	};
	struct manager *m = *state;
	struct capture capture;
	char longest[256];

	for (size_t i = 0; i < COUNT(cases); i++) {
		setenv("NOTIFY_SOCKET", cases[i].name, 1);
		capture_begin(&capture);
		int result = notify_open(&m->notify, getpid());
		const char *words = capture_end(&capture);
		assert_int_equal(result, -1);
		assert_int_equal(m->notify.fd, -1);
		assert_non_null(strstr(words, cases[i].message));
	}
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[108] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	capture_begin(&capture);
	int result = notify_open(&m->notify, getpid());
	const char *words = capture_end(&capture);
	assert_int_equal(result, -1);
	assert_non_null(strstr(words, "expected /PATH or @NAME"));
}

static void environment_is_forgotten(void **state)
{
	setenv("WATCHDOG_PID", "1", 1);
	setenv("WATCHDOG_USEC", "1", 1);
	notify_forget_environment();
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_PID"));
	assert_null(getenv("WATCHDOG_USEC"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, manager_make, manager_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_manager_nothing_happens),
		TEST(manager_is_told_of_start_change_and_end),
		TEST(longest_status_is_told_whole),
		TEST(ready_is_told_though_the_words_are_the_same),
		TEST(signs_of_life_come_twice_a_period),
		TEST(signs_of_life_are_the_main_process_own),
		TEST(full_socket_is_tried_again_later),
		TEST(manager_that_is_gone_does_no_harm),
		TEST(socket_may_be_a_file),
		TEST(wrong_socket_is_an_error_in_words),
		TEST(environment_is_forgotten),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
