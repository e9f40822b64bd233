/*
 * Watches what a DNS64 server serves: asks it for ipv4only.arpa AAAA many times a second and
 * prints a line, with the time, whenever the set of prefixes in the answer changes.
 * A measuring instrument of the lab; it shares no code with the programs that it measures.
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <err.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Longer than any answer takes that BIND gives at all, short enough to see it go and return. */
#define PATIENCE_MS   2000
#define ADDRESSES_MAX 32
#define WKA           "\xc0\x00\x00\xaa" /* 192.0.0.170, RFC 7050 */

/* An id, RD, one question. */
static char query[] = "\0\0\1\0\0\1\0\0\0\0\0\0\x08ipv4only\x04"
		      "arpa\0\0\x1c\0\x01";
#define QUERY_LEN (sizeof(query) - 1)

/* The length of the answer, or -1 when none came in time. */
static ssize_t ask(const struct sockaddr_in6 *server, uint8_t *answer, size_t size)
{
	/* A new socket each time, so that a late answer cannot be taken for a newer one. */
	struct pollfd pfd = {.fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	                     .events = POLLIN};
	ssize_t len = -1;

	if (pfd.fd < 0 || connect(pfd.fd, (const struct sockaddr *)server, sizeof(*server)))
		err(1, "socket");
	query[1]++;
	if (send(pfd.fd, query, QUERY_LEN, 0) == QUERY_LEN && poll(&pfd, 1, PATIENCE_MS) == 1)
		len = recv(pfd.fd, answer, size, 0);
	close(pfd.fd);
	return len >= 2 && memcmp(answer, query, 2) == 0 ? len : -1;
}

/* The prefix length under which 192.0.0.170 stands in the address, around octet 8 (RFC 6052), or 0.
 */
static unsigned embedding(const uint8_t address[16])
{
	static const unsigned lengths[] = {96, 64, 56, 48, 40, 32};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		unsigned at = lengths[i] / 8, same = 0;

		for (; same < 4; same++, at++) {
			at += at == 8;
			if (address[at] != (uint8_t)WKA[same])
				break;
		}
		if (same == 4)
			return lengths[i];
	}
	return 0;
}

static void append_prefix(char *set, size_t size, const uint8_t address[16])
{
	struct in6_addr network = {0};
	char text[INET6_ADDRSTRLEN];
	unsigned length = embedding(address);
	size_t used = strlen(set);

	if (!length)
		return;
	memcpy(&network, address, length / 8);
	inet_ntop(AF_INET6, &network, text, sizeof(text));
	snprintf(set + used, size - used, " %s/%u", text, length);
}

static int address_compare(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* Sorted, as BIND shuffles its answers. */
static void describe(const uint8_t *answer, ssize_t len, char *set, size_t size)
{
	uint8_t addresses[ADDRESSES_MAX][16];
	size_t found = 0;
	ns_msg message;
	ns_rr rr;

	set[0] = '\0';
	if (len < 0 || ns_initparse(answer, (int)len, &message)) {
		snprintf(set, size, " no answer");
		return;
	}
	if (ns_msg_getflag(message, ns_f_rcode) || !ns_msg_count(message, ns_s_an)) {
		snprintf(set, size, " nothing (rcode %d)", ns_msg_getflag(message, ns_f_rcode));
		return;
	}
	while (found < ADDRESSES_MAX && !ns_parserr(&message, ns_s_an, -1, &rr)) {
		if (ns_rr_type(rr) == ns_t_aaaa && ns_rr_rdlen(rr) == 16)
			memcpy(addresses[found++], ns_rr_rdata(rr), 16);
	}
	qsort(addresses, found, sizeof(addresses[0]), address_compare);
	for (size_t i = 0; i < found; i++)
		append_prefix(set, size, addresses[i]);
}

int main(int argc, char **argv)
{
	const struct sockaddr_in6 server = {.sin6_family = AF_INET6,
	                                    .sin6_port = htons(53),
	                                    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	char set[512], last[512] = "";
	long pause_ms = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

	if (pause_ms <= 0)
		errx(2, "usage: answers MILLISECONDS");
	for (;;) {
		uint8_t answer[1232];
		struct timespec now;
		ssize_t len = ask(&server, answer, sizeof(answer));

		describe(answer, len, set, sizeof(set));
		if (strcmp(set, last)) {
			clock_gettime(CLOCK_REALTIME, &now);
			printf("%lld.%03ld%s\n", (long long)now.tv_sec, now.tv_nsec / 1000000, set);
			fflush(stdout);
			strcpy(last, set);
		}
		usleep((useconds_t)pause_ms * 1000);
	}
}
