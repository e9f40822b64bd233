/*
 * The memory of the engine, and what its parts do with it. For the files of the rule alone: others
 * include engine.h.
 */
#ifndef NAT64HEALTH_STATE_H
#define NAT64HEALTH_STATE_H

#include "choice.h"
#include "damping.h"
#include "engine.h"
#include "heap.h"
#include "loss.h"
#include "pending.h"
#include "rtt.h"
#include "schedule.h"

#define EVIDENCE_SERIOUS 2.0     /* more than one lost probe: from here on, all have a control */
#define COMMON_TIME_US   100000U /* probes this close in time saw the same network */
#define DOUBT_PROBES     176U    /* a doubt's ration: 30 s of fast probes */

#define CONTROL_REQUESTS_MAX 1024U
#define RECENT_MAX           8U /* prefixes per method that were answered last */

/* What is known of a target through one prefix. */
struct target_state {
	struct rtt rtt;
	uint32_t failing_ms;      /* when the first failure of the row was sent */
	uint16_t doubt;           /* the channel's, that the two counts belong to */
	uint8_t failed, answered; /* in that doubt */
	uint8_t row;              /* confirmed failures since its last answer */
};

/* A prefix by one method. */
struct channel {
	uint64_t probes, answers, failures;
	double evidence;
	struct rtt_path path;
	struct loss loss;
	uint64_t answered_us;
	uint64_t failing_us;        /* when the first of the misses was sent */
	uint64_t doubted_us;        /* since when there is evidence */
	uint64_t failed_targets;    /* in this doubt, as below */
	uint64_t suspects;          /* targets that failed, and have not answered since */
	uint64_t lost;              /* targets that answer other prefixes, and not this one */
	uint32_t counted, answered; /* failures that count, and answers, in this doubt */
	uint32_t control;           /* the prefix whose control probe was answered last */
	uint32_t misses;            /* failures since the last answer */
	uint32_t waiting;           /* probes that wait for an answer */
	uint32_t run;                  /* answers in a row, less what failures undid */
	uint16_t doubt;             /* number of the doubt */
	uint16_t ration;            /* fast probes that are left for doubts */
	bool fast;                  /* counted in engine.doubts */
	bool control_lost; /* its last control probe; if it answers next, that was common loss */
	bool suspect_next; /* a doubt asks suspects and the others in turn */
	uint8_t controls_lost; /* if it answers next, that was common loss */
	uint8_t suspect, target_next;
	uint8_t loss_target;        /* 1 + target of the last failure that was learnt as loss */
	uint8_t failure;            /* enum probe_failure, of the last that counted */
	uint8_t last_failed_target; /* 1 + target, 0 if the channel was answered since */
};

struct prefix_health {
	enum prefix_state state;
	float lost_share; /* of its probes, when it went down */
	struct damping damping;
	uint64_t failed_us;
	struct verdict failure;
};

/* What is known of the prefixes of one list. */
struct list_state {
	struct prefix_health *prefixes;
	struct channel *channels;     /* by prefix, then method */
	struct target_state *targets; /* by prefix, then method, then target */
	size_t touched;               /* prefixes that were ever written */
};

/* Of all prefixes, by one method: a firewall may stop that method alone. */
struct method_activity {
	uint64_t answered_us;
	uint64_t failures; /* since then, of targets that are alive */
};

struct target_health {
	uint32_t unanswered; /* failures in a row of channels that other targets answered */
	uint32_t control;    /* the prefix of the last control probe, and when it was asked for */
	uint64_t control_us;
};

struct control_request {
	uint32_t prefix;
	uint8_t method, target;
};

struct engine {
	struct engine_config config;
	size_t count;
	unsigned targets_each, target_base[METHODS_MAX]; /* in list_state.targets */
	struct list_state lists[2], *list;               /* the list in force, and the one before */
	struct heap due;                                 /* ids: pending probes, then channels */
	struct pending pending;
	struct schedule schedule;
	struct method_activity activity[METHODS_MAX];
	struct target_health targets[METHODS_MAX][TARGETS_MAX];
	struct common_loss common[METHODS_MAX];
	uint32_t recent[METHODS_MAX][RECENT_MAX];
	struct control_request requests[CONTROL_REQUESTS_MAX];
	uint32_t request_first, request_count;
	size_t states[3], healthy;
	size_t doubts; /* channels that are probed fast */
	struct choice choice;
	struct choice_candidate *candidates; /* one a prefix */
	uint32_t *was;                       /* room for engine_load */
	struct engine_set set;
	uint64_t reviewed_us;
	bool review_due;
};

static inline struct channel *channel_of(const struct engine *e, uint32_t prefix, unsigned method)
{
	return &e->list->channels[(size_t)prefix * e->config.methods + method];
}

static inline struct target_state *target_of(const struct engine *e, uint32_t prefix,
                                             unsigned method, unsigned target)
{
	return &e->list->targets[(size_t)prefix * e->targets_each + e->target_base[method] +
	                         target];
}

static inline struct channel *pending_channel(const struct engine *e, const struct pending_probe *p)
{
	return channel_of(e, p->prefix, p->method);
}

/* engine.c: the door, and what all parts need. */
uint64_t method_silence_us(const struct engine *e, unsigned method, uint64_t now_us);
uint64_t engine_targets_alive(const struct engine *e, unsigned method); /* a bit each */
void channel_due(struct engine *e, uint32_t prefix, unsigned method, uint64_t due_us);

/* doubt.c: which channels are probed fast, and what is sent next. */
bool doubt_holds(const struct engine *e, uint32_t prefix, unsigned method, uint64_t now_us);
void doubt_begin(struct engine *e, uint32_t prefix, unsigned method, uint64_t now_us);
void doubt_leave(struct engine *e, uint32_t prefix, unsigned method, uint64_t now_us);
bool doubt_probe(struct engine *e, uint32_t prefix, unsigned method, uint64_t due_us,
                 uint64_t now_us, struct engine_order *order);
bool probe_open(struct engine *e, uint32_t prefix, unsigned method, unsigned target,
                uint64_t now_us, struct engine_order *order);

/* control.c: probes through other prefixes, which show what is a prefix's own failure. */
bool control_probe_request(struct engine *e, uint32_t prefix, unsigned method, unsigned target,
                     uint64_t now_us);
bool control_probe_send(struct engine *e, uint64_t now_us, struct engine_order *order);
void control_probe_confirm(struct engine *e, const struct pending_probe *answered, uint64_t now_us);
void control_probe_recent(struct engine *e, uint32_t prefix, unsigned method);

/* evidence.c: what outcomes say, and when they are enough for a verdict. */
void evidence_fail(struct engine *e, uint32_t id, enum probe_failure failure, uint64_t now_us);
void evidence_count(struct engine *e, struct pending_probe *failed, uint64_t now_us);
void evidence_answer(struct engine *e, uint32_t id, uint64_t now_us);

/* verdict.c: down, and up again. */
void verdict_down(struct engine *e, const struct pending_probe *last, enum verdict_cause cause,
                  double share, uint64_t now_us);
void verdict_try_up(struct engine *e, uint32_t prefix, uint64_t now_us);

/* view.c: what is told of it. */
uint32_t view_latency_us(const struct engine *e, uint32_t prefix);
float view_loss(const struct engine *e, uint32_t prefix, uint64_t now_us);
bool view_doubtful(const struct engine *e, uint32_t prefix, uint64_t now_us);

#endif
