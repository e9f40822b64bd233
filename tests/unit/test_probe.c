/* The probe methods against real sockets on the loopback: what is an answer, and what is not. */
#include "unit.h"

#include "probe/probe.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COOKIE 0xdeadbeefU

/* A server socket on a free port of ::1. */
static int server_open(int type, struct sockaddr_in6 *at)
{
	socklen_t length = sizeof(*at);
	int fd = socket(AF_INET6, type, 0);

	*at = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)at, sizeof(*at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &length), 0);
	return fd;
}

static enum probe_outcome outcome_of(const struct probe_method *method, int fd)
{
	struct pollfd ready = {.fd = fd, .events = method == &probe_tcp ? POLLOUT : POLLIN};

	assert_int_equal(poll(&ready, 1, 1000), 1);
	return method->receive(fd, COOKIE);
}

struct exchange {
	struct sockaddr_in6 server_at, client_at;
	int server, client;
	uint8_t query[64];
	size_t length;
};

static void exchange_begin(struct exchange *x)
{
	socklen_t length = sizeof(x->client_at);

	x->server = server_open(SOCK_DGRAM, &x->server_at);
	x->client = probe_dns.send(&x->server_at, NULL, COOKIE);
	assert_true(x->client >= 0);
	ssize_t got = recvfrom(x->server, x->query, sizeof(x->query), 0,
	                       (struct sockaddr *)&x->client_at, &length);
	assert_true(got > 0);
	x->length = (size_t)got;
}

static void exchange_end(struct exchange *x)
{
	close(x->server);
	close(x->client);
}

static void reply(struct exchange *x, int from, const uint8_t *bytes, size_t length)
{
	assert_int_equal(sendto(from, bytes, length, 0, (struct sockaddr *)&x->client_at,
	                        sizeof(x->client_at)),
	                 (ssize_t)length);
}

static void dns_query_is_root_soa_without_recursion(void **state)
{
	struct exchange x;
	ns_msg message;
	ns_rr question;

	exchange_begin(&x);
	assert_int_equal(ns_initparse(x.query, (int)x.length, &message), 0);
	assert_int_equal(ns_msg_id(message), COOKIE & 0xffff);
	assert_int_equal(ns_msg_getflag(message, ns_f_rd), 0);
	assert_int_equal(ns_msg_getflag(message, ns_f_qr), 0);
	assert_int_equal(ns_parserr(&message, ns_s_qd, 0, &question), 0);
	assert_string_equal(ns_rr_name(question), ".");
	assert_int_equal(ns_rr_type(question), ns_t_soa);
	exchange_end(&x);
}

static void dns_answer_of_any_rcode_counts(void **state)
{
	static const uint8_t rcodes[] = {ns_r_noerror, ns_r_servfail, ns_r_refused};

	for (size_t i = 0; i < COUNT(rcodes); i++) {
		struct exchange x;
		exchange_begin(&x);
		x.query[2] |= 0x80;
		x.query[3] = rcodes[i];
		reply(&x, x.server, x.query, x.length);
		assert_int_equal(outcome_of(&probe_dns, x.client), PROBE_ANSWERED);
		exchange_end(&x);
	}
}

/* Each of them is ignored, and the true answer behind it still counts. */
static void dns_answers_that_may_be_forged_are_ignored(void **state)
{
	static const struct {
		size_t at;
		uint8_t flip;
	} forgeries[] = {
		{0, 0x01},  /* id, first octet */
		{1, 0x80},  /* id, second */
		{2, 0x80},  /* QR: a question comes back */
		{2, 0x08},  /* opcode */
		{5, 0x03},  /* number of questions */
		{12, 0x01}, /* name */
		{14, 0x04}, /* type */
		{16, 0x02}, /* class */
	};

	for (size_t i = 0; i < COUNT(forgeries); i++) {
		struct exchange x;
		exchange_begin(&x);
		x.query[2] |= 0x80;
		uint8_t forged[sizeof(x.query)];
		memcpy(forged, x.query, x.length);
		forged[forgeries[i].at] ^= forgeries[i].flip;
		reply(&x, x.server, forged, x.length);
		assert_int_equal(outcome_of(&probe_dns, x.client), PROBE_WAIT);
		reply(&x, x.server, x.query, x.length);
		assert_int_equal(outcome_of(&probe_dns, x.client), PROBE_ANSWERED);
		exchange_end(&x);
	}
}

static void dns_answers_of_every_short_length_are_ignored(void **state)
{
	struct exchange x;

	exchange_begin(&x);
	x.query[2] |= 0x80;
	for (size_t length = 0; length < x.length; length++) {
		reply(&x, x.server, x.query, length);
		assert_int_equal(outcome_of(&probe_dns, x.client), PROBE_WAIT);
	}
	exchange_end(&x);
}

static void dns_answer_from_another_port_is_not_heard(void **state)
{
	struct sockaddr_in6 other_at;
	struct exchange x;

	exchange_begin(&x);
	int other = server_open(SOCK_DGRAM, &other_at);
	x.query[2] |= 0x80;
	reply(&x, other, x.query, x.length);
	assert_int_equal(probe_dns.receive(x.client, COOKIE), PROBE_WAIT);
	close(other);
	exchange_end(&x);
}

static void dns_to_a_closed_port_fails_at_once(void **state)
{
	struct sockaddr_in6 at;

	close(server_open(SOCK_DGRAM, &at));
	int fd = probe_dns.send(&at, NULL, COOKIE);
	assert_true(fd >= 0);
	assert_int_equal(outcome_of(&probe_dns, fd), PROBE_RESET);
	close(fd);
}

static void each_probe_has_a_source_port_of_its_own(void **state)
{
	struct exchange first, second;

	exchange_begin(&first);
	exchange_begin(&second);
	assert_int_not_equal(first.client_at.sin6_port, second.client_at.sin6_port);
	exchange_end(&first);
	exchange_end(&second);
}

static void tcp_handshake_is_an_answer(void **state)
{
	struct sockaddr_in6 at;

	int server = server_open(SOCK_STREAM, &at);
	assert_int_equal(listen(server, 1), 0);
	int fd = probe_tcp.send(&at, NULL, COOKIE);
	assert_true(fd >= 0);
	assert_int_equal(outcome_of(&probe_tcp, fd), PROBE_ANSWERED);
	close(fd);
	close(server);
}

static void tcp_reset_in_place_of_a_handshake_is_none(void **state)
{
	struct sockaddr_in6 at;

	close(server_open(SOCK_STREAM, &at));
	int fd = probe_tcp.send(&at, NULL, COOKIE);
	assert_true(fd >= 0);
	assert_int_equal(outcome_of(&probe_tcp, fd), PROBE_RESET);
	close(fd);
}

/* Whether it is seen before or after the reset is a matter of microseconds. */
static void tcp_connection_that_is_reset_was_answered(void **state)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct sockaddr_in6 at;

	int server = server_open(SOCK_STREAM, &at);
	assert_int_equal(listen(server, 1), 0);
	int fd = probe_tcp.send(&at, NULL, COOKIE);
	assert_true(fd >= 0);
	int accepted = accept(server, NULL, NULL);
	assert_int_equal(setsockopt(accepted, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
	close(accepted);
	assert_int_equal(outcome_of(&probe_tcp, fd), PROBE_ANSWERED);
	close(fd);
	close(server);
}

static void errors_are_told_apart(void **state)
{
	static const int icmp[] = {EHOSTUNREACH, ENETUNREACH, EACCES, EPROTO, ETIMEDOUT};

	assert_int_equal(probe_outcome_of(EAGAIN), PROBE_WAIT);
	assert_int_equal(probe_outcome_of(EINTR), PROBE_WAIT);
	assert_int_equal(probe_outcome_of(ECONNREFUSED), PROBE_RESET);
	for (size_t i = 0; i < COUNT(icmp); i++)
		assert_int_equal(probe_outcome_of(icmp[i]), PROBE_ICMP);
}

/* EINVAL is what a blackhole route gives, EACCES one that prohibits, EPERM a firewall. */
static void a_shortage_is_told_from_a_missing_way(void **state)
{
	static const int shortages[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN};
	static const int missing_ways[] = {EINVAL, EADDRNOTAVAIL, ENETUNREACH, EHOSTUNREACH,
	                                   EACCES, EPERM,         ENETDOWN,    ENOKEY};

	for (size_t i = 0; i < COUNT(shortages); i++)
		assert_true(probe_is_shortage(shortages[i]));
	for (size_t i = 0; i < COUNT(missing_ways); i++)
		assert_false(probe_is_shortage(missing_ways[i]));
}

static void probes_leave_from_the_source_that_was_given(void **state)
{
	const struct sockaddr_in6 from = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	const struct sockaddr_in6 foreign = {
		.sin6_family = AF_INET6, .sin6_addr.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	struct sockaddr_in6 at;

	int server = server_open(SOCK_DGRAM, &at);
	int fd = probe_dns.send(&at, &from, COOKIE);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(probe_dns.send(&at, &foreign, COOKIE), -EADDRNOTAVAIL);
	close(server);
}

static void methods_are_found_by_their_whole_name(void **state)
{
	assert_ptr_equal(probe_method_find("dns", 3), &probe_dns);
	assert_ptr_equal(probe_method_find("icmp:x", 4), &probe_icmp);
	assert_null(probe_method_find("dn", 2));
	assert_null(probe_method_find("dnsx", 4));
	assert_null(probe_method_find("", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns_query_is_root_soa_without_recursion),
		cmocka_unit_test(dns_answer_of_any_rcode_counts),
		cmocka_unit_test(dns_answers_that_may_be_forged_are_ignored),
		cmocka_unit_test(dns_answers_of_every_short_length_are_ignored),
		cmocka_unit_test(dns_answer_from_another_port_is_not_heard),
		cmocka_unit_test(dns_to_a_closed_port_fails_at_once),
		cmocka_unit_test(each_probe_has_a_source_port_of_its_own),
		cmocka_unit_test(tcp_handshake_is_an_answer),
		cmocka_unit_test(tcp_reset_in_place_of_a_handshake_is_none),
		cmocka_unit_test(tcp_connection_that_is_reset_was_answered),
		cmocka_unit_test(errors_are_told_apart),
		cmocka_unit_test(a_shortage_is_told_from_a_missing_way),
		cmocka_unit_test(probes_leave_from_the_source_that_was_given),
		cmocka_unit_test(methods_are_found_by_their_whole_name),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
