/*
 * The prober's sandbox: the network, its set lines, and the supervisor. No file can be opened: the
 * prefix file comes as an open descriptor, from the supervisor.
 */
#include "prober_sandbox.h"

#include "sandbox.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLAGS (SOCK_NONBLOCK | SOCK_CLOEXEC)

/* clang-format off */
#define SOCKET(type, protocol)                                                                     \
	{SCMP_SYS(socket), 3,                                                                      \
	 {SANDBOX_EQUAL(0, AF_INET6), SANDBOX_EQUAL(1, (type) | FLAGS), SANDBOX_EQUAL(2, protocol)}}

#define SOCKET_OPTION(call, level, name)                                                           \
	{SCMP_SYS(call), 2, {SANDBOX_EQUAL(1, level), SANDBOX_EQUAL(2, name)}}
/* clang-format on */

static const struct sandbox_call calls[] = {
	/* probes */
	SOCKET(SOCK_DGRAM, 0),
	SOCKET(SOCK_STREAM, 0),
	SOCKET(SOCK_DGRAM, IPPROTO_ICMPV6),
	SOCKET_OPTION(setsockopt, IPPROTO_IPV6, IPV6_RECVERR),
	SOCKET_OPTION(setsockopt, SOL_SOCKET, SO_LINGER),
	SOCKET_OPTION(getsockopt, SOL_SOCKET, SO_ERROR),
	SANDBOX_CALL(connect),
	SANDBOX_CALL(sendto),
	SANDBOX_CALL(recvfrom),
	SANDBOX_CALL(getrandom),
/* waiting */
#ifdef __NR_epoll_wait
	SANDBOX_CALL(epoll_wait),
#else
	SANDBOX_CALL(epoll_pwait), /* what epoll_wait() is here */
#endif
	SANDBOX_CALL(epoll_ctl),
	SANDBOX_CALL(clock_gettime), /* where the vDSO cannot tell the time */
	/* set lines and messages */
	SANDBOX_CALL(write),
	/* a new prefix file from the supervisor, read through stdio */
	SANDBOX_CALL(recvmsg),
	SANDBOX_CALL(sendmsg),
	SANDBOX_CALL(read),
	SANDBOX_CALL(lseek), /* what fclose() does in newer versions of glibc */
	SANDBOX_CALL(newfstatat),
	SANDBOX_CALL(fstat), /* what fstat() is in newer versions of glibc */
	{SCMP_SYS(fcntl), 1, {SANDBOX_EQUAL(1, F_GETFL)}},
	SANDBOX_CALL(close),
	/* memory, never executable */
	SANDBOX_CALL(brk),
	SANDBOX_CALL(munmap),
	SANDBOX_CALL(mremap),
	SANDBOX_CALL(sysinfo), /* qsort() asks for the size of the memory */
	{SCMP_SYS(mmap), 1, {SANDBOX_MASKED(2, PROT_EXEC, 0)}},
	/* the end */
	SANDBOX_CALL(exit_group),
};

static const struct sandbox_call bind_calls[] = {
	SANDBOX_CALL(bind),
};

int prober_sandbox_enter(bool bind)
{
	const struct sandbox_group groups[] = {
		SANDBOX_GROUP(calls),
		SANDBOX_GROUP_IF(bind, bind_calls),
	};

	if (sandbox_drop_privileges() < 0 || sandbox_landlock(NULL, 0, false) < 0)
		return -1;
	return sandbox_seccomp(groups, sizeof(groups) / sizeof(groups[0]));
}
