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
	QR_BIT = 0x80,      /* in the third octet (RFC 1035, section 4.1.1) */
	OPCODE_BITS = 0x78, /* there, too */
};

struct query {
	uint8_t id[2], flags[2], questions[2], others[6];
	uint8_t question[1 + NS_QFIXEDSZ]; /* the root, type, class */
};

static struct query query_of(uint32_t cookie)
{
	return (struct query){
		.id = {(uint8_t)(cookie >> 8), (uint8_t)cookie},
		.questions = {0, 1},
		.question = {0, 0, ns_t_soa, 0, ns_c_in},
	};
}

static int dns_send(const struct sockaddr_in6 *to, const struct sockaddr_in6 *from, uint32_t cookie)
{
	const struct query query = query_of(cookie);

	return probe_socket(SOCK_DGRAM, 0, to, from, &query, sizeof(query));
}

/* The socket is connected, so the answer comes from the asked address and port. */
static enum probe_outcome dns_receive(int fd, uint32_t cookie)
{
	const struct query query = query_of(cookie);
	struct query answer; /* and what follows, which does not matter */
	ssize_t length = recvfrom(fd, &answer, sizeof(answer), 0, NULL, NULL);

	if (length < 0)
		return probe_outcome_of(errno);
	if (length < (ssize_t)sizeof(answer) || memcmp(answer.id, query.id, 2) != 0 ||
	    !(answer.flags[0] & QR_BIT) || (answer.flags[0] & OPCODE_BITS) != 0 ||
	    memcmp(answer.questions, query.questions, 2) != 0 ||
	    memcmp(answer.question, query.question, sizeof(query.question)) != 0)
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
