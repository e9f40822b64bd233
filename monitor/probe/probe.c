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
		if (strncmp(methods[i]->name, name, length) == 0 && !methods[i]->name[length])
			return methods[i];
	}
	return NULL;
}

int probe_socket(int type, int protocol, const struct sockaddr_in6 *to,
                 const struct sockaddr_in6 *from, const void *bytes, size_t length)
{
	const int on = 1;
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		return -errno;
	/* Without RECVERR, "no route" and "address unreachable" are kept from datagram sockets. */
	if (setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof(on)) == 0 &&
	    (!from || bind(fd, (const struct sockaddr *)from, sizeof(*from)) == 0) &&
	    (connect(fd, (const struct sockaddr *)to, sizeof(*to)) == 0 || errno == EINPROGRESS) &&
	    (!bytes || sendto(fd, bytes, length, 0, NULL, 0) >= 0))
		return fd;
	int error = errno;
	close(fd);
	return -error;
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
