/*
 * The tcp method: a connection is set up and reset at once, which frees the translator's mapping
 * sooner than a close would. A reset in place of a SYN-ACK is no answer: gateways and firewalls on
 * the way send them for targets that they do not reach.
 */
#include "probe.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

static int tcp_send(const struct sockaddr_in6 *to, const struct sockaddr_in6 *from, uint32_t cookie)
{
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	int fd = probe_socket(SOCK_STREAM, 0, to, from, NULL, 0);

	(void)cookie; /* the handshake has sequence numbers of its own */
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	return fd;
}

static enum probe_outcome tcp_receive(int fd, uint32_t cookie)
{
	int error = 0;
	socklen_t length = sizeof(error);

	(void)cookie;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
		error = errno;
	/* The other two say that a connection was there, and was reset before we looked. */
	if (error == 0 || error == ECONNRESET || error == EPIPE)
		return PROBE_ANSWERED;
	return probe_outcome_of(error);
}

const struct probe_method probe_tcp = {
	.name = "tcp",
	.port = NS_DEFAULTPORT,
	.events = EPOLLOUT,
	.retransmit_us = 1000000, /* RFC 6298, 2.1; it tries the SYN again */
	.send = tcp_send,
	.receive = tcp_receive,
};
