/*
 * Answers DNS queries on port 53 and TCP connections on 53 and 443 of whatever address they were
 * sent to: an Internet behind any number of prefixes, once a local route leads them here. Each
 * query comes back as its own answer.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define BACKLOG      4096
#define BUFFER_BYTES (8 << 20)
#define QR_BIT       0x80 /* RFC 1035, section 4.1.1 */

static int socket_bound(int type, uint16_t port)
{
	const struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	const int on = 1, bytes = BUFFER_BYTES;
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) != 0)
		err(1, "port %u", port);
	if (type == SOCK_STREAM && listen(fd, BACKLOG) != 0)
		err(1, "listen");
	if (type == SOCK_DGRAM &&
	    (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) != 0 ||
	     setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) != 0 ||
	     setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0))
		err(1, "setsockopt");
	return fd;
}

/* The control message that tells where the query was sent to also says where the answer is from. */
static void queries_answer(int fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} ancillary;
	struct sockaddr_in6 peer;
	uint8_t query[512];
	struct iovec iov = {.iov_base = query};
	struct msghdr message = {.msg_name = &peer, .msg_iov = &iov, .msg_iovlen = 1};

	for (;;) {
		message.msg_namelen = sizeof(peer);
		message.msg_control = &ancillary;
		message.msg_controllen = sizeof(ancillary);
		iov.iov_len = sizeof(query);
		ssize_t length = recvmsg(fd, &message, 0);
		if (length < 0)
			return;
		query[2] |= QR_BIT;
		struct iovec answer = {.iov_base = iov.iov_base, .iov_len = (size_t)length};
		message.msg_iov = &answer;
		if (sendmsg(fd, &message, 0) < 0)
			warn("sendmsg");
	}
}

static void connections_take(int fd)
{
	for (int connection; (connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0;)
		close(connection);
	if (errno != EAGAIN && errno != ECONNABORTED)
		warn("accept");
}

int main(void)
{
	struct pollfd ready[] = {
		{.fd = socket_bound(SOCK_DGRAM, 53), .events = POLLIN},
		{.fd = socket_bound(SOCK_STREAM, 53), .events = POLLIN},
		{.fd = socket_bound(SOCK_STREAM, 443), .events = POLLIN},
	};

	while (poll(ready, 3, -1) > 0) {
		queries_answer(ready[0].fd);
		connections_take(ready[1].fd);
		connections_take(ready[2].fd);
	}
	err(1, "poll");
}
