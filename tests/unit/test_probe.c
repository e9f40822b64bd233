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

/* A query on its way: what the server has got of it, and from where. */
static struct sockaddr_in6 server_at, client_at;
static int server, client;
static uint8_t query[64];
static size_t query_length;

static int query_send(void **state)
{
	socklen_t length = sizeof(client_at);

	server = server_open(SOCK_DGRAM, &server_at);
	client = probe_dns.send(&server_at, NULL, COOKIE);
	assert_true(client >= 0);
	query_length = (size_t)recvfrom(server, query, sizeof(query), 0,
	                                (struct sockaddr *)&client_at, &length);
	assert_in_range(query_length, 1, sizeof(query));
	return 0;
}

static int query_end(void **state)
{
	close(server);
	close(client);
	return 0;
}

static void reply(int from, const uint8_t *bytes, size_t length)
{
	assert_int_equal(
		sendto(from, bytes, length, 0, (struct sockaddr *)&client_at, sizeof(client_at)),
		(ssize_t)length);
}

TEST_THAT(dns_query_is_root_soa_without_recursion_from_a_port_of_its_own)
{
	in_port_t first = client_at.sin6_port;
	ns_msg message;
	ns_rr question;

	assert_int_equal(ns_initparse(query, (int)query_length, &message), 0);
	assert_int_equal(ns_msg_id(message), COOKIE & 0xffff);
	assert_int_equal(ns_msg_getflag(message, ns_f_rd), 0);
	assert_int_equal(ns_msg_getflag(message, ns_f_qr), 0);
	assert_int_equal(ns_parserr(&message, ns_s_qd, 0, &question), 0);
	assert_string_equal(ns_rr_name(question), ".");
	assert_int_equal(ns_rr_type(question), ns_t_soa);
	close(server);
	int before = client;
	query_send(NULL);
	close(before);
	assert_int_not_equal(client_at.sin6_port, first);
}

TEST_THAT(dns_answer_of_any_rcode_counts)
{
	static const uint8_t rcodes[] = {ns_r_noerror, ns_r_servfail, ns_r_refused};

	query[2] |= 0x80;
	for (size_t i = 0; i < COUNT(rcodes); i++) {
		query[3] = rcodes[i];
		reply(server, query, query_length);
		assert_int_equal(outcome_of(&probe_dns, client), PROBE_ANSWERED);
	}
}

/* Each of them is ignored, and the true answer behind it still counts. */
TEST_THAT(dns_answers_that_may_be_forged_are_ignored)
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

	query[2] |= 0x80;
	for (size_t i = 0; i < COUNT(forgeries); i++) {
		query[forgeries[i].at] ^= forgeries[i].flip;
		reply(server, query, query_length);
		assert_int_equal(outcome_of(&probe_dns, client), PROBE_WAIT);
		query[forgeries[i].at] ^= forgeries[i].flip;
		reply(server, query, query_length);
		assert_int_equal(outcome_of(&probe_dns, client), PROBE_ANSWERED);
	}
	for (size_t length = 0; length < query_length; length++) {
		reply(server, query, length);
		assert_int_equal(outcome_of(&probe_dns, client), PROBE_WAIT);
	}
}

TEST_THAT(dns_answer_from_another_port_is_not_heard)
{
	struct sockaddr_in6 other_at;
	int other = server_open(SOCK_DGRAM, &other_at);

	query[2] |= 0x80;
	reply(other, query, query_length);
	assert_int_equal(probe_dns.receive(client, COOKIE), PROBE_WAIT);
	close(other);
}

TEST_THAT(a_closed_port_is_a_reset)
{
	static const struct {
		const struct probe_method *method;
		int type;
	} cases[] = {{&probe_dns, SOCK_DGRAM}, {&probe_tcp, SOCK_STREAM}};
	struct sockaddr_in6 at;

	for (size_t i = 0; i < COUNT(cases); i++) {
		close(server_open(cases[i].type, &at));
		int fd = cases[i].method->send(&at, NULL, COOKIE);
		assert_true(fd >= 0);
		assert_int_equal(outcome_of(cases[i].method, fd), PROBE_RESET);
		close(fd);
	}
}

/* Whether it is seen before or after the reset is a matter of microseconds. */
TEST_THAT(tcp_connection_is_an_answer_even_if_it_was_reset)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct sockaddr_in6 at;
	int listener = server_open(SOCK_STREAM, &at);

	assert_int_equal(listen(listener, 1), 0);
	for (unsigned i = 0; i < 2; i++) {
		int fd = probe_tcp.send(&at, NULL, COOKIE);
		assert_true(fd >= 0);
		int accepted = accept(listener, NULL, NULL);
		if (i == 1)
			setsockopt(accepted, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(accepted);
		assert_int_equal(outcome_of(&probe_tcp, fd), PROBE_ANSWERED);
		close(fd);
	}
	close(listener);
}

TEST_THAT(errors_are_told_apart)
{
	static const int icmp[] = {EHOSTUNREACH, ENETUNREACH, EACCES, EPROTO, ETIMEDOUT};

	assert_int_equal(probe_outcome_of(EAGAIN), PROBE_WAIT);
	assert_int_equal(probe_outcome_of(EINTR), PROBE_WAIT);
	assert_int_equal(probe_outcome_of(ECONNREFUSED), PROBE_RESET);
	for (size_t i = 0; i < COUNT(icmp); i++)
		assert_int_equal(probe_outcome_of(icmp[i]), PROBE_ICMP);
}

/* EINVAL is what a blackhole route gives, EACCES one that prohibits, EPERM a firewall. */
TEST_THAT(a_shortage_is_told_from_a_missing_way)
{
	static const int shortages[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN};
	static const int missing_ways[] = {EINVAL, EADDRNOTAVAIL, ENETUNREACH, EHOSTUNREACH,
	                                   EACCES, EPERM,         ENETDOWN,    ENOKEY};

	for (size_t i = 0; i < COUNT(shortages); i++)
		assert_true(probe_is_shortage(shortages[i]));
	for (size_t i = 0; i < COUNT(missing_ways); i++)
		assert_false(probe_is_shortage(missing_ways[i]));
}

TEST_THAT(probes_leave_from_the_source_that_was_given)
{
	const struct sockaddr_in6 from = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	const struct sockaddr_in6 foreign = {
		.sin6_family = AF_INET6, .sin6_addr.s6_addr = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
	int fd = probe_dns.send(&server_at, &from, COOKIE);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(probe_dns.send(&server_at, &foreign, COOKIE), -EADDRNOTAVAIL);
}

TEST_THAT(methods_are_found_by_their_whole_name)
{
	assert_ptr_equal(probe_method_find("dns", 3), &probe_dns);
	assert_ptr_equal(probe_method_find("icmp:x", 4), &probe_icmp);
	assert_null(probe_method_find("dn", 2));
	assert_null(probe_method_find("dnsx", 4));
	assert_null(probe_method_find("", 0));
}

RUN_TESTS(query_send, query_end)
