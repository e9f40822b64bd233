/*
 * A set's way into BIND: what is next, and when. The file is written, BIND reloads, and is asked
 * until it shows the set; a repeated set is checked again. A reload costs a big BIND seconds, so
 * one runs at a time, and all of them together take at most a tenth of BIND's time.
 * Pure: time in microseconds and outcomes come in, actions and events go out.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum converge_action {
	CONVERGE_REST,
	CONVERGE_WRITE,  /* replace the file if it is not as it should be, then converge_written */
	CONVERGE_RELOAD, /* have BIND reload, then converge_reloaded */
	CONVERGE_ASK,    /* ask BIND what it serves, then converge_asked */
};

/* An answer of BIND, compared with what the file holds. */
enum converge_served {
	SERVED_FILE,   /* just that */
	SERVED_OTHER,  /* other prefixes, or more */
	SERVED_NONE,   /* no prefix: none is loaded, or BIND hides them */
	SERVED_CACHED, /* a cache's answer: no evidence of anything */
};

enum converge_event {
	CONVERGE_NO_NEWS,
	CONVERGE_IN_FORCE,   /* BIND serves the set, and did not before */
	CONVERGE_ASSUMED,    /* all is done that can be; BIND is not asked, or does not show it */
	CONVERGE_DRIFTED,    /* BIND had the set and has not any more; it will reload */
	CONVERGE_LOADING,    /* the reload takes long */
	CONVERGE_NOT_LOADED, /* the reload was in vain */
	CONVERGE_SILENT,     /* BIND has not answered for long; no reason to reload */
};

enum converge_force {
	FORCE_NO,
	FORCE_ASSUMED,
	FORCE_SHOWN,
};

struct converge {
	bool verifies;                        /* BIND is asked */
	bool changed;                         /* another set is wanted than the file holds */
	bool running;                         /* a reload, as far as is known */
	bool silent;                          /* CONVERGE_SILENT is so */
	enum converge_force force;            /* of the set that is wanted */
	uint64_t write_us, reload_us, ask_us; /* when it is to be done; UINT64_MAX: never */
	uint64_t checked_us;                  /* the last look at the file */
	uint64_t told_us;                     /* when the last reload began */
	uint64_t loaded_us;                   /* when its end was seen, told_us before that */
	uint64_t ready_us;                    /* when the next one may begin */
	uint64_t asked_us;                    /* the first question without an answer; 0: none */
	uint64_t pace_us;                     /* grows with each reload that follows soon */
	uint64_t took_us;                     /* the last reload that was measured */
	unsigned reloads;                     /* for this file, without its being shown */
	unsigned failures;                    /* in a row, of writing or reloading */
	unsigned nones;                       /* answers in a row that show no prefix */
};

void converge_init(struct converge *c, bool verifies);

/* A set was asked for: another one than before (changed), or the same again. */
void converge_want(struct converge *c, bool changed, uint64_t now_us);

/* What to do now. Call it again after each report. */
enum converge_action converge_next(const struct converge *c, uint64_t now_us);

/* When converge_next will have something to do; UINT64_MAX: not by itself. */
uint64_t converge_due(const struct converge *c);

/* Reports of what was done, and of what came back. */
enum converge_event converge_written(struct converge *c, bool ok, bool replaced, uint64_t now_us);
enum converge_event converge_reloaded(struct converge *c, bool ok, uint64_t now_us);
enum converge_event converge_asked(struct converge *c, uint64_t now_us);

/* news: the answer, or BIND's configuration, is another than at the last reload. */
enum converge_event converge_answered(struct converge *c, enum converge_served served, bool news,
                                      uint64_t now_us);

/* True if nothing is under way: a good moment to end. */
bool converge_settled(const struct converge *c);
