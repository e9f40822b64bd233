/*
 * The sockets of the probes under way, by the numbers that the engine gives them. What an outcome
 * means is the engine's to know.
 */
#include "sockets.h"

#include "log.h"
#include "random.h"
#include "sandbox.h"
#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define PER_CHANNEL       3U /* on average: one in doubt has 15 within the time of a late answer */
#define PROBES_SPARE      64U
#define DESCRIPTORS_SPARE 16U

/* All zero while it is closed: memory that was never used need not be touched. */
struct socket_probe {
	int fd; /* 0: closed. Standard input has that number. */
	uint32_t cookie;
	unsigned method;
};

size_t sockets_wanted(const struct options *options, size_t prefixes)
{
	return prefixes * options->targets.methods * PER_CHANNEL;
}

int sockets_open(struct sockets *s, const struct options *options, int epoll)
{
	size_t wanted = sockets_wanted(options, PREFIX_FILE_PREFIXES_MAX) + PROBES_SPARE;
	struct rlimit limit;

	*s = (struct sockets){
		.targets = &options->targets,
		.source = options->source.sin6_family ? &options->source : NULL,
		.epoll = epoll,
	};
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		log_error("cannot read resource limits: %s", strerror(errno));
		return -1;
	}
	if (limit.rlim_max < PROBES_SPARE + DESCRIPTORS_SPARE) {
		log_error("at most %llu descriptors are granted: too few to probe with",
		          (unsigned long long)limit.rlim_max);
		return -1;
	}
	if (wanted + DESCRIPTORS_SPARE > limit.rlim_max)
		wanted = (size_t)limit.rlim_max - DESCRIPTORS_SPARE;
	s->max = wanted;
	s->probes = calloc(s->max, sizeof(*s->probes));
	if (!s->probes) {
		log_error("out of memory");
		return -1;
	}
	return sandbox_limit(s->max + DESCRIPTORS_SPARE);
}

static uint32_t cookie_next(struct sockets *s)
{
	if (s->cookies_left == 0) {
		if (random_fill(s->cookies, sizeof(s->cookies)) != 0)
			abort();
		s->cookies_left = SOCKETS_RANDOM_BATCH;
	}
	return s->cookies[--s->cookies_left];
}

static int socket_send(struct sockets *s, const struct engine_order *order,
                       const struct prefix *prefix)
{
	const struct target_list *list = &s->targets->lists[order->method];
	const struct sockaddr_in6 to = target_behind(&list->targets[order->target], prefix);
	struct epoll_event event = {.events = list->method->events, .data.u32 = order->probe};
	uint32_t cookie = cookie_next(s);
	int fd = list->method->send(&to, s->source, cookie);

	if (fd < 0)
		return fd;
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		int error = errno;
		close(fd);
		return -error;
	}
	s->probes[order->probe] = (struct socket_probe){fd, cookie, order->method};
	if (order->probe >= s->used)
		s->used = order->probe + 1;
	return 0;
}

int sockets_send(struct sockets *s, const struct engine_order *order, const struct prefix *prefix,
                 uint64_t now_us)
{
	int result = socket_send(s, order, prefix);

	if (result == 0) {
		s->failing_us = 0;
		return 0;
	}
	log_debug("cannot probe: %s", strerror(-result));
	if (s->failing_us == 0)
		s->failing_us = now_us;
	s->error = -result;
	s->unsent += probe_is_shortage(-result);
	return result;
}

bool sockets_stopped(const struct sockets *s, uint64_t now_us)
{
	return s->failing_us != 0 && now_us - s->failing_us >= SOCKETS_STOPPED_US;
}

enum probe_outcome sockets_receive(struct sockets *s, uint32_t number)
{
	if (number >= s->used || s->probes[number].fd == 0)
		return PROBE_WAIT; /* closed since epoll_wait told of it */

	const struct socket_probe *probe = &s->probes[number];
	const struct probe_method *method = s->targets->lists[probe->method].method;
	enum probe_outcome outcome = method->receive(probe->fd, probe->cookie);
	if (outcome != PROBE_WAIT)
		sockets_close(s, number);
	return outcome;
}

void sockets_close(struct sockets *s, uint32_t number)
{
	if (s->probes[number].fd != 0)
		close(s->probes[number].fd);
	s->probes[number].fd = 0;
}

void sockets_close_all(struct sockets *s)
{
	for (uint32_t i = 0; i < s->used; i++)
		sockets_close(s, i);
}
