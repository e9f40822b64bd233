/*
 * What all probe methods share: their names, and a socket that is a new flow.
 */
#include "probe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct probe_method *probe_method_find(const char *name, size_t length)
{
	static const struct probe_method *const methods[] = {&probe_dns, &probe_tcp, &probe_icmp};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strlen(methods[i]->name) == length &&
		    strncmp(methods[i]->name, name, length) == 0)
			return methods[i];
	}
	return NULL;
}

static int socket_set_up(int fd, const struct sockaddr_in6 *to, const struct sockaddr_in6 *from)
{
	const int on = 1;

	/* Without it, Linux keeps "no route" and "address unreachable" from datagram sockets. */
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on)) != 0)
		return -errno;
	if (from && bind(fd, (const struct sockaddr *)from, sizeof(*from)) != 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)to, sizeof(*to)) != 0 && errno != EINPROGRESS)
		return -errno;
	return 0;
}

int probe_socket(int type, int protocol, const struct sockaddr_in6 *to,
                 const struct sockaddr_in6 *from)
{
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;

	int result = socket_set_up(fd, to, from);
	if (result != 0) {
		close(fd);
		return result;
	}
	return fd;
}
