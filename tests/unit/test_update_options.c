/* The command line of nat64-update: defaults, every option, and what is said of a wrong one. */
#include "unit.h"

#include "capture.h"
#include "log.h"
#include "update_options.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define WORDS_MAX 16

static struct capture captured;

static int parse(struct update_options *o, const char *const *words)
{
	static char *argv[WORDS_MAX + 2];
	int argc = 0;

	argv[argc++] = (char *)(uintptr_t) "nat64-update";
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	argv[argc] = NULL;
	return update_options_read(o, argc, argv);
}

#define PARSE(o, ...) parse(o, (const char *const[]){__VA_ARGS__, NULL})

/* Status and one line. */
#define ASSERT_WRONG(because, ...)                                                          \
	do {                                                                                \
		struct update_options o_;                                                   \
		capture_begin(&captured);                                                   \
		int result_ = PARSE(&o_, __VA_ARGS__);                                      \
		const char *said_ = capture_end(&captured);                                 \
		assert_int_equal(result_, -EINVAL);                                         \
		if (!strstr(said_, because) || strchr(said_, '\n') != strrchr(said_, '\n')) \
			fail_msg("said: %s", said_);                                        \
	} while (0)

static void defaults_are_those_of_the_manual(void **state)
{
	static const char *const none[] = {NULL};
	struct update_options o;
	(void)state;

	assert_int_equal(parse(&o, none), 0);
	assert_string_equal(o.output, "/var/lib/bind/dns64.conf");
	assert_string_equal(o.pid_file, "/run/named/named.pid");
	assert_string_equal(o.user, "bind");
	assert_null(o.allow);
	assert_null(o.include);
	assert_null(o.metrics);
	assert_int_equal(o.size.min, 2);
	assert_int_equal(o.size.max, 3);
	assert_true(o.verifies && o.signals && !o.dry_run && !o.check);
	assert_int_equal(o.timeout_s, 10);
	assert_string_equal(o.verify_name, "::1#53");
	const struct sockaddr_in6 *to = (const struct sockaddr_in6 *)&o.verify;
	assert_int_equal(to->sin6_family, AF_INET6);
	assert_int_equal(ntohs(to->sin6_port), 53);
	assert_true(IN6_IS_ADDR_LOOPBACK(&to->sin6_addr));
}

static void assert_names(const struct update_options *o)
{
	assert_string_equal(o->output, "out");
	assert_string_equal(o->pid_file, "pid");
	assert_string_equal(o->allow, "allow");
	assert_string_equal(o->user, "named");
	assert_int_equal(o->size.min, 1);
	assert_int_equal(o->size.max, 8);
}

static void every_option_is_read(void **state)
{
	struct update_options o;
	(void)state;

	assert_int_equal(
		PARSE(&o, "-o", "out", "-ppid", "-aallow", "-c", "1-8", "-u", "named", "-v"), 0);
	assert_names(&o);
	assert_int_equal(PARSE(&o, "--output", "out", "--pid-file=pid", "--allow", "allow",
	                       "--count", "1-8", "--user", "named"),
	                 0);
	assert_names(&o);
	assert_int_equal(PARSE(&o, "--options", "/etc/bind/o", "--metrics", "numbers", "--timeout",
	                       "0", "--check"),
	                 0);
	assert_string_equal(o.include, "/etc/bind/o");
	assert_string_equal(o.metrics, "numbers");
	assert_int_equal(o.timeout_s, 0);
	assert_true(o.check);
}

static void signalling_and_asking_are_two_things_and_the_last_word_counts(void **state)
{
	struct update_options o;
	(void)state;

	assert_int_equal(PARSE(&o, "--no-signal"), 0);
	assert_true(!o.signals && o.verifies);
	assert_int_equal(PARSE(&o, "--no-verify"), 0);
	assert_true(o.signals && !o.verifies);
	assert_int_equal(PARSE(&o, "--verify", "::1", "--no-verify", "--no-signal"), 0);
	assert_true(!o.signals && !o.verifies);
	assert_int_equal(PARSE(&o, "--no-verify", "--verify", "::1"), 0);
	assert_true(o.signals && o.verifies);
}

static void a_dry_run_touches_nothing(void **state)
{
	static const char *const words[] = {"-n", "--dry-run"};
	struct update_options o;
	(void)state;

	for (size_t i = 0; i < COUNT(words); i++) {
		assert_int_equal(PARSE(&o, "--metrics", "numbers", words[i]), 0);
		assert_true(o.dry_run && !o.signals && !o.verifies);
		assert_null(o.metrics);
	}
}

static void a_server_to_ask_is_an_address_and_perhaps_a_port(void **state)
{
	static const char *const bad[] = {
		"",
		"::1#x",
		"1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3:4:5:6:7:8:9:1:2:3",
		"localhost",
		"::1#",
		"::1#0",
		"::1#65536",
		"::1#-1",
		"::1#53x",
		"::1 #53",
		"[::1]",
		"::1#0000000053",
		"#53",
		"127.0.0.1:53"};
	struct update_options o;
	(void)state;

	assert_int_equal(PARSE(&o, "--verify", "2001:db8::1#5353"), 0);
	assert_true(o.verifies);
	assert_string_equal(o.verify_name, "2001:db8::1#5353");
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&o.verify;
	assert_int_equal(v6->sin6_family, AF_INET6);
	assert_int_equal(ntohs(v6->sin6_port), 5353);
	assert_int_equal(PARSE(&o, "--verify", "127.0.0.1"), 0);
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)&o.verify;
	assert_int_equal(v4->sin_family, AF_INET);
	assert_int_equal(ntohs(v4->sin_port), 53);
	assert_int_equal(ntohl(v4->sin_addr.s_addr), INADDR_LOOPBACK);
	for (size_t i = 0; i < COUNT(bad); i++)
		ASSERT_WRONG("is not a server; expected ADDRESS or ADDRESS#PORT", "--verify",
		             bad[i]);
}

static void a_wrong_word_is_named(void **state)
{
	(void)state;
	ASSERT_WRONG("unknown option \"--bogus\" (see nat64-update --help)", "--bogus");
	ASSERT_WRONG("unknown option \"-x\"", "-vx");
	ASSERT_WRONG("option \"--output\" needs a value (see nat64-update --help)", "--output");
	ASSERT_WRONG("option \"-o\" needs a value", "-o");
	ASSERT_WRONG("option \"-c\" needs a value", "-vc");
	ASSERT_WRONG("--count \"3-2\" is not a count; expected MIN-MAX", "--count", "3-2");
	ASSERT_WRONG("--count \"0-2\" is not a count", "-c0-2");
	ASSERT_WRONG("--output \"\" is not a name", "--output", "");
	ASSERT_WRONG("--timeout \"soon\" is not a timeout; expected 0 to 86400 seconds",
	             "--timeout", "soon");
	ASSERT_WRONG("--timeout \"86401\"", "--timeout", "86401");
	ASSERT_WRONG("unexpected argument \"file\"", "file");
	ASSERT_WRONG("unexpected argument \"-\"", "-v", "-");
	ASSERT_WRONG("--options \"options\" is not a path for BIND; expected an absolute one",
	             "--options", "options");
	ASSERT_WRONG("is not a path for BIND", "--options", "/a\"b");
	ASSERT_WRONG("--dry-run=yes", "--dry-run=yes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(every_option_is_read),
		cmocka_unit_test(signalling_and_asking_are_two_things_and_the_last_word_counts),
		cmocka_unit_test(a_dry_run_touches_nothing),
		cmocka_unit_test(a_server_to_ask_is_an_address_and_perhaps_a_port),
		cmocka_unit_test(a_wrong_word_is_named),
	};

	return cmocka_run_group_tests_name("update_options", tests, NULL, NULL);
}
