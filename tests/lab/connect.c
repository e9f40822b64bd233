/*
 * A client's next connection: looks a name up and connects to the addresses in getaddrinfo's order,
 * the next one when one has failed, or, with -d, also when it has not answered for that long
 * (RFC 8305, section 5). Prints the address that answered. It knows nothing of NAT64.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ADDRESSES_MAX 32
#define NEVER_MS      (INT_MAX / 4)

static struct pollfd pfds[ADDRESSES_MAX]; /* poll() passes over a negative one */
static const struct addrinfo *addresses[ADDRESSES_MAX];
static nfds_t started;
static int pending;

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void attempt_fail(struct pollfd *pfd, int error)
{
	warnx("%s", strerror(error));
	close(pfd->fd);
	pfd->fd = -1;
	pending--;
}

static void attempt_start(const struct addrinfo *address)
{
	struct pollfd *pfd = &pfds[started];

	addresses[started++] = address;
	pending++;
	pfd->events = POLLOUT;
	pfd->fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (pfd->fd < 0 ||
	    (connect(pfd->fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS))
		attempt_fail(pfd, errno);
}

/* Returns the first address that answered, or NULL. */
static const struct addrinfo *attempt_await(int timeout_ms)
{
	if (poll(pfds, started, timeout_ms) < 0)
		err(1, "poll");
	for (nfds_t i = 0; i < started; i++) {
		socklen_t len = sizeof(int);
		int error = 0;

		if (!pfds[i].revents)
			continue;
		if (!getsockopt(pfds[i].fd, SOL_SOCKET, SO_ERROR, &error, &len) && !error)
			return addresses[i];
		attempt_fail(&pfds[i], error);
	}
	return NULL;
}

static const struct addrinfo *connect_first(const struct addrinfo *next, long delay_ms,
                                            long limit_ms)
{
	int64_t now, end = now_ms() + limit_ms, due = 0;

	while (next || pending) {
		if ((now = now_ms()) >= end) {
			warnx("gave up");
			return NULL;
		}
		if (next && (now >= due || !pending)) {
			attempt_start(next);
			due = now + delay_ms;
			next = started < ADDRESSES_MAX ? next->ai_next : NULL;
			continue;
		}
		const int before = pending;
		const struct addrinfo *connected =
			attempt_await((int)((next && due < end ? due : end) - now));
		if (connected)
			return connected;
		if (pending < before)
			due = 0;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list;
	long delay_ms = NEVER_MS, limit_ms = NEVER_MS;
	const struct addrinfo *connected;
	char text[NI_MAXHOST];
	int option, result;

	while ((option = getopt(argc, argv, "d:t:")) != -1) {
		if (option == 'd')
			delay_ms = strtol(optarg, NULL, 10);
		else if (option == 't')
			limit_ms = strtol(optarg, NULL, 10);
		else
			return 2;
	}
	if (argc - optind != 2)
		errx(2, "usage: connect [-d DELAY-MS] [-t LIMIT-MS] HOST PORT");
	result = getaddrinfo(argv[optind], argv[optind + 1], &hints, &list);
	if (result)
		errx(1, "%s: %s", argv[optind], gai_strerror(result));
	connected = connect_first(list, delay_ms, limit_ms);
	if (!connected)
		return 1;
	getnameinfo(connected->ai_addr, connected->ai_addrlen, text, sizeof(text), NULL, 0,
	            NI_NUMERICHOST);
	puts(text);
	return 0;
}
