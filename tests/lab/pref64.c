/*
 * Listens to router advertisements on an interface and prints the NAT64 prefixes in each (PREF64,
 * RFC 8781) when they are other ones than before: "SECONDS PREFIX/LENGTH=LIFETIME...". Asks once
 * for an advertisement when it starts. A measuring instrument of the lab; it shares no code with
 * the programs.
 */
#include <arpa/inet.h>
#include <err.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define OPTION_PREF64 38
#define HOP_LIMIT     255 /* of a packet that no router has passed on */

/* Appends the option's prefix if it is one. An option is that many units of 8 octets. */
static void append_prefix(char *line, size_t size, const uint8_t *option)
{
	static const unsigned lengths[] = {96, 64, 56, 48, 40, 32};
	unsigned scaled = (unsigned)(option[2] << 8 | option[3]), code = scaled & 7;
	struct in6_addr prefix = {0};
	char text[INET6_ADDRSTRLEN];
	size_t used = strlen(line);

	if (option[1] != 2 || code >= sizeof(lengths) / sizeof(lengths[0]))
		return;
	memcpy(&prefix, option + 4, 12);
	inet_ntop(AF_INET6, &prefix, text, sizeof(text));
	snprintf(line + used, size - used, " %s/%u=%u", text, lengths[code], scaled & ~7U);
}

static void describe(const uint8_t *packet, size_t len, char *line, size_t size)
{
	size_t at = sizeof(struct nd_router_advert);

	line[0] = '\0';
	while (at + 2 <= len && packet[at + 1]) {
		size_t option_len = packet[at + 1] * 8U;

		if (at + option_len > len)
			break;
		if (packet[at] == OPTION_PREF64)
			append_prefix(line, size, packet + at);
		at += option_len;
	}
}

static int listen_on(unsigned interface)
{
	struct ipv6_mreq group = {.ipv6mr_interface = interface};
	struct icmp6_filter filter;
	int one = 1, hops = HOP_LIMIT,
	    fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_ADVERT, &filter);
	inet_pton(AF_INET6, "ff02::1", &group.ipv6mr_multiaddr);
	if (fd < 0 || setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group, sizeof(group)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, &hops, sizeof(hops)))
		err(1, "socket");
	return fd;
}

static void solicit(int fd, unsigned interface)
{
	struct nd_router_solicit question = {.nd_rs_type = ND_ROUTER_SOLICIT};
	struct sockaddr_in6 routers = {.sin6_family = AF_INET6, .sin6_scope_id = interface};

	inet_pton(AF_INET6, "ff02::2", &routers.sin6_addr);
	if (sendto(fd, &question, sizeof(question), 0, (struct sockaddr *)&routers,
	           sizeof(routers)) < 0)
		warn("router solicitation");
}

/* Returns the length of an advertisement, or 0 for what came from farther than this link. */
static size_t receive(int fd, uint8_t *packet, size_t size)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec data = {.iov_base = packet, .iov_len = size};
	struct msghdr message = {.msg_iov = &data,
	                         .msg_iovlen = 1,
	                         .msg_control = control,
	                         .msg_controllen = sizeof(control)};
	ssize_t len = recvmsg(fd, &message, 0);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int hops;

	if (len < 0)
		err(1, "recvmsg");
	if (!header || header->cmsg_type != IPV6_HOPLIMIT)
		return 0;
	memcpy(&hops, CMSG_DATA(header), sizeof(hops));
	return hops == HOP_LIMIT ? (size_t)len : 0;
}

int main(int argc, char **argv)
{
	unsigned interface = argc == 2 ? if_nametoindex(argv[1]) : 0;
	char line[2048], last[2048] = "nothing yet";
	uint8_t packet[2048];
	int fd;

	if (!interface)
		errx(2, "usage: pref64 INTERFACE");
	fd = listen_on(interface);
	solicit(fd, interface);
	for (;;) {
		size_t len = receive(fd, packet, sizeof(packet));
		struct timespec now;

		if (!len)
			continue;
		describe(packet, len, line, sizeof(line));
		if (!strcmp(line, last))
			continue;
		clock_gettime(CLOCK_REALTIME, &now);
		printf("%lld.%03ld%s\n", (long long)now.tv_sec, now.tv_nsec / 1000000, line);
		fflush(stdout);
		strcpy(last, line);
	}
}
