/*
 * The simulated network: what is true. Prefixes, targets, the uplink, and faults that come and go
 * by a seeded plan. It knows nothing of how the monitor judges.
 */
#pragma once

#include "units.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_METHODS_MAX 3
#define WORLD_TARGETS_MAX 64
#define WORLD_FAULTS_MAX  6

#define DAY_US (24 * HOUR_US)
#define NEVER  UINT64_MAX

enum fault_kind {
	FAULT_NONE,
	FAULT_DEAD,    /* prefixes carry nothing; by some methods only, if so masked */
	FAULT_FULL,    /* as dead for new flows; answers under way still come */
	FAULT_REFUSED, /* as dead, but the gateway says so with an ICMP error */
	FAULT_LOSS,    /* prefixes lose the share "amount" */
	FAULT_SLOW,    /* prefixes take "amount" seconds longer */
	FAULT_TARGET,  /* targets answer nobody */
	FAULT_PAIR,    /* prefixes are not answered by "amount" targets each, 1 if it is 0 */
	FAULT_HASH,    /* one of "amount" nodes of a translator is dead, chosen by address */
	FAULT_PORTS,   /* likewise, chosen by port: by flow */
	FAULT_FILTER,  /* no prefix is answered by some methods */
	FAULT_RATE,    /* prefixes are answered by one target each only every "amount" seconds */
	FAULT_UPLINK,  /* nobody is answered */
	FAULT_UPLINK_LOSS, /* everybody loses the share "amount" */
	FAULT_SUSPEND,     /* the host sleeps */
};

/* A fault that comes every now and then. Times are in seconds; 0 for "lasts" is for ever. */
struct fault_plan {
	enum fault_kind kind;
	unsigned count;   /* how many prefixes, or targets; 0 is all */
	unsigned methods; /* a bit each; 0 is all */
	double amount;
	double every, lasts; /* the pause is random, half to one and a half of "every" */
	double period;       /* while it lasts, on for half a period and off for the other half */
	bool provider;       /* the victims are the first ones: one provider's, not any */
	bool from_start;     /* on from the first moment on */
};

struct random {
	uint64_t state;
};

struct world_config {
	size_t prefixes;
	unsigned methods, targets;
	double loss; /* of every path, independent */
	double burst_every,
		burst_lasts; /* Gilbert-Elliott: mean seconds between bursts, and of one */
	double burst_loss;
	double silence_every; /* each prefix is silent for silence_lasts once in this many seconds
	                       */
	double silence_lasts;
	double rtt_min, rtt_max; /* seconds, of targets */
	double extra;            /* seconds, at most, that a prefix adds */
	double drift_every;      /* seconds between changes of a prefix's latency */
	struct fault_plan faults[WORLD_FAULTS_MAX];
};

struct world_prefix {
	bool dead[WORLD_METHODS_MAX], refused[WORLD_METHODS_MAX];
	bool old_flows; /* dead for new flows only */
	double loss;
	uint32_t slow_us, extra_us;
	uint64_t blocked, limited; /* a bit for each target */
	unsigned nodes;            /* of which one is dead, by port; 0: none */
	uint64_t limited_next_us, limit_us;
	bool bursting;
	uint64_t burst_turn_us;
	uint64_t silence_slot, silence_start_us;
	uint64_t drift_us;
	bool wrong, dead_all;   /* something is wrong with it; it carries nothing at all */
	uint64_t wrong_last_us; /* when it was wrong last */
	uint64_t dead_since_us;
	uint64_t fine_since_us;
};

struct world_fault {
	struct fault_plan plan;
	bool active, on;
	uint64_t turn_us, end_us, started_us;
	bool *victims; /* a prefix each */
	uint64_t targets;
	uint64_t *pairs; /* the targets that each prefix loses, if it is a victim */
};

struct world {
	struct world_config config;
	struct random random;
	struct world_prefix *prefixes;
	uint32_t target_rtt_us[WORLD_TARGETS_MAX];
	bool target_dead[WORLD_TARGETS_MAX];
	bool filtered[WORLD_METHODS_MAX];
	bool uplink_down;
	double uplink_loss;
	uint64_t sleep_us; /* the host sleeps that long, now */
	struct world_fault faults[WORLD_FAULTS_MAX];
	uint64_t due_us;
	uint64_t uplink_back_us; /* when it came back last */
};

enum world_fate { FATE_LOST, FATE_ANSWERED, FATE_REFUSED };

/* Zeroed memory; what is simulated cannot go on without it. */
void *memory_take(size_t count, size_t size);

uint64_t random_next(struct random *random);
double random_unit(struct random *random);

void world_init(struct world *world, const struct world_config *config, uint64_t seed);
void world_free(struct world *world);

/* Brings the faults up to now. Returns the fault that has turned, or NULL when there is none left.
 */
const struct world_fault *world_turn(struct world *world, uint64_t now_us);

/* A probe: flow is a random number, and the same for a copy of it. */
struct world_probe {
	uint32_t prefix;
	unsigned method, target;
	uint32_t flow;
};

/* What becomes of a probe sent now, and after how long. */
enum world_fate world_probe(struct world *world, const struct world_probe *probe, uint64_t now_us,
                            uint64_t *delay_us);

/* How many of the living targets do not answer the prefix because of a fault of its own. */
unsigned world_targets_lost(const struct world *world, uint32_t prefix);

/* Whether an answer that arrives now gets through. */
bool world_delivers(const struct world *world, uint32_t prefix, unsigned method);

const char *fault_name(enum fault_kind kind);
