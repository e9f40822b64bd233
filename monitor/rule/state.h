/*
 * The memory of the engine, and what its parts do with it. For the files of the rule alone: others
 * include engine.h.
 */
#pragma once

#include "choice.h"
#include "engine.h"
#include "heap.h"
#include "loss.h"
#include "rtt.h"
#include "units.h"

#define EVIDENCE_SERIOUS 2.0 /* more than one lost probe: from here on, all have a control */
#define COMMON_TIME_US   (100 * MS_US) /* probes this close in time saw the same network */
#define DOUBT_PROBES     176U          /* a doubt's ration: 28 s of fast probes */
#define FLAPS_MAX        8U            /* that are remembered */
#define RECENT_MAX       32U           /* answers by each method that are remembered */
#define DEAD_SHARE       0.9F          /* one that loses more does not lose some: it is dead */
#define PENDING_NONE     UINT32_MAX

struct target_state { /* through one prefix */
	struct rtt rtt;
	uint32_t failing_ms; /* when the first failure of the row was sent */
	uint8_t row;         /* confirmed failures since its last answer */
};

/* A prefix by one method. In masks, a bit stands for each target. */
struct channel {
	uint32_t prefix, method;
	uint64_t probes, answers, failures;
	struct rtt_path path;
	float loss; /* the share of its last probes that was lost */
	double evidence;
	uint32_t counted, answered; /* failures that counted, and answers, in this doubt */
	uint64_t failed_targets, answered_targets; /* likewise */
	uint64_t suspects;    /* targets that failed, and have not answered since */
	uint64_t lost;        /* targets that answer other prefixes, and not this one */
	uint64_t controls;    /* targets that a control probe is to be sent to */
	uint64_t last_failed; /* target, if nothing was answered since */
	uint64_t repeated;    /* the target of the last failure that was looked at ... */
	uint32_t repeats;     /* ... and how often it was that one before */
	uint64_t answered_us, doubted_us; /* last; since when there is evidence */
	uint64_t failing_us;              /* when the first of the misses was sent */
	uint32_t misses;                  /* failures since the last answer */
	uint32_t run;                     /* answers in a row, less what failures undid */
	uint32_t waiting;                 /* probes that wait for an answer */
	uint32_t controls_lost;           /* if it answers next, that was common loss */
	uint32_t ration;                  /* fast probes that are left for doubts */
	uint8_t target_next, suspect;     /* what a doubt asks: all in turn, and the last suspect */
	bool suspect_next, fast;          /* those or these are next; counted in engine.doubts */
};

struct prefix_health {
	enum prefix_state state;
	float lost_share; /* of its probes, when it went down */
	uint64_t failed_us, flaps_us[FLAPS_MAX];
	unsigned flap_next;
	struct verdict failure;
	struct channel channels[METHODS_MAX];
};

struct list_state { /* what is known of the prefixes of one list */
	struct prefix_health *prefixes;
	struct target_state *targets; /* by prefix, then method, then target */
	size_t count;                 /* of prefixes; what is behind them is zero, and untouched */
};

struct pending_probe {
	struct channel *channel;
	uint32_t target, next, previous; /* next: to the same target, an older one */
	bool routine;                    /* of the timetable */
	bool again;                      /* its target failed just now */
	bool is_control;                 /* sent because a probe of another prefix asked for it */
	bool has_control;                /* a control probe was sent along with it */
	bool failed;                     /* else it waits */
	uint32_t control; /* whose control probe was answered; ENGINE_NO_PREFIX: none yet */
	uint32_t timeout_us;
	float counted; /* as that much evidence */
	enum probe_failure failure;
	uint64_t sent_us;
};

/* Under way: an array, a list of the free numbers, and a list for each target. */
struct pending {
	struct pending_probe *probes;
	size_t max, used; /* numbers from used on were never given: their pages are untouched */
	uint32_t free;
	uint32_t first[METHODS_MAX][TARGETS_MAX]; /* to each target, the newest first */
};

struct target_health {
	uint32_t unanswered; /* failures in a row of channels that other targets answered */
	uint32_t control;    /* the prefix of the last control probe, and when it was asked for */
	uint64_t control_us;
};

/* Of all prefixes, by one method: a firewall may stop that method alone. */
struct method_activity {
	uint64_t answered_us;
	uint64_t failures; /* since then, of targets that are alive */
	uint64_t alive;    /* targets that answer some prefix, a bit each */
	struct common_loss common;
	uint32_t recent[RECENT_MAX], recent_next; /* prefixes that were answered last */
	struct target_health targets[TARGETS_MAX];
};

struct engine {
	struct engine_config config;
	unsigned targets_each, target_base[METHODS_MAX]; /* in list_state.targets */
	struct list_state lists[2], *list;               /* the list in force, and the one before */
	struct heap due;                                 /* ids: pending probes, then channels */
	struct pending pending;
	struct method_activity methods[METHODS_MAX];
	size_t doubts; /* channels that are probed fast */
	struct choice choice;
	struct choice_candidate *candidates; /* one a prefix */
	uint64_t reviewed_us;
	bool review_due;
};

static inline struct prefix_health *prefix_of(const struct engine *e, const struct channel *c)
{
	return &e->list->prefixes[c->prefix];
}

/* The states of a channel's targets. */
static inline struct target_state *targets_of(const struct engine *e, const struct channel *c)
{
	return &e->list->targets[(size_t)c->prefix * e->targets_each + e->target_base[c->method]];
}

static inline bool is_in_doubt(const struct channel *c)
{
	return c->misses > 0 || c->evidence > 0 || c->suspects != 0;
}

/* engine.c */
uint32_t pending_open(struct pending *pending, const struct pending_probe *probe);
uint64_t method_silence_us(const struct engine *e, unsigned method, uint64_t now_us);
void channel_due(struct engine *e, const struct channel *c, uint64_t due_us);
/* schedule.c: what is sent next: the routine, or fast probes in doubt. */
void schedule_routine(struct engine *e, struct channel *c, uint64_t now_us);
bool schedule_probe(struct engine *e, struct channel *c, uint64_t due_us, uint64_t now_us,
                    struct engine_order *order);
/* control_probe.c: probes through other prefixes, which show what is a prefix's own failure. */
bool control_probe_request(struct engine *e, const struct channel *failing, unsigned target,
                           uint64_t now_us);
void control_probe_confirm(struct engine *e, const struct pending_probe *answered, uint64_t now_us);
/* evidence.c: what outcomes say, and when they are enough for a verdict. */
void evidence_fail(struct engine *e, uint32_t id, enum probe_failure failure, uint64_t now_us);
void evidence_count(struct engine *e, struct pending_probe *failed, uint64_t now_us);
void evidence_answer(struct engine *e, uint32_t id, uint64_t now_us);
/* verdict.c: down, and up again. */
void verdict_down(struct engine *e, const struct pending_probe *failed, enum verdict_cause cause,
                  double share, uint64_t now_us);
void verdict_try_up(struct engine *e, struct prefix_health *p, uint64_t now_us);
unsigned verdict_flaps(const struct prefix_health *p, uint64_t now_us);
/* view.c: what is told of it. */
uint32_t view_latency_us(const struct engine *e, uint32_t prefix);
void view_candidate(const struct engine *e, uint32_t prefix, uint64_t now_us,
                    struct choice_candidate *look);
