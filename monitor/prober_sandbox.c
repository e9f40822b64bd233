/*
 * The prober's sandbox: the network, its set lines, and, if asked for, one file of metrics that is
 * replaced. No file can be read: the prefix file comes as an open descriptor, from the supervisor.
 */
#include "prober_sandbox.h"

#include "sandbox.h"
#include "sandbox_calls.h"
#include "sandbox_landlock.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

/* DGRAM and STREAM are neighbours on every machine. */
#define TYPE_MIN ((SOCK_STREAM < SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM) | FLAGS)
#define TYPE_MAX ((SOCK_STREAM < SOCK_DGRAM ? SOCK_DGRAM : SOCK_STREAM) | FLAGS)

/* clang-format off */
#define SOCKET(type, protocol) \
	SANDBOX_CALL_IF(socket, SANDBOX_INT(0, AF_INET6), SANDBOX_INT(1, (type) | FLAGS), \
			SANDBOX_INT(2, protocol))
/* clang-format on */

static const struct sandbox_call socket_calls[] = {
	SOCKET(SOCK_DGRAM, 0),
	SOCKET(SOCK_STREAM, 0),
	SOCKET(SOCK_DGRAM, IPPROTO_ICMPV6),
};

static int socket_try(void)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | FLAGS, 0);
	int result = sandbox_tried(fd);

	close(fd);
	return result;
}

static const struct sandbox_purpose sockets =
	SANDBOX_PURPOSE("open a socket for a probe", socket_calls, socket_try);

static const struct sandbox_call option_calls[] = {
	SANDBOX_CALL_IF(setsockopt, SANDBOX_INT(1, IPPROTO_IPV6), SANDBOX_INT(2, IPV6_RECVERR)),
	SANDBOX_CALL_IF(setsockopt, SANDBOX_INT(1, SOL_SOCKET), SANDBOX_INT(2, SO_LINGER)),
	SANDBOX_CALL_IF(getsockopt, SANDBOX_INT(1, SOL_SOCKET), SANDBOX_INT(2, SO_ERROR)),
};

static int option_try(void)
{
	int value = 0;
	socklen_t length = sizeof(value);
	int result = sandbox_tried(getsockopt(-1, SOL_SOCKET, SO_ERROR, &value, &length));

	return result != 0
	               ? result
	               : sandbox_tried(setsockopt(-1, IPPROTO_IPV6, IPV6_RECVERR, &value, length));
}

static const struct sandbox_purpose options =
	SANDBOX_PURPOSE("set a socket's options", option_calls, option_try);

static const struct sandbox_call connect_calls[] = {SANDBOX_CALL(connect)};

static int connect_try(void)
{
	const struct sockaddr_in6 none = {.sin6_family = AF_INET6};

	return sandbox_tried(connect(-1, (const struct sockaddr *)&none, sizeof(none)));
}

static const struct sandbox_purpose connects =
	SANDBOX_PURPOSE("connect to a target", connect_calls, connect_try);

static const struct sandbox_call bind_calls[] = {SANDBOX_CALL(bind)};

static int bind_try(void)
{
	const struct sockaddr_in6 none = {.sin6_family = AF_INET6};

	return sandbox_tried(bind(-1, (const struct sockaddr *)&none, sizeof(none)));
}

static const struct sandbox_purpose binds =
	SANDBOX_PURPOSE("bind to the source address", bind_calls, bind_try);

static const struct sandbox_call control_calls[] = {SANDBOX_CALL(recvmsg)};

static int control_try(void)
{
	struct msghdr message = {0};

	return sandbox_tried(recvmsg(-1, &message, 0));
}

static const struct sandbox_purpose control =
	SANDBOX_PURPOSE("receive a descriptor from the supervisor", control_calls, control_try);

/* Sockets of another kind than a probe's. Three conditions, since a rule takes one an argument. */
static const struct sandbox_call other_socket_calls[] = {
	SANDBOX_CALL_IF(socket, SANDBOX_NOT(0, AF_INET6)),
	SANDBOX_CALL_IF(socket, SANDBOX_BELOW(1, TYPE_MIN)),
	SANDBOX_CALL_IF(socket, SANDBOX_ABOVE(1, TYPE_MAX)),
};

static const struct sandbox_purpose other_sockets =
	SANDBOX_PURPOSE("open another socket", other_socket_calls, NULL);

struct sandbox_list prober_sandbox_list(const struct prober_sandbox *s)
{
	bool metrics = s->metrics_fd >= 0;

	return (struct sandbox_list){
		.allowed =
			{
				&sockets,
				&options,
				s->binds ? &binds : NULL,
				&connects,
				&sandbox_send,
				&sandbox_receive,
				&sandbox_random,
				&sandbox_clock,
				&sandbox_epoll,
				&sandbox_poll,
				&sandbox_write,
				&control,
				&sandbox_read,
				&sandbox_close,
				&sandbox_stat,
				&sandbox_stdio,
				&sandbox_memory,
				metrics ? &sandbox_create : NULL,
				metrics ? &sandbox_mode : NULL,
				metrics ? &sandbox_rename : NULL,
				metrics ? &sandbox_remove : NULL,
				&sandbox_exit,
			},
		.killed =
			{
				&sandbox_attack,
				&other_sockets,
				s->binds ? NULL : &sandbox_attack_bind,
				&sandbox_attack_pidfd,
			},
	};
}

/* Each port once: a rule more costs the kernel a little at every connection. */
static void port_add(struct sandbox_landlock *rules, uint16_t port)
{
	for (size_t i = 0; i < rules->port_count; i++) {
		if (rules->tcp_ports[i] == port)
			return;
	}
	if (rules->port_count < SANDBOX_PORTS_MAX)
		rules->tcp_ports[rules->port_count++] = port;
}

static int landlock_enter(const struct prober_sandbox *s)
{
	struct sandbox_landlock rules = {
		.paths = {{s->metrics_fd, SANDBOX_REPLACE}},
		.path_count = 1,
		.binds = s->binds,
	};

	for (unsigned m = 0; m < s->targets->methods; m++) {
		const struct target_list *list = &s->targets->lists[m];
		for (unsigned i = 0; list->method == &probe_tcp && i < list->count; i++)
			port_add(&rules, list->targets[i].port);
	}
	return sandbox_landlock_enter(&rules);
}

int prober_sandbox_enter(const struct prober_sandbox *s)
{
	const struct sandbox_list list = prober_sandbox_list(s);

	if (sandbox_drop_privileges() < 0 || landlock_enter(s) < 0)
		return -1;
	return sandbox_seccomp_enter(&list);
}

int prober_sandbox_rehearse(const void *argument)
{
	return prober_sandbox_enter(argument);
}
