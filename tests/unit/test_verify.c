/* Asking BIND over UDP: what is sent, and what is said of each kind of answer, and of none. */
#include "unit.h"

#include "verify.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
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
	uint64_t now_us;
};

static struct log_problem problem;

static int exchange_begin(void **state)
{
	static struct exchange x;
	struct sockaddr_storage at = {.ss_family = AF_INET6};
	socklen_t length = sizeof(at);

	((struct sockaddr_in6 *)&at)->sin6_addr = in6addr_loopback;
	x = (struct exchange){.server = socket(AF_INET6, SOCK_DGRAM, 0), .now_us = HOUR_US};
	*state = &x;
	if (bind(x.server, (struct sockaddr *)&at, length) != 0 ||
	    getsockname(x.server, (struct sockaddr *)&at, &length) != 0)
		return -1;
	return verify_open(&x.verify, &at, SERVER, &problem);
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

/* What was made of it, ANSWER_IGNORED for nothing. */
static enum answer_kind reply(struct exchange *x)
{
	struct pollfd ready = {.fd = x->verify.fd, .events = POLLIN};

	assert_int_equal(sendto(x->server, x->message, x->length, 0,
	                        (struct sockaddr *)&x->client_at, sizeof(x->client_at)),
	                 (ssize_t)x->length);
	assert_int_equal(poll(&ready, 1, 1000), 1);
	return verify_read(&x->verify, &x->answer, x->now_us) ? x->answer.kind : ANSWER_IGNORED;
}

/* Adds 64:ff9b::192.0.0.170 with this TTL. */
static void address_add(struct exchange *x, uint32_t ttl)
{
	char record[] = "\xc0\x0c\0\034\0\1TTL.\0\020\0\x64\xff\x9b\0\0\0\0\0\0\0\0\300\0\0\252";
	uint32_t ttl_sent = htonl(ttl);

	memcpy(record + 6, &ttl_sent, sizeof(ttl_sent));
	memcpy(x->message + x->length, record, sizeof(record) - 1);
	x->length += sizeof(record) - 1;
	x->message[7] = 1;
}

static enum answer_kind exchange_answer(struct exchange *x, bool authoritative, uint32_t ttl)
{
	ask(x);
	if (authoritative)
		x->message[2] |= 0x04;
	address_add(x, ttl);
	return reply(x);
}

static void a_question_is_repeated_until_it_is_answered(void **state)
{
	struct exchange *x = *state;

	ask(x);
	uint16_t id = x->verify.id;
	ask(x);
	assert_int_equal(x->verify.id, id);
	assert_int_equal(reply(x), ANSWER_PLAIN);
	assert_int_equal(reply(x), ANSWER_IGNORED); /* the answer to the first */
	do
		ask(x);
	while (x->verify.id == id && reply(x) == ANSWER_PLAIN);
	assert_int_not_equal(x->verify.id, id);
}

static void the_way_of_asking_that_shows_prefixes_is_kept(void **state)
{
	struct exchange *x = *state;

	ask(x);
	uint8_t first = x->message[2] & 1; /* RD */
	x->message[2] |= 0x04;             /* it has the zone, and shows us nothing */
	assert_int_equal(reply(x), ANSWER_PLAIN);
	for (int i = 0; i < 3; i++) {
		ask(x);
		assert_int_not_equal(x->message[2] & 1, first);
		x->message[2] |= 0x04;
		address_add(x, 3600);
		assert_int_equal(reply(x), ANSWER_PREFIXES);
	}
}

/* A BIND without a dns64 block remembers that it found nothing elsewhere. */
static void a_bind_that_has_nothing_yet_is_rarely_asked_to_look_elsewhere(void **state)
{
	struct exchange *x = *state;
	unsigned recursive = 0;

	for (int i = 0; i < 16; i++) {
		ask(x);
		recursive += x->message[2] & 1;
		if (i < 4)
			assert_int_equal(recursive, 0);
		reply(x);
	}
	assert_in_range(recursive, 1, 4);
}

static void answers_that_show_nothing_are_told_apart(void **state)
{
	static const struct {
		uint8_t flags, rcode;
		enum answer_kind kind;
		const char *words;
	} cases[] = {
		{0, ns_r_noerror, ANSWER_PLAIN,
	         "shows no prefix for ipv4only.arpa: it has loaded no dns64 block, or its "
	         "\"mapped\" leaves 192.0.0.170 out, or \"clients\" or a view leaves localhost "
	         "out"},
		{0, ns_r_servfail, ANSWER_FAILED,
	         "answers the question for ipv4only.arpa with an error, rcode 2"},
		{0, ns_r_refused, ANSWER_FAILED,
	         "answers the question for ipv4only.arpa with an error, rcode 5"},
		{0x02, ns_r_noerror, ANSWER_CUT, "gives an answer that does not fit a datagram"},
	};
	struct exchange *x = *state;
	char words[VERIFY_WORDS_MAX];

	for (size_t i = 0; i < COUNT(cases); i++) {
		ask(x);
		x->message[2] |= cases[i].flags;
		x->message[3] = cases[i].rcode;
		assert_int_equal(reply(x), cases[i].kind);
		verify_explain(&x->verify, x->answer.kind, words);
		assert_memory_equal(words, "BIND at " SERVER " ", strlen("BIND at " SERVER " "));
		assert_string_equal(words + strlen("BIND at " SERVER " "), cases[i].words);
	}
}

static void an_answer_without_authority_is_a_caches(void **state)
{
	struct exchange *x = *state;
	char words[VERIFY_WORDS_MAX];

	assert_int_equal(exchange_answer(x, true, 3600), ANSWER_PREFIXES);
	assert_int_equal(exchange_answer(x, false, 3600), ANSWER_CACHED);
	verify_explain(&x->verify, ANSWER_CACHED, words);
	assert_string_equal(words, "what answers at " SERVER
	                           " is a cache, or BIND forwards ipv4only.arpa; name an address "
	                           "of BIND itself with --verify");
}

/* A cache counts down; a zone of one's own has a TTL that stays, or was lowered and stays. */
static void a_ttl_that_goes_down_is_a_caches(void **state)
{
	static const struct {
		uint64_t after_us;
		uint32_t ttl;
		enum answer_kind kind;
	} answers[] = {
		{0, 60, ANSWER_PREFIXES},
		{10 * MS_US, 60, ANSWER_PREFIXES},
		{SECOND_US, 3600, ANSWER_PREFIXES},
		{MINUTE_US, 3540, ANSWER_CACHED},
		{0, 3540, ANSWER_CACHED},
		{SECOND_US, 3539, ANSWER_CACHED},
		{HOUR_US, 3600, ANSWER_PREFIXES},
		{0, 60, ANSWER_CACHED},
		{3 * SECOND_US, 60, ANSWER_PREFIXES},
		{0, 60, ANSWER_PREFIXES},
	};
	struct exchange *x = *state;

	for (size_t i = 0; i < COUNT(answers); i++) {
		x->now_us += answers[i].after_us;
		assert_int_equal(exchange_answer(x, true, answers[i].ttl), answers[i].kind);
	}
}

static void what_is_no_answer_is_nothing(void **state)
{
	struct exchange *x = *state;

	assert_false(verify_read(&x->verify, &x->answer, x->now_us));
	ask(x);
	x->message[0] ^= 1; /* of another question */
	assert_int_equal(reply(x), ANSWER_IGNORED);
	ask(x);
	x->length = sizeof(x->message); /* longer than an answer may be */
	assert_int_equal(reply(x), ANSWER_IGNORED);
}

static void a_server_that_is_not_there_is_told_and_asked_again(void **state)
{
	struct exchange *x = *state;
	struct pollfd ready = {.fd = x->verify.fd, .events = POLLIN};
	char words[VERIFY_WORDS_MAX];

	close(x->server);
	for (int i = 0; i < 2; i++) {
		verify_ask(&x->verify);
		assert_int_equal(poll(&ready, 1, 1000), 1);
		assert_false(verify_read(&x->verify, &x->answer, x->now_us));
		verify_explain(&x->verify, ANSWER_IGNORED, words);
		assert_string_equal(words,
		                    "BIND at " SERVER " does not answer: Connection refused");
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
	assert_int_equal(reply(x), ANSWER_PLAIN);
	verify_explain(&x->verify, ANSWER_IGNORED, words);
	assert_string_equal(words, "BIND at " SERVER " does not answer");
}

static void address_that_cannot_be_asked_is_named(void **state)
{
	struct sockaddr_storage at = {.ss_family = AF_INET6};
	struct verify v;

	(void)state;
	inet_pton(AF_INET6, "fe80::1", &((struct sockaddr_in6 *)&at)->sin6_addr); /* no interface */
	log_set_level(-1);
	assert_int_equal(verify_open(&v, &at, "fe80::1#53", &problem), -EINVAL);
	assert_int_equal(v.fd, -1);
	assert_string_equal(problem.words, "cannot ask BIND at fe80::1#53: Invalid argument (see "
	                                   "--verify and --no-verify)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, exchange_begin, exchange_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_question_is_repeated_until_it_is_answered),
		TEST(the_way_of_asking_that_shows_prefixes_is_kept),
		TEST(a_bind_that_has_nothing_yet_is_rarely_asked_to_look_elsewhere),
		TEST(answers_that_show_nothing_are_told_apart),
		TEST(an_answer_without_authority_is_a_caches),
		TEST(a_ttl_that_goes_down_is_a_caches),
		TEST(what_is_no_answer_is_nothing),
		TEST(a_server_that_is_not_there_is_told_and_asked_again),
		TEST(address_that_cannot_be_asked_is_named),
	};

	return cmocka_run_group_tests_name("verify", tests, NULL, NULL);
}
