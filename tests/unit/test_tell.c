/* When things are told: the status and metrics files, and the service manager. */
#include "view_fixture.h"

#include "view/metrics.h"
#include "view/status.h"
#include "view/tell.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct capture capture;
static struct files files;
static struct tell tell;
static uint64_t now_us;

static int tell_make(void **state)
{
	view_make(3, 1);
	now_us = view.now_us;
	assert_int_equal(files_open(&files, "/tmp/nat64-status", "/tmp/nat64-metrics"), 0);
	assert_int_equal(tell_open(&tell, &options, &files, now_us), 0);
	tell.view.list = &list;
	tell.view.sockets = &sockets;
	tell.view.output = &output;
	tell_list(&tell);
	return 0;
}

static int tell_remove(void **state)
{
	close(files.wake[0]);
	close(files.wake[1]);
	free(tell.history.prefixes);
	free(tell.history.spare);
	unsetenv("NOTIFY_SOCKET");
	return 0;
}

/* Whether there is a text to be written; then it is taken. */
static bool taken(enum files_number number)
{
	bool was = files.memory[number]->length != 0;

	files.memory[number]->length = 0;
	return was;
}

static void review_in(uint64_t duration_us)
{
	now_us += duration_us;
	tell_review(&tell, now_us);
}

/* The first texts are gone, and nothing has changed since. */
static void settle(void)
{
	review_in(SECOND_US);
	assert_true(taken(FILES_STATUS));
	assert_true(taken(FILES_METRICS));
}

static void status_is_written_every_second(void **state)
{
	settle();
	assert_true(tell_due(&tell) == now_us + STATUS_PERIOD_US);
	review_in(STATUS_PERIOD_US - 1);
	assert_false(taken(FILES_STATUS));
	review_in(1);
	assert_true(taken(FILES_STATUS));
}

static void metrics_are_written_every_10_s(void **state)
{
	settle();
	review_in(METRICS_PERIOD_US - 1);
	assert_false(taken(FILES_METRICS));
	review_in(1);
	assert_true(taken(FILES_METRICS));
}

static void a_change_hastens_both_but_not_without_bound(void **state)
{
	settle();
	tell_change(&tell);
	assert_true(tell_due(&tell) == now_us + STATUS_HASTE_US);
	review_in(STATUS_HASTE_US - 1);
	assert_false(taken(FILES_STATUS));
	review_in(1);
	assert_true(taken(FILES_STATUS));
	assert_false(taken(FILES_METRICS));
	tell_change(&tell);
	review_in(METRICS_HASTE_US - STATUS_HASTE_US);
	assert_true(taken(FILES_METRICS));
}

static void a_writer_that_hangs_is_not_waited_for_and_gets_the_newest(void **state)
{
	settle();
	review_in(SECOND_US);
	char *text = files.memory[FILES_STATUS]->text;
	ASSERT_HOLDS(text, "3 of 3 healthy");
	played.summary.healthy = 2;
	for (unsigned i = 0; i < 100; i++)
		review_in(SECOND_US);
	ASSERT_HOLDS(text, "3 of 3 healthy");
	assert_true(taken(FILES_STATUS));
	review_in(STATUS_HASTE_US);
	ASSERT_HOLDS(text, "2 of 3 healthy");
}

static void verdicts_are_counted_logged_and_hasten(void **state)
{
	const struct verdict up = {.prefix = 1, .state = PREFIX_UP, .cause = CAUSE_ANSWERS};

	settle();
	capture_begin(&capture);
	tell_verdict(&tell, &up);
	ASSERT_HOLDS(capture_end(&capture), "2001:db8:64:2::/96 is up");
	assert_true(tell.view.counters.ups == 1);
	review_in(STATUS_HASTE_US);
	assert_true(taken(FILES_STATUS));
}

/* Of a long list, which the page shows in part, it is looked at when it is visited next. */
static void a_prefix_that_is_judged_is_well_or_not_at_once(void **state)
{
	const struct verdict down = {.prefix = 1, .state = PREFIX_DOWN};

	tell.history.prefixes[1].well = true;
	capture_begin(&capture);
	tell_verdict(&tell, &down);
	capture_end(&capture);
	assert_false(tell.history.prefixes[1].well);
}

static void with_metrics_alone_a_change_keeps_nothing_hasty(void **state)
{
	struct files *f = tell.files;

	f->memory[FILES_STATUS] = NULL;
	review_in(METRICS_PERIOD_US);
	assert_true(taken(FILES_METRICS));
	tell_change(&tell);
	assert_true(tell_due(&tell) == now_us + STATUS_HASTE_US);
	review_in(STATUS_HASTE_US);
	assert_true(tell_due(&tell) == now_us + SECOND_US);
}

static void without_files_and_news_nothing_is_due(void **state)
{
	static struct tell plain;

	assert_int_equal(tell_open(&plain, &options, NULL, now_us), 0);
	plain.view.list = &list;
	plain.view.sockets = &sockets;
	plain.view.output = &output;
	tell_list(&plain);
	assert_true(tell_due(&plain) <= now_us + SECOND_US);
	tell_review(&plain, now_us + SECOND_US);
	assert_true(tell_due(&plain) == UINT64_MAX);
	sockets.failing_us = now_us;
	assert_true(tell_due(&plain) < UINT64_MAX);
}

static void the_manager_is_told_late_rather_than_never_that_it_is_ready(void **state)
{
	static struct tell managed;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char name[64], heard[512] = "";
	int manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	snprintf(name, sizeof(name), "@nat64-tell.%d", (int)getpid());
	memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	assert_int_equal(bind(manager, (struct sockaddr *)&address,
	                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
	                 0);
	setenv("NOTIFY_SOCKET", name, 1);
	set_choose(NULL, 0);
	played.summary = (struct engine_summary){.prefixes = 3};
	assert_int_equal(tell_open(&managed, &options, NULL, now_us), 0);
	managed.view.list = &list;
	managed.view.sockets = &sockets;
	managed.view.output = &output;

	tell_review(&managed, now_us + SECOND_US);
	assert_true(recv(manager, heard, sizeof(heard) - 1, 0) > 0);
	assert_string_equal(heard, "STATUS=0 of 3 healthy, no set yet\n");
	tell_review(&managed, now_us + 10 * SECOND_US - 1);
	assert_int_equal(recv(manager, heard, sizeof(heard) - 1, 0), -1);
	tell_review(&managed, now_us + 10 * SECOND_US);
	memset(heard, 0, sizeof(heard));
	assert_true(recv(manager, heard, sizeof(heard) - 1, 0) > 0);
	assert_string_equal(heard, "READY=1\nSTATUS=0 of 3 healthy, no set yet\n");

	played.summary.silent = true;
	set_choose((const uint32_t[]){0, 1}, 2);
	memset(heard, 0, sizeof(heard));
	tell_review(&managed, now_us + 11 * SECOND_US);
	recv(manager, heard, sizeof(heard) - 1, 0);
	assert_string_equal(heard, "STATUS=0 of 3 healthy: 2001:db8:64:1::/96 2001:db8:64:2::/96; "
	                           "NOTHING ANSWERS through any prefix\n");
	close(manager);
	notify_close(&managed.notify);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tell_make, tell_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(status_is_written_every_second),
		TEST(metrics_are_written_every_10_s),
		TEST(a_change_hastens_both_but_not_without_bound),
		TEST(a_writer_that_hangs_is_not_waited_for_and_gets_the_newest),
		TEST(verdicts_are_counted_logged_and_hasten),
		TEST(a_prefix_that_is_judged_is_well_or_not_at_once),
		TEST(with_metrics_alone_a_change_keeps_nothing_hasty),
		TEST(without_files_and_news_nothing_is_due),
		TEST(the_manager_is_told_late_rather_than_never_that_it_is_ready),
	};

	return cmocka_run_group_tests_name("tell", tests, NULL, NULL);
}
