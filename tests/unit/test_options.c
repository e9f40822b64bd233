/* The command line of nat64-monitor: defaults, every option, and what is said of a wrong one. */
#include "unit.h"

#include "capture.h"
#include "log.h"
#include "options.h"

#include <string.h>

static struct capture capture;

#define WORDS_MAX 12

static int parse(struct options *o, const char *const *words)
{
	static char *argv[WORDS_MAX + 2];
	int argc = 0;

	argv[argc++] = (char *)(uintptr_t) "nat64-monitor";
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	argv[argc] = NULL;
	return options_parse(o, argc, argv);
}

#define PARSE(o, ...) parse(o, (const char *const[]){__VA_ARGS__, NULL})

#define ASSERT_WRONG(because, ...)                                                               \
	do {                                                                                     \
		struct options o_;                                                               \
		capture_begin(&capture);                                                         \
		int result_ = PARSE(&o_, __VA_ARGS__);                                           \
		const char *said_ = capture_end(&capture);                                       \
		assert_true(result_ < 0);                                                        \
		if (!strstr(said_, because) || strchr(said_, '\n') != said_ + strlen(said_) - 1) \
			fail_msg("said: %s", said_);                                             \
	} while (0)

static void defaults_are_those_of_the_manual(void **state)
{
	struct options o;
	(void)state;

	assert_int_equal(PARSE(&o, "prefixes"), 0);
	assert_int_equal(o.mode, MODE_RUN);
	assert_string_equal(o.prefixes, "prefixes");
	assert_string_equal(o.user, "bind");
	assert_null(o.command);
	assert_int_equal(o.interval_us, 2000000);
	assert_int_equal(o.heartbeat_us, 60000000);
	assert_int_equal(o.slack_us, 50000);
	assert_int_equal(o.size.min, 2);
	assert_int_equal(o.size.max, 3);
	assert_int_equal(o.targets.lists[0].count, 16);
	assert_int_equal(o.source.sin6_family, 0);
	assert_null(o.metrics);
}

static void every_option_is_read(void **state)
{
	struct options o;
	(void)state;

	assert_int_equal(PARSE(&o, "-i", "0.5", "-c1-4", "--slack=100", "--heartbeat", "30", "-u",
	                       "named", "prefixes", "-vv", "--check"),
	                 0);
	assert_int_equal(o.interval_us, 500000);
	assert_int_equal(o.size.min, 1);
	assert_int_equal(o.size.max, 4);
	assert_int_equal(o.slack_us, 100000);
	assert_int_equal(o.heartbeat_us, 30000000);
	assert_string_equal(o.user, "named");
	assert_int_equal(o.mode, MODE_CHECK);
	assert_int_equal(PARSE(&o, "-s", "2001:db8::1", "p"), 0);
	assert_int_equal(o.source.sin6_family, AF_INET6);
	assert_int_equal(PARSE(&o, "--metrics", "m.prom", "p", "--check"), 0);
	assert_string_equal(o.metrics, "m.prom");
	assert_int_equal(PARSE(&o, "--status", "/run/s", "p"), 0);
	assert_string_equal(o.status, "/run/s");
}

static void targets_replace_the_default_list(void **state)
{
	struct options o;
	(void)state;

	assert_int_equal(PARSE(&o, "-t", "dns:192.0.2.1", "--target=dns:192.0.2.2", "p"), 0);
	assert_int_equal(o.targets.methods, 1);
	assert_int_equal(o.targets.lists[0].count, 2);
}

static void words_behind_the_dashes_are_the_commands(void **state)
{
	struct options o;
	(void)state;

	assert_int_equal(PARSE(&o, "p", "--", "nat64-update", "-v", "--", "--help"), 0);
	assert_string_equal(o.command[0], "nat64-update");
	assert_string_equal(o.command[2], "--");
	assert_string_equal(o.command[3], "--help");
	assert_null(o.command[4]);
}

/* What is written of one message each of info and debug. */
static const char *chatter(void)
{
	capture_begin(&capture);
	log_info("info");
	log_debug("debug");
	const char *said = capture_end(&capture);
	log_set_level(LOG_NOTICE);
	return said;
}

static void each_v_says_more(void **state)
{
	struct options o;
	(void)state;

	log_set_level(LOG_NOTICE);
	assert_int_equal(PARSE(&o, "p"), 0);
	assert_string_equal(chatter(), "");
	assert_int_equal(PARSE(&o, "p", "-v"), 0);
	assert_string_equal(chatter(), "nat64health: info\n");
	assert_int_equal(PARSE(&o, "--verbose", "p", "-v"), 0);
	assert_string_equal(chatter(), "nat64health: info\nnat64health: debug\n");
}

static void a_wrong_word_is_named(void **state)
{
	(void)state;
	ASSERT_WRONG("unknown option \"--bogus\" (see nat64-monitor --help)", "--bogus", "p");
	ASSERT_WRONG("unknown option \"-x\"", "-vx", "p");
	ASSERT_WRONG("option \"--target\" needs a value (see nat64-monitor --help)", "p",
	             "--target");
	ASSERT_WRONG("\"hello\" is not a target", "-t", "hello", "p");
	ASSERT_WRONG("\"3-2\" is not a count; expected MIN-MAX", "-c", "3-2", "p");
	ASSERT_WRONG("\"0.05\" is not an interval; expected 0.1 to 3600 s", "-i", "0.05", "p");
	ASSERT_WRONG("\"3601\" is not an interval; expected 0.1 to 3600 s", "-i", "3601", "p");
	ASSERT_WRONG("\"61000\" is not a slack", "--slack", "61000", "p");
	ASSERT_WRONG("\"0\" is not a heartbeat", "--heartbeat", "0", "p");
	ASSERT_WRONG("\"192.0.2.1\" is not an IPv6 address", "-s", "192.0.2.1", "p");
	ASSERT_WRONG("\"ff02::1\" is not an IPv6 address", "-s", "ff02::1", "p");
	ASSERT_WRONG("\"\" is not a user name", "-u", "", "p");
	ASSERT_WRONG("\"\" is not a file name", "--metrics", "", "p");
	ASSERT_WRONG("\"--once\" prints its set and ends", "--metrics", "m", "--once", "p");
	ASSERT_WRONG("\"--once\" prints its set and ends", "--status", "m", "--once", "p");
}

static void wrong_numbers_of_words_are_told_apart(void **state)
{
	(void)state;
	ASSERT_WRONG("PREFIXES file is missing", "-v");
	ASSERT_WRONG("PREFIXES file is missing", "--", "nat64-update");
	ASSERT_WRONG("\"b\" is one word too many", "a", "b");
	ASSERT_WRONG("COMMAND is missing", "a", "--");
	ASSERT_WRONG("takes no COMMAND", "--once", "a", "--", "cat");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(every_option_is_read),
		cmocka_unit_test(targets_replace_the_default_list),
		cmocka_unit_test(words_behind_the_dashes_are_the_commands),
		cmocka_unit_test(each_v_says_more),
		cmocka_unit_test(a_wrong_word_is_named),
		cmocka_unit_test(wrong_numbers_of_words_are_told_apart),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
