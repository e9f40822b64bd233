/*
 * Preloaded into keepalived, it says yes to what that asks of the kernel's IPVS, and does nothing:
 * so its checkers run where the kernel has no IPVS. Their checks and their clock are not touched.
 */
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	if (level == IPPROTO_IP && name >= IP_VS_BASE_CTL && name <= IP_VS_SO_SET_MAX)
		return 0;
	return (int)syscall(SYS_setsockopt, fd, level, name, value, length);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *length)
{
	if (level == IPPROTO_IP && name >= IP_VS_BASE_CTL && name <= IP_VS_SO_GET_MAX)
		return 0;
	return (int)syscall(SYS_getsockopt, fd, level, name, value, length);
}
