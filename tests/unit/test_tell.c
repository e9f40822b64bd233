/* When things are told: the status and metrics files, and the service manager. */
#include "view_fixture.h"

#include "view/metrics.h"
#include "view/status.h"
#include "view/tell.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct capture capture;
static struct files files;
static struct tell tell;
static uint64_t now_us;

static void tell_begin(struct files *in)
{
	assert_int_equal(tell_open(&tell, &view, in), 0);
	tell_list(&tell);
}

static void tell_end(void)
{
	free(tell.history.prefixes);
	free(tell.history.spare);
}

static int tell_make(void **state)
{
	view_make(3, 1);
	now_us = view.now_us;
	assert_int_equal(files_open(&files, "/tmp/nat64-status", "/tmp/nat64-metrics"), 0);
	tell_begin(&files);
	return 0;
}

static int tell_remove(void **state)
{
	close(files.wake[0]);
	close(files.wake[1]);
	tell_end();
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

/* The manager's next datagram, "" if there is none. */
static const char *heard(int fd)
{
	static char words[512];
	ssize_t length = recv(fd, words, sizeof(words) - 1, 0);

	words[length > 0 ? length : 0] = '\0';
	return words;
}

/* The first texts are gone, and nothing has changed since. */
static void settle(void)
{
	review_in(SECOND_US);
	assert_true(taken(FILES_STATUS));
	assert_true(taken(FILES_METRICS));
}

TEST_THAT(status_is_written_every_second_and_metrics_every_10_s)
{
	settle();
	assert_true(tell_due(&tell) == now_us + STATUS_PERIOD_US);
	review_in(STATUS_PERIOD_US - 1);
	assert_false(taken(FILES_STATUS));
	review_in(1);
	assert_true(taken(FILES_STATUS));
	review_in(METRICS_PERIOD_US - STATUS_PERIOD_US - 1);
	assert_false(taken(FILES_METRICS));
	review_in(1);
	assert_true(taken(FILES_METRICS));
}

TEST_THAT(a_change_hastens_both_but_not_without_bound)
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

TEST_THAT(a_writer_that_hangs_is_not_waited_for_and_gets_the_newest)
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

TEST_THAT(verdicts_are_counted_logged_and_hasten)
{
	const struct verdict up = {.prefix = 1, .state = PREFIX_UP, .cause = CAUSE_ANSWERS};

	settle();
	tell.history.prefixes[1].well = false;
	ASSERT_HOLDS(CAPTURED(&capture, tell_verdict(&tell, &up)), "2001:db8:64:2::/96 is up");
	assert_true(tell.view.counters.ups == 1);
	assert_true(tell.history.prefixes[1].well); /* it has its row before it is visited */
	review_in(STATUS_HASTE_US);
	assert_true(taken(FILES_STATUS));
}

TEST_THAT(with_metrics_alone_a_change_keeps_nothing_hasty)
{
	files.memory[FILES_STATUS] = NULL;
	review_in(METRICS_PERIOD_US);
	assert_true(taken(FILES_METRICS));
	tell_change(&tell);
	assert_true(tell_due(&tell) == now_us + STATUS_HASTE_US);
	review_in(STATUS_HASTE_US);
	assert_true(tell_due(&tell) == now_us + SECOND_US);
}

TEST_THAT(without_files_and_news_nothing_is_due)
{
	tell_end();
	tell_begin(NULL);
	assert_true(tell_due(&tell) <= now_us + SECOND_US);
	review_in(SECOND_US);
	assert_true(tell_due(&tell) == UINT64_MAX);
	sockets.failing_us = now_us;
	assert_true(tell_due(&tell) < UINT64_MAX);
}

TEST_THAT(the_manager_is_told_late_rather_than_never_that_it_is_ready)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	tell.notify.fd = pair[0];
	set_choose(NULL, 0);
	played.summary = (struct engine_summary){.prefixes = 3};

	review_in(SECOND_US);
	assert_string_equal(heard(pair[1]), "STATUS=0 of 3 healthy, no set yet\n");
	review_in(9 * SECOND_US - 1);
	assert_string_equal(heard(pair[1]), "");
	review_in(1);
	assert_string_equal(heard(pair[1]), "READY=1\nSTATUS=0 of 3 healthy, no set yet\n");

	played.summary.silent = true;
	set_choose((const uint32_t[]){0, 1}, 2);
	CAPTURED(&capture, review_in(SECOND_US));
	assert_string_equal(heard(pair[1]),
	                    "STATUS=0 of 3 healthy: 2001:db8:64:1::/96 2001:db8:64:2::/96; NOTHING "
	                    "ANSWERS through any prefix\n");
	sockets.failing_us = now_us - SOCKETS_STOPPED_US;
	sockets.error = ENETUNREACH;
	CAPTURED(&capture, review_in(SECOND_US));
	ASSERT_HOLDS(heard(pair[1]), "; NO PROBE CAN BE SENT: Network is unreachable\n");
	close(pair[0]);
	close(pair[1]);
}

RUN_TESTS(tell_make, tell_remove)
