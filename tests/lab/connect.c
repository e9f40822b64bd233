/*
 * A client's next connection: looks a name up and connects to the addresses in getaddrinfo's order,
 * the next one when one has failed, or, with -d, also when it has not answered for that long
 * (RFC 8305, section 5). Prints the address that answered. It knows nothing of NAT64.
 */
#include <err.h>
#include <errno.h>
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
#define NEVER         INT64_MAX

struct attempt {
	struct pollfd pfds[ADDRESSES_MAX];
	const struct addrinfo *addresses[ADDRESSES_MAX];
	nfds_t started;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Returns 0 when the connection is under way, or a negative errno. */
static int attempt_start(struct attempt *attempt, const struct addrinfo *address)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (connect(fd, address->ai_addr, address->ai_addrlen) && errno != EINPROGRESS) {
		int error = errno;

		close(fd);
		return -error;
	}
	attempt->pfds[attempt->started] = (struct pollfd){.fd = fd, .events = POLLOUT};
	attempt->addresses[attempt->started++] = address;
	return 0;
}

/* Returns the first address that answered, or NULL; *failed is the number that newly failed. */
static const struct addrinfo *attempt_await(struct attempt *attempt, int timeout_ms, int *failed)
{
	*failed = 0;
	if (poll(attempt->pfds, attempt->started, timeout_ms) < 0)
		err(1, "poll");
	for (nfds_t i = 0; i < attempt->started; i++) {
		struct pollfd *pfd = &attempt->pfds[i];
		socklen_t len = sizeof(int);
		int error = 0;

		if (!pfd->revents)
			continue;
		if (!getsockopt(pfd->fd, SOL_SOCKET, SO_ERROR, &error, &len) && !error)
			return attempt->addresses[i];
		warnx("%s", strerror(error));
		close(pfd->fd);
		pfd->fd = -1; /* poll() passes it over */
		(*failed)++;
	}
	return NULL;
}

static const struct addrinfo *connect_first(const struct addrinfo *next, int64_t delay_ms,
                                            int64_t limit_ms)
{
	int64_t end = limit_ms == NEVER ? NEVER : now_ms() + limit_ms, due = 0;
	struct attempt attempt = {.started = 0};
	int pending = 0, failed;

	while (next || pending) {
		const struct addrinfo *connected;
		int64_t now = now_ms(), wake = next && due < end ? due : end;

		if (now >= end) {
			warnx("gave up");
			return NULL;
		}
		if (next && (now >= due || !pending)) {
			int result = attempt_start(&attempt, next);

			if (result)
				warnx("%s", strerror(-result));
			else
				pending++;
			due = delay_ms == NEVER ? NEVER : now + delay_ms;
			next = attempt.started < ADDRESSES_MAX ? next->ai_next : NULL;
			continue;
		}
		connected =
			attempt_await(&attempt, wake == NEVER ? -1 : (int)(wake - now), &failed);
		if (connected)
			return connected;
		pending -= failed;
		if (failed)
			due = 0;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG}, *list;
	int64_t delay_ms = NEVER, limit_ms = NEVER;
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
