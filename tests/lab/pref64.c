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
#define HOP_LIMIT     255 /* else a router does not answer */

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

/* In the lab nothing but the router on this link advertises. */
static int listen_open(void)
{
	struct icmp6_filter filter;
	int hops = HOP_LIMIT, fd = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ND_ROUTER_ADVERT, &filter);
	if (fd < 0 || setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter)) ||
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

int main(int argc, char **argv)
{
	unsigned interface = argc == 2 ? if_nametoindex(argv[1]) : 0;
	char line[2048], last[2048] = "nothing yet";
	uint8_t packet[2048];

	if (!interface)
		errx(2, "usage: pref64 INTERFACE");
	int fd = listen_open();
	solicit(fd, interface);
	for (;;) {
		struct timespec now;
		ssize_t len = recv(fd, packet, sizeof(packet), 0);

		if (len < 0)
			err(1, "recv");
		describe(packet, (size_t)len, line, sizeof(line));
		if (!strcmp(line, last))
			continue;
		clock_gettime(CLOCK_REALTIME, &now);
		printf("%lld.%03ld%s\n", (long long)now.tv_sec, now.tv_nsec / 1000000, line);
		fflush(stdout);
		strcpy(last, line);
	}
}
