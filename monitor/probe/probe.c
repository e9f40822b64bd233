/*
 * What all probe methods share: their names, a socket that is a new flow, and what errors say.
 */
#include "probe.h"

#include "units.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

const struct probe_method *probe_method_find(const char *name, size_t length)
{
	static const struct probe_method *const methods[] = {&probe_dns, &probe_tcp, &probe_icmp};

	for (size_t i = 0; i < COUNT(methods); i++) {
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

int probe_datagram(int protocol, const struct sockaddr_in6 *to, const struct sockaddr_in6 *from,
                   const void *bytes, size_t length)
{
	int fd = probe_socket(SOCK_DGRAM, protocol, to, from);

	if (fd < 0)
		return fd;
	if (sendto(fd, bytes, length, 0, NULL, 0) < 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

bool probe_is_shortage(int error)
{
	switch (error) {
	case EMFILE: /* our descriptors */
	case ENFILE: /* the system's */
	case ENOMEM:
	case ENOBUFS: /* or the interface's queue is full */
	case EAGAIN:  /* no port is free */
	case ENOSPC:  /* epoll's watches */
		return true;
	default:
		return false;
	}
}

enum probe_outcome probe_outcome_of(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR:
		return PROBE_WAIT;
	case ECONNREFUSED:
		return PROBE_RESET;
	default:
		return PROBE_ICMP;
	}
}
