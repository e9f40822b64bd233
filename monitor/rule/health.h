/*
 * The health rule: which prefixes carry traffic. Pure: no clock, no sockets, no allocation after
 * health_new; outcomes and time come in, the next probes and verdicts come out.
 *
 * A channel is (prefix, method). A failure counts only when another prefix was answered by the same
 * target, by the same method, at the time of the failed probe. What counts is summed up by a CUSUM
 * (Page 1954); round-trip times and timeouts follow RFC 6298.
 *
 * Times are microseconds of a monotonic clock, and never go back.
 */
#ifndef NAT64HEALTH_HEALTH_H
#define NAT64HEALTH_HEALTH_H

#include "bounds.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEALTH_METHODS_MAX METHODS_MAX
#define HEALTH_TARGETS_MAX TARGETS_MAX

struct health;

struct health_config {
	size_t prefixes;                            /* of the longest list */
	unsigned methods;                           /* 1 to HEALTH_METHODS_MAX */
	unsigned targets[HEALTH_METHODS_MAX];       /* of each method, 1 to HEALTH_TARGETS_MAX */
	uint64_t retransmit_us[HEALTH_METHODS_MAX]; /* see rtt_is_ambiguous(); 0: never */
	uint64_t interval_us;                       /* between two routine probes of a channel */
	unsigned min;   /* with fewer healthy prefixes, one that returns is taken at once */
	size_t flights; /* probes that may be under way at once */
};

enum health_state {
	HEALTH_NEW, /* not judged yet */
	HEALTH_UP,
	HEALTH_DOWN,
};

enum health_order_kind {
	HEALTH_IDLE,  /* nothing to do before health_due() */
	HEALTH_PROBE, /* send a probe now, from a new source port or with a new ICMP id */
	HEALTH_CLOSE, /* stop listening for this flight's answer; its number will be used again */
};

struct health_order {
	enum health_order_kind kind;
	uint32_t flight; /* below health_config.flights */
	uint32_t prefix;
	unsigned method;
	unsigned target; /* of the method's targets */
};

/* Why a prefix changed its state. */
struct health_verdict {
	uint32_t prefix;
	enum health_state state;
	unsigned method;         /* down: whose evidence was enough; up: 0 */
	double evidence;         /* down: its sum, natural logarithm of the likelihood ratio */
	uint64_t failed_targets; /* down: a bit for each target that counted */
	uint32_t witness;        /* down: the prefix that was answered by the last of them */
	uint32_t run;            /* up: answers in a row before it was taken back */
};

/* What is known of one channel, for tables and metrics. */
struct health_channel {
	uint64_t probes, answers, failures; /* since start; failures: unanswered, whoever's fault */
	double evidence;
	double loss;      /* expected share of failures, 0 to 1 */
	uint32_t srtt_us; /* over all targets; 0 if never answered */
};

/* Returns NULL if memory is short. */
struct health *health_new(const struct health_config *config);
void health_free(struct health *health);

/* Drained: still probed and a witness, but not counted among the healthy for config.min. */
void health_set_drained(struct health *health, uint32_t prefix, bool drained);

/*
 * Begins with so many prefixes, or goes on with others: was[i] is the number that prefix i had, or
 * UINT32_MAX; NULL if all are new. What was under way is forgotten. Nothing is allocated.
 */
void health_load(struct health *health, const uint32_t *was, size_t count, uint64_t now_us);

/* What to do now; call until HEALTH_IDLE. */
struct health_order health_next(struct health *health, uint64_t now_us);

/* When health_next has something to do again. */
uint64_t health_due(const struct health *health);

/* The flight was answered; it is closed with that. Late answers are welcome until HEALTH_CLOSE. */
void health_answer(struct health *health, uint32_t flight, uint64_t now_us);

/* The flight failed at once, by an ICMP error or for want of a route; its socket may be closed. */
void health_failure(struct health *health, uint32_t flight, uint64_t now_us);

/* The probe was never sent, for a reason of this host: it says nothing of anybody. */
void health_unsent(struct health *health, uint32_t flight, uint64_t now_us);

/* The next verdict since the last call; false when there is none. */
bool health_verdict(struct health *health, struct health_verdict *verdict);

/* True once every prefix was judged. */
bool health_settled(const struct health *health);

/*
 * How long nobody was answered by this method although many were asked (no dead targets); 0 while
 * that is not so. Nothing is in doubt by a method that is silent.
 */
uint64_t health_silence_us(const struct health *health, unsigned method, uint64_t now_us);

/* True while all methods are silent: the uplink is down. */
bool health_silent(const struct health *health, uint64_t now_us);

enum health_state health_prefix_state(const struct health *health, uint32_t prefix);

/* True while it is up, but more than a single probe of it was lost just now, or the last one. */
bool health_prefix_doubtful(const struct health *health, uint32_t prefix);

/* When the prefix went down last; 0 if it never did. */
uint64_t health_prefix_failed_us(const struct health *health, uint32_t prefix);

/* The median of its smoothed round-trip times over methods and targets; 0 if never answered. */
uint32_t health_prefix_srtt_us(const struct health *health, uint32_t prefix);

/* How often the prefix went down within the last hour. */
unsigned health_prefix_flaps(const struct health *health, uint32_t prefix, uint64_t now_us);

void health_channel_read(const struct health *health, uint32_t prefix, unsigned method,
                         struct health_channel *channel);

/* True unless several prefixes in a row failed on the target and nobody was answered by it. */
bool health_target_alive(const struct health *health, unsigned method, unsigned target);

/* True if the target often fails this prefix, though others of the method answer it: it is blocked.
 */
bool health_target_blocks(const struct health *health, uint32_t prefix, unsigned method,
                          unsigned target);

#endif
