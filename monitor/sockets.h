/*
 * The sockets of the probes under way, by the numbers that the engine gives them, and whether this
 * host can send at all.
 */
#pragma once

#include "options.h"
#include "prefix_file.h"
#include "rule/engine.h"

#define SOCKETS_RANDOM_BATCH 64U

/* So long without a probe that could be sent, though some were to be. */
#define SOCKETS_STOPPED_US 5000000ULL

struct sockets {
	const struct targets *targets;
	const struct sockaddr_in6 *source; /* NULL: the system's choice */
	struct socket_probe *probes;
	size_t max;    /* probes under way at once */
	uint32_t used; /* no number from here on was ever used */
	int epoll;     /* tells of answers, with the probe's number */
	uint32_t cookies[SOCKETS_RANDOM_BATCH];
	unsigned cookies_left;
	uint64_t failing_us; /* since when none could be sent; 0: the last one was sent */
	int error;           /* of the last one that was not sent, an errno */
	uint64_t unsent;     /* how many lacked what all of them need */
};

/*
 * Makes room for as many probes as the longest list may need or the system grants, and limits the
 * process to it. Returns 0, or -1 after an error was logged.
 */
int sockets_open(struct sockets *s, const struct options *options, int epoll);

/* As many as a list of so many prefixes may need at once. */
size_t sockets_wanted(const struct options *options, size_t prefixes);

/* Sends the probe of the order through the prefix. Returns 0, or a negative errno. */
int sockets_send(struct sockets *s, const struct engine_order *order, const struct prefix *prefix,
                 uint64_t now_us);

/*
 * Reads what came for a probe: PROBE_WAIT if that is nothing, or it was closed meanwhile. Whatever
 * else it is closes the probe's socket.
 */
enum probe_outcome sockets_receive(struct sockets *s, uint32_t number);

void sockets_close(struct sockets *s, uint32_t number);
void sockets_close_all(struct sockets *s);

/* Whether no probe can be sent. */
bool sockets_stopped(const struct sockets *s, uint64_t now_us);
