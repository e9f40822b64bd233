/*
 * The floor: what a probe costs whoever sends it. A loop of the system calls that cannot be done
 * without, each probe from a new socket, one after the other. It learns nothing from the answers.
 * usage: floor dns|tcp|both PROBES-A-SECOND <ADDRESSES    (0: as fast as it goes)
 */
#include <arpa/inet.h>
#include <err.h>
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

#define PATIENCE_MS   1000
#define ADDRESSES_MAX 16384
#define SECOND_NS     1000000000L

static struct sockaddr_in6 addresses[ADDRESSES_MAX];

static size_t addresses_read(void)
{
	char line[INET6_ADDRSTRLEN + 2];
	size_t count = 0;

	while (count < ADDRESSES_MAX && fgets(line, sizeof(line), stdin)) {
		struct sockaddr_in6 *to = &addresses[count++];

		line[strcspn(line, "\n")] = '\0';
		*to = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(53)};
		if (inet_pton(AF_INET6, line, &to->sin6_addr) != 1)
			errx(1, "\"%s\" is no address", line);
	}
	return count;
}

static int socket_connected(int type, const struct sockaddr_in6 *to)
{
	int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "socket");
	connect(fd, (const struct sockaddr *)to, sizeof(*to));
	return fd;
}

static void probe_dns(const struct sockaddr_in6 *to)
{
	static const uint8_t query[] = {0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1};
	uint8_t answer[512];
	int fd = socket_connected(SOCK_DGRAM, to);
	struct pollfd ready = {.fd = fd, .events = POLLIN};

	if (send(fd, query, sizeof(query), 0) != sizeof(query))
		warn("send");
	if (poll(&ready, 1, PATIENCE_MS) != 1 || recv(fd, answer, sizeof(answer), 0) < 0)
		warnx("no answer");
	close(fd);
}

/* Reset, not closed, so that the same packets are sent as by the prober. */
static void probe_tcp(const struct sockaddr_in6 *to)
{
	static const struct linger reset = {.l_onoff = 1};
	int fd = socket_connected(SOCK_STREAM, to);
	struct pollfd ready = {.fd = fd, .events = POLLOUT};

	if (poll(&ready, 1, PATIENCE_MS) != 1)
		warnx("no connection");
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

static void pace(struct timespec *next, long gap_ns)
{
	if (gap_ns == 0)
		return;
	next->tv_nsec += gap_ns;
	next->tv_sec += next->tv_nsec / SECOND_NS;
	next->tv_nsec %= SECOND_NS;
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, next, NULL);
}

int main(int argc, char **argv)
{
	long rate = argc == 3 ? strtol(argv[2], NULL, 10) : -1;
	bool dns = argc == 3 && strcmp(argv[1], "tcp") != 0;
	bool tcp = argc == 3 && strcmp(argv[1], "dns") != 0;
	size_t count = addresses_read();
	struct timespec next;

	if (rate < 0 || count == 0)
		errx(2, "usage: floor dns|tcp|both PROBES-A-SECOND <ADDRESSES");
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (size_t i = 0;; i++) {
		if (dns && (!tcp || i % 2 == 0))
			probe_dns(&addresses[i % count]);
		else
			probe_tcp(&addresses[i % count]);
		pace(&next, rate > 0 ? SECOND_NS / rate : 0);
	}
}
