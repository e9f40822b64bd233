/*
 * Watches what a DNS64 server serves: asks it for ipv4only.arpa AAAA many times a second and
 * prints a line, with the time, whenever the set of prefixes in the answer changes.
 * A measuring instrument of the lab; it shares no code with the programs that it measures.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Longer than any answer takes that BIND gives at all, short enough to see it go and return. */
#define PATIENCE_MS    2000
#define DNS_HEADER_LEN 12
#define QTYPE_AAAA     28
#define ADDRESSES_MAX  32
#define WKA            "\xc0\x00\x00\xaa" /* 192.0.0.170, RFC 7050 */

static const uint8_t question[] = "\x08ipv4only\x04"
				  "arpa\0\0\x1c\0\x01";
#define QUESTION_LEN (sizeof(question) - 1)

static int ask(int fd, uint16_t id)
{
	uint8_t query[DNS_HEADER_LEN + QUESTION_LEN] = {0, 0, 0x01, 0, 0, 1};
	uint16_t wire_id = htons(id);

	memcpy(query, &wire_id, sizeof(wire_id));
	memcpy(query + DNS_HEADER_LEN, question, QUESTION_LEN);
	return send(fd, query, sizeof(query), 0) == (ssize_t)sizeof(query) ? 0 : -errno;
}

/* The length of the answer with this id, or -1 when none came in time. */
static ssize_t await(int fd, uint16_t id, uint8_t *answer, size_t size)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t len;

	while (poll(&pfd, 1, PATIENCE_MS) == 1) {
		len = recv(fd, answer, size, 0);
		if (len < 0)
			return -1;
		if (len >= DNS_HEADER_LEN && answer[0] == id >> 8 && answer[1] == (id & 0xff))
			return len;
	}
	return -1;
}

/* The prefix length under which 192.0.0.170 stands in the address (RFC 6052), or 0. */
static unsigned embedding(const uint8_t address[16])
{
	static const struct {
		unsigned length;
		int octets[4];
	} forms[] = {
		{96, {12, 13, 14, 15}}, {64, {9, 10, 11, 12}}, {56, {7, 9, 10, 11}},
		{48, {6, 7, 9, 10}},    {40, {5, 6, 7, 9}},    {32, {4, 5, 6, 7}},
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		bool same = true;

		for (int j = 0; j < 4; j++)
			same = same && address[forms[i].octets[j]] == (uint8_t)WKA[j];
		if (same)
			return forms[i].length;
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

/* Walks the answer section; BIND shuffles it. BIND compresses every owner name to a two-octet
 * pointer. */
static void describe(const uint8_t *answer, size_t len, char *set, size_t size)
{
	int count = answer[6] << 8 | answer[7];
	size_t at = DNS_HEADER_LEN + QUESTION_LEN, found = 0;
	uint8_t addresses[ADDRESSES_MAX][16];

	set[0] = '\0';
	if ((answer[3] & 0x0f) || !count) {
		snprintf(set, size, " nothing (rcode %d)", answer[3] & 0x0f);
		return;
	}
	for (; count > 0 && at + 12 <= len; count--) {
		int type = answer[at + 2] << 8 | answer[at + 3];
		size_t rdlen = (size_t)answer[at + 10] << 8 | answer[at + 11];

		if (at + 12 + rdlen > len)
			break;
		if (type == QTYPE_AAAA && rdlen == 16 && found < ADDRESSES_MAX)
			memcpy(addresses[found++], answer + at + 12, 16);
		at += 12 + rdlen;
	}
	qsort(addresses, found, sizeof(addresses[0]), address_compare);
	for (size_t i = 0; i < found; i++)
		append_prefix(set, size, addresses[i]);
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 server = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
	char set[512], last[512] = "";
	long pause_ms = argc == 2 ? strtol(argv[1], NULL, 10) : 0;

	if (pause_ms <= 0)
		errx(2, "usage: answers MILLISECONDS");
	server.sin6_addr = in6addr_loopback;
	for (uint16_t id = 1;; id++) {
		uint8_t answer[1232];
		struct timespec now;
		ssize_t len = -1;
		/* A new socket each time, so that a late answer cannot be taken for a newer one. */
		int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (fd < 0 || connect(fd, (struct sockaddr *)&server, sizeof(server)))
			err(1, "socket");
		if (!ask(fd, id))
			len = await(fd, id, answer, sizeof(answer));
		close(fd);
		if (len < 0)
			snprintf(set, sizeof(set), " no answer");
		else
			describe(answer, (size_t)len, set, sizeof(set));
		if (strcmp(set, last)) {
			clock_gettime(CLOCK_REALTIME, &now);
			printf("%lld.%03ld%s\n", (long long)now.tv_sec, now.tv_nsec / 1000000, set);
			fflush(stdout);
			strcpy(last, set);
		}
		usleep((useconds_t)pause_ms * 1000);
	}
}
