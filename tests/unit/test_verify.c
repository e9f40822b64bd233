/* Asking BIND over UDP: what is sent, and what is said of each kind of answer, and of none. */
#include "unit.h"

#include "verify.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SERVER "::1#5300" /* a name only */

struct exchange {
	int server;
	struct verify verify;
	struct sockaddr_in6 client_at;
	uint8_t message[600];
	size_t length;
	struct answer answer;
	char reason[REASON_MAX];
};

static int exchange_begin(void **state)
{
	static struct exchange x;
	struct sockaddr_storage at = {0};
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	socklen_t length = sizeof(address);

	x = (struct exchange){.server = socket(AF_INET6, SOCK_DGRAM, 0)};
	if (bind(x.server, (struct sockaddr *)&address, length) != 0 ||
	    getsockname(x.server, (struct sockaddr *)&address, &length) != 0)
		return -1;
	memcpy(&at, &address, sizeof(address));
	*state = &x;
	return verify_open(&x.verify, &at, SERVER, x.reason);
}

static int exchange_end(void **state)
{
	struct exchange *x = *state;

	close(x->verify.fd);
	close(x->server);
	return 0;
}

/* A question comes, and stands in message as an answer to it. */
static void ask(struct exchange *x)
{
	socklen_t length = sizeof(x->client_at);

	verify_ask(&x->verify);
	ssize_t got = recvfrom(x->server, x->message, sizeof(x->message), 0,
	                       (struct sockaddr *)&x->client_at, &length);
	assert_int_equal(got, ANSWER_QUESTION_LENGTH);
	x->length = (size_t)got;
	x->message[2] |= 0x80; /* QR */
}

static enum verify_result reply(struct exchange *x)
{
	struct pollfd ready = {.fd = x->verify.fd, .events = POLLIN};

	assert_int_equal(sendto(x->server, x->message, x->length, 0,
	                        (struct sockaddr *)&x->client_at, sizeof(x->client_at)),
	                 (ssize_t)x->length);
	assert_int_equal(poll(&ready, 1, 1000), 1);
	x->reason[0] = '\0';
	return verify_read(&x->verify, &x->answer, x->reason);
}

static void asks_in_two_ways_in_turn(void **state)
{
	struct exchange *x = *state;

	ask(x);
	uint8_t first = x->message[2] & 1; /* RD */
	ask(x);
	assert_int_not_equal(x->message[2] & 1, first);
	ask(x);
	assert_int_equal(x->message[2] & 1, first);
}

static void answers_that_show_nothing_are_told_apart(void **state)
{
	static const struct {
		uint8_t flags, rcode;
		const char *reason;
	} cases[] = {
		{0, ns_r_noerror, "BIND at " SERVER " synthesizes nothing for us"},
		{0, ns_r_servfail, "BIND at " SERVER " answers SERVFAIL for ipv4only.arpa"},
		{0, ns_r_notauth, "BIND at " SERVER " answers with an error for ipv4only.arpa"},
		{0x02, ns_r_noerror, "the answer of BIND at " SERVER " does not fit a datagram"},
	};
	struct exchange *x = *state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(x);
		x->message[2] |= cases[i].flags;
		x->message[3] = cases[i].rcode;
		assert_int_equal(reply(x), VERIFY_NO_SHOW);
		if (strncmp(x->reason, cases[i].reason, strlen(cases[i].reason)) != 0)
			fail_msg("said: %s", x->reason);
	}
}

static void what_is_no_answer_is_nothing(void **state)
{
	struct exchange *x = *state;

	assert_int_equal(verify_read(&x->verify, &x->answer, x->reason), VERIFY_NOTHING);
	ask(x);
	x->message[0] ^= 1; /* of another question */
	assert_int_equal(reply(x), VERIFY_NOTHING);
	ask(x);
	x->length = sizeof(x->message); /* longer than an answer may be */
	assert_int_equal(reply(x), VERIFY_NOTHING);
	assert_string_equal(x->reason, "");
}

static void nobody_there_is_told_and_asked_again(void **state)
{
	struct exchange *x = *state;
	struct pollfd ready = {.fd = x->verify.fd, .events = POLLIN};

	close(x->server);
	for (int i = 0; i < 2; i++) {
		verify_ask(&x->verify);
		assert_int_equal(poll(&ready, 1, 1000), 1);
		assert_int_equal(verify_read(&x->verify, &x->answer, x->reason), VERIFY_NO_SERVER);
		assert_string_equal(x->reason, "nothing answers at " SERVER ": Connection refused");
	}
	/* An error that was not read must not cost a question. */
	verify_ask(&x->verify);
	assert_int_equal(poll(&ready, 1, 1000), 1);
	struct sockaddr_in6 at;
	socklen_t length = sizeof(at);
	assert_int_equal(getpeername(x->verify.fd, (struct sockaddr *)&at, &length), 0);
	x->server = socket(AF_INET6, SOCK_DGRAM, 0);
	assert_int_equal(bind(x->server, (struct sockaddr *)&at, length), 0);
	ask(x);
}

static void address_that_cannot_be_asked_is_named(void **state)
{
	struct exchange *x = *state;
	struct sockaddr_storage at = {0};
	struct sockaddr_in6 link_local = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
	struct verify v;

	inet_pton(AF_INET6, "fe80::1", &link_local.sin6_addr); /* of no interface */
	memcpy(&at, &link_local, sizeof(link_local));
	assert_int_equal(verify_open(&v, &at, "fe80::1#53", x->reason), -1);
	assert_int_equal(v.fd, -1);
	assert_string_equal(x->reason,
	                    "cannot ask BIND at fe80::1#53: Invalid argument (see --verify)");
	verify_ask(&v); /* asks nobody */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, exchange_begin, exchange_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(asks_in_two_ways_in_turn),
		TEST(answers_that_show_nothing_are_told_apart),
		TEST(what_is_no_answer_is_nothing),
		TEST(nobody_there_is_told_and_asked_again),
		TEST(address_that_cannot_be_asked_is_named),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
