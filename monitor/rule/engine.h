/*
 * The engine: the whole door to the rule. Outcomes of probes and the time go in; the next probes,
 * verdicts and the set come out. The prober and the simulator drive the same object code, one with
 * sockets and a clock, the other without. Prefixes are numbers, in the order of the list; times are
 * microseconds of a clock that never goes back. All memory, for the longest list, is taken by
 * engine_new; pages are touched only when used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENGINE_NO_PREFIX UINT32_MAX
#define METHODS_MAX      3
#define TARGETS_MAX      64 /* of one method; one bit each in a mask */
#define SET_MEMBERS_MAX  8

struct engine;

enum prefix_state { PREFIX_NEW, PREFIX_UP, PREFIX_DOWN }; /* new: not judged yet */

enum probe_failure {
	FAILURE_TIMEOUT, /* nothing came in time */
	FAILURE_RESET,   /* a TCP reset, or port unreachable */
	FAILURE_ICMP,    /* another ICMP error */
	FAILURE_LOCAL,   /* this host has no way there: no route, or no source address */
};

enum verdict_cause {
	CAUSE_ANSWERS, /* up: a run of answers */
	CAUSE_SILENCE, /* down: nothing is answered */
	CAUSE_TARGETS, /* down: too many of the targets that answer other prefixes are lost */
	CAUSE_LOSS,    /* down: it loses much more than other prefixes */
};

/* Why a prefix went down; of up, only the run says more. */
struct verdict {
	uint32_t prefix;
	enum prefix_state state;
	enum verdict_cause cause;
	unsigned method;            /* whose evidence was enough */
	enum probe_failure failure; /* how the last probe that counted failed */
	uint64_t targets;           /* a bit for each target that counted */
	uint32_t control;           /* the prefix whose control probe was answered last */
	double loss, common_loss;   /* shares, 0 to 1: this prefix's, and what all others lose */
	uint32_t run;               /* answers in a row */
};

struct engine_config {
	unsigned methods;                    /* 1 to METHODS_MAX */
	unsigned targets[METHODS_MAX];       /* of each method, 1 to TARGETS_MAX */
	uint64_t retransmit_us[METHODS_MAX]; /* when the system sends a probe again; 0: never */
	uint64_t interval_us;                /* between two routine probes of a channel */
	unsigned set_min, set_max;           /* 1 <= min <= max <= SET_MEMBERS_MAX */
	uint32_t slack_us;                   /* for a prefix beyond min */
	size_t prefixes_max;                 /* of the longest list that may come */
	size_t probes_max;                   /* under way at once */
	/* Called from within the other functions, in the order in which verdicts fall. */
	void (*on_verdict)(void *context, const struct verdict *verdict);
	void *context;
};

struct engine_entry {
	uint8_t tier;   /* 0 to 9; a lower one is preferred */
	bool drain;     /* never chosen, still probed */
	uint32_t group; /* 0: of its own; else prefixes with the same number fail together */
	uint32_t was;   /* its number in the list before, ENGINE_NO_PREFIX if it was not there */
};

/* Returns NULL if memory is short. */
struct engine *engine_new(const struct engine_config *config);
void engine_free(struct engine *engine);

/*
 * Begins with a list of 1 to prefixes_max prefixes, or goes on with another one: what was known of
 * a prefix stays known. Probes under way are forgotten: close their sockets before.
 */
void engine_load(struct engine *engine, const struct engine_entry *entries, size_t count,
                 uint64_t now_us);

enum engine_order_kind {
	ORDER_IDLE,  /* nothing to do before engine_due() */
	ORDER_PROBE, /* send a probe now, from a new source port or with a new ICMP id */
	ORDER_CLOSE, /* stop listening for this probe's answer; its number will be used again */
};

struct engine_order {
	enum engine_order_kind kind;
	uint32_t probe; /* below engine_config.probes_max */
	uint32_t prefix;
	unsigned method, target;
};

/* What to do now; call until ORDER_IDLE. */
struct engine_order engine_next(struct engine *engine, uint64_t now_us);

/* When engine_next or engine_review has something to do again. */
uint64_t engine_due(const struct engine *engine, uint64_t now_us);

/* The probe was answered; it is closed with that. Late answers are welcome until ORDER_CLOSE. */
void engine_answer(struct engine *engine, uint32_t probe, uint64_t now_us);

/* The probe failed at once; its socket may be closed, its number comes back with ORDER_CLOSE. */
void engine_failure(struct engine *engine, uint32_t probe, enum probe_failure failure,
                    uint64_t now_us);

/* The probe was never sent, for want of something that all probes need; it is closed with that. */
void engine_unsent(struct engine *engine, uint32_t probe);

/* Chooses anew. Returns true if the members of the set changed; a new order alone is no change. */
bool engine_review(struct engine *engine, uint64_t now_us);

/* The set: prefixes in the order of a set line, the best first, those that only fill up last. */
struct engine_set {
	uint32_t members[SET_MEMBERS_MAX];
	size_t count; /* 0: none yet */
};

const struct engine_set *engine_set(const struct engine *engine);

static inline bool engine_set_holds(const struct engine_set *set, uint32_t prefix)
{
	for (size_t i = 0; i < set->count; i++) {
		if (set->members[i] == prefix)
			return true;
	}
	return false;
}

enum engine_supply {
	SUPPLY_PENDING, /* not all are judged yet */
	SUPPLY_ENOUGH,
	SUPPLY_SHORT, /* the set is filled up with prefixes that are down */
	SUPPLY_NONE,  /* none is healthy: the set in force stays, if there is one */
};

struct engine_summary {
	size_t prefixes, states[3]; /* by enum prefix_state; drained ones too */
	size_t healthy;             /* up and not drained */
	bool settled;               /* every prefix was judged */
	enum engine_supply supply;
	bool silent;                            /* no method is answered: the uplink is down */
	uint64_t method_silent_us[METHODS_MAX]; /* for how long it was not answered; 0: it is */
};

struct engine_summary engine_summary(const struct engine *engine, uint64_t now_us);

struct engine_prefix {
	enum prefix_state state;
	bool doubt; /* up, but its last probes failed */
	bool in_set;
	bool filler;                /* in the set only to fill it up */
	uint32_t srtt_us;           /* median over targets; 0: never answered */
	double loss;                /* share of probes lost lately, 0 to 1, beyond what all lose */
	uint64_t lost[METHODS_MAX]; /* targets that answer other prefixes, and not this one */
	unsigned flaps;             /* times it went down within the last hour, 8 at most */
	uint64_t failed_us;         /* when it went down last; 0: never */
	struct verdict failure;     /* why; valid if failed_us is not 0 */
};

struct engine_prefix engine_prefix(const struct engine *engine, uint32_t prefix, uint64_t now_us);

struct engine_channel {
	uint64_t probes, answers,
		failures; /* sent since it was first listed, and what came of it */
	double evidence, loss;
	uint32_t srtt_us; /* over all targets; 0: never answered */
};

struct engine_channel engine_channel(const struct engine *engine, uint32_t prefix, unsigned method);

/* False while the target fails through several prefixes and answers none. */
bool engine_target_alive(const struct engine *engine, unsigned method, unsigned target);
