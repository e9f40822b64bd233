/*
 * The icmp method: an echo request from an unprivileged socket. The kernel chooses the id, a new
 * one for each socket, and does the checksum; net.ipv4.ping_group_range says which groups may.
 */
#include "probe.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct echo {
	struct icmp6_hdr header;
	uint32_t cookie;
};

int probe_icmp_permitted(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int icmp_send(const struct sockaddr_in6 *to, const struct sockaddr_in6 *from,
                     uint32_t cookie)
{
	const struct echo echo = {.header.icmp6_type = ICMP6_ECHO_REQUEST, .cookie = cookie};

	return probe_socket(SOCK_DGRAM, IPPROTO_ICMPV6, to, from, &echo, sizeof(echo));
}

static enum probe_outcome icmp_receive(int fd, uint32_t cookie)
{
	struct echo echo;
	ssize_t length = recvfrom(fd, &echo, sizeof(echo), 0, NULL, NULL);

	if (length < 0)
		return probe_outcome_of(errno);
	if (length != sizeof(echo) || echo.header.icmp6_type != ICMP6_ECHO_REPLY ||
	    echo.cookie != cookie)
		return PROBE_WAIT;
	return PROBE_ANSWERED;
}

const struct probe_method probe_icmp = {
	.name = "icmp",
	.events = EPOLLIN,
	.send = icmp_send,
	.receive = icmp_receive,
};
