/*
 * The prober's sandbox: the network, its set lines, and no file: the list of prefixes comes as an
 * open descriptor from the supervisor, and the writer replaces files for it.
 */
#include "prober_sandbox.h"

#include "sandbox.h"
#include "sandbox_calls.h"
#include "sandbox_landlock.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

/* DGRAM and STREAM are neighbours on every machine. */
#define TYPE_MIN ((SOCK_STREAM < SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM) | FLAGS)
#define TYPE_MAX ((SOCK_STREAM < SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM) | FLAGS)

static const struct sockaddr_in6 address = {.sin6_family = AF_INET6};
static int value;
static socklen_t length = sizeof(value);

/* clang-format off */
#define SOCKET(type, protocol) \
	SANDBOX_IF(socket, SANDBOX_INT(0, AF_INET6), SANDBOX_INT(1, (type) | FLAGS), \
		   SANDBOX_INT(2, protocol))
#define OPTION(call, level, option) \
	SANDBOX_IF(call, SANDBOX_INT(1, level), SANDBOX_INT(2, option))

static bool try_socket(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | FLAGS, 0);
	bool works = SANDBOX_WORKS(fd);

	close(fd);
	return works;
}
static SANDBOX_PURPOSE(sockets, "open a socket for a probe", try_socket,
	SOCKET(SOCK_DGRAM, 0), SOCKET(SOCK_STREAM, 0), SOCKET(SOCK_DGRAM, IPPROTO_ICMPV6));

SANDBOX_TRY(options, SANDBOX_BOTH(getsockopt(-1, SOL_SOCKET, SO_ERROR, &value, &length),
				  setsockopt(-1, IPPROTO_IPV6, IPV6_RECVERR, &value, sizeof(value))))
static SANDBOX_PURPOSE(options, "set a socket's options", try_options,
	OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVERR), OPTION(setsockopt, SOL_SOCKET, SO_LINGER),
	OPTION(getsockopt, SOL_SOCKET, SO_ERROR));

SANDBOX_TRY(connect, connect(-1, (const struct sockaddr *)&address, sizeof(address)))
static SANDBOX_PURPOSE(connects, "connect to a target", try_connect, SANDBOX_CALL(connect));

SANDBOX_TRY(bind, bind(-1, (const struct sockaddr *)&address, sizeof(address)))
static SANDBOX_PURPOSE(binds, "bind to the source address", try_bind, SANDBOX_CALL(bind));

SANDBOX_TRY(control, recvmsg(-1, &(struct msghdr){0}, 0))
static SANDBOX_PURPOSE(control, "hear the supervisor", try_control, SANDBOX_CALL(recvmsg));

/* Of another kind than a probe's. Three entries, since each takes one condition an argument. */
static SANDBOX_PURPOSE(other_sockets, "open another socket", NULL,
	SANDBOX_IF(socket, SANDBOX_NOT(0, AF_INET6)), SANDBOX_IF(socket, SANDBOX_BELOW(1, TYPE_MIN)),
	SANDBOX_IF(socket, SANDBOX_ABOVE(1, TYPE_MAX)));

/* Whether probes have a source address. */
static bool is_bound(const struct options *o)
{
	return o->source.sin6_family != 0;
}

struct sandbox_list prober_sandbox_list(const struct options *o)
{
	return (struct sandbox_list){
		.allowed = {
			/* probes */
			&sockets, &options, is_bound(o) ? &binds : NULL, &connects, &sandbox_send,
			&sandbox_receive, &sandbox_random, &sandbox_close,
			/* time, waiting, set lines and messages */
			&sandbox_clock, &sandbox_epoll, &sandbox_poll, &sandbox_write, &sandbox_exit,
			/* a new list of prefixes */
			&control, &sandbox_read,
		},
		.killed = {
			&sandbox_attack, &other_sockets, is_bound(o) ? NULL : &sandbox_attack_bind,
			&sandbox_attack_pidfd,
		},
	};
}
/* clang-format on */

/* Each port once: a rule more costs the kernel a little at every connection. */
static void port_allow(struct sandbox_landlock *rules, uint16_t port)
{
	for (size_t i = 0; i < rules->port_count; i++) {
		if (rules->tcp_ports[i] == port)
			return;
	}
	if (rules->port_count < SANDBOX_PORTS_MAX)
		rules->tcp_ports[rules->port_count++] = port;
}

int prober_sandbox_enter(const struct options *o)
{
	const struct sandbox_list list = prober_sandbox_list(o);
	struct sandbox_landlock rules = {.binds = is_bound(o)};

	for (unsigned m = 0; m < o->targets.methods; m++) {
		const struct target_list *targets = &o->targets.lists[m];
		for (unsigned i = 0; targets->method == &probe_tcp && i < targets->count; i++)
			port_allow(&rules, targets->targets[i].port);
	}
	if (sandbox_drop_privileges() < 0 || sandbox_landlock_enter(&rules) < 0)
		return -1;
	return sandbox_seccomp_enter(&list);
}
