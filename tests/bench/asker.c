/*
 * Asks a name server on ::1 a question every so many milliseconds, whether it answers or not, until
 * it is told to stop (TERM). Then it prints how many questions it asked, how many were not answered
 * within a second, and the longest time in ms in which no answer came.
 * A measuring instrument of the benchmarks; it shares no code with the programs that it measures.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS_MAX (1 << 16) /* a question's number is its id */
#define TIMEOUT_MS    1000

/* ns.lab.example AAAA */
static const uint8_t question[] = "\0\0\1\0\0\1\0\0\0\0\0\0\2ns\3lab\7example\0\0\34\0\1";

static volatile sig_atomic_t stopped;

static int64_t asked_ms[QUESTIONS_MAX];

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int server_open(void)
{
	const struct sockaddr_in6 server = {.sin6_family = AF_INET6,
	                                    .sin6_port = htons(53),
	                                    .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int room = 8 << 20, fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&server, sizeof(server)) != 0)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return fd;
}

static void ask(int fd, unsigned number)
{
	uint8_t message[sizeof(question) - 1];

	memcpy(message, question, sizeof(message));
	message[0] = (uint8_t)(number >> 8);
	message[1] = (uint8_t)number;
	asked_ms[number] = now_ms();
	/* A queue that is full is a question that is lost. */
	(void)!write(fd, message, sizeof(message));
}

/* Returns how many answers came in time. */
static unsigned answers_read(int fd, int64_t *last_ms)
{
	uint8_t message[512];
	unsigned count = 0;

	while (read(fd, message, sizeof(message)) >= 12) {
		unsigned number = (unsigned)message[0] << 8 | message[1];
		*last_ms = now_ms();
		count += *last_ms - asked_ms[number] <= TIMEOUT_MS;
	}
	return count;
}

int main(int argc, char **argv)
{
	long pause_ms = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	unsigned asked = 0, answered = 0;

	if (pause_ms <= 0)
		errx(2, "usage: asker MILLISECONDS");
	signal(SIGTERM, stop);
	struct pollfd ready = {.fd = server_open(), .events = POLLIN};
	int64_t begun_ms = now_ms(), last_ms = begun_ms, longest_ms = 0;

	/* Those that were asked in time for their second before the end count. */
	for (int64_t end_ms = INT64_MAX; now_ms() < end_ms;) {
		if (stopped && end_ms == INT64_MAX)
			end_ms = now_ms() + TIMEOUT_MS;
		int64_t due_ms = begun_ms + (int64_t)asked * pause_ms, before_ms = last_ms;
		if (!stopped && now_ms() >= due_ms && asked < QUESTIONS_MAX)
			ask(ready.fd, asked++);
		poll(&ready, 1, 1);
		answered += answers_read(ready.fd, &last_ms);
		int64_t silence_ms = (last_ms > before_ms ? last_ms : now_ms()) - before_ms;
		if (!stopped && silence_ms > longest_ms)
			longest_ms = silence_ms;
	}
	printf("%u %u %lld\n", asked, asked - answered, (long long)longest_ms);
	return 0;
}
