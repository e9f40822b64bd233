/*
 * The dns method: a UDP query for ". SOA", recursion not desired. Any answer to it will do,
 * whatever its RCODE: the network is asked, not the server.
 */
#include "probe.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
	QR_BIT = 0x80,                     /* in the third octet (RFC 1035, section 4.1.1) */
	OPCODE_BITS = 0x78,                /* there, too */
	QUESTION_LENGTH = 1 + NS_QFIXEDSZ, /* the root, type, class */
	QUERY_LENGTH = NS_HFIXEDSZ + QUESTION_LENGTH,
};

static void query_build(uint8_t query[QUERY_LENGTH], uint32_t cookie)
{
	static const uint8_t after_id[] = {0, 0, 0, 1, 0,        0, 0,      0,
	                                   0, 0, 0, 0, ns_t_soa, 0, ns_c_in};

	query[0] = (uint8_t)(cookie >> 8);
	query[1] = (uint8_t)cookie;
	memcpy(query + 2, after_id, sizeof(after_id));
}

static int dns_send(const struct sockaddr_in6 *to, const struct sockaddr_in6 *from, uint32_t cookie)
{
	uint8_t query[QUERY_LENGTH];

	query_build(query, cookie);
	return probe_datagram(0, to, from, query, sizeof(query));
}

/* The socket is connected, so the answer comes from the asked address and port. */
static enum probe_outcome dns_receive(int fd, uint32_t cookie)
{
	uint8_t query[QUERY_LENGTH], answer[NS_PACKETSZ];
	ssize_t length = recvfrom(fd, answer, sizeof(answer), 0, NULL, NULL);

	if (length < 0)
		return probe_outcome_of(errno);
	query_build(query, cookie);
	if (length < QUERY_LENGTH || memcmp(answer, query, 2) != 0 || !(answer[2] & QR_BIT) ||
	    (answer[2] & OPCODE_BITS) != 0 || memcmp(answer + 4, query + 4, 2) != 0 ||
	    memcmp(answer + NS_HFIXEDSZ, query + NS_HFIXEDSZ, QUESTION_LENGTH) != 0)
		return PROBE_WAIT;
	return PROBE_ANSWERED;
}

const struct probe_method probe_dns = {
	.name = "dns",
	.port = NS_DEFAULTPORT,
	.events = EPOLLIN,
	.send = dns_send,
	.receive = dns_receive,
};
