/*
 * The way of a set to being in force: what is to be done next, and when. A repeated set is checked
 * and repaired, a failure is tried again with growing pauses, BIND is never hurried.
 * Pure: time (CLOCK_MONOTONIC, in ms) and outcomes come in, actions and events go out.
 */
#ifndef NAT64HEALTH_CONVERGE_H
#define NAT64HEALTH_CONVERGE_H

#include <stdbool.h>
#include <stdint.h>

enum converge_action {
	CONVERGE_REST,
	CONVERGE_WRITE,   /* compare the file and replace it if it differs, then converge_written */
	CONVERGE_SIGNAL,  /* tell BIND to reload, then converge_signalled */
	CONVERGE_ASK,     /* ask BIND what it serves, then converge_asked */
	CONVERGE_GIVE_UP, /* no answer came: call converge_answered with SERVED_SILENT */
};

enum converge_served {
	SERVED_WANTED, /* the prefixes of the set */
	SERVED_OTHER,  /* other prefixes */
	SERVED_NONE,   /* an answer that shows no prefix */
	SERVED_SILENT, /* no answer */
};

enum converge_event {
	CONVERGE_NO_NEWS,
	CONVERGE_IN_FORCE,   /* BIND serves the set, and did not before */
	CONVERGE_ASSUMED,    /* as far as can be known; BIND does not show what it serves */
	CONVERGE_DRIFTED,    /* BIND had the set and has not any more; it will be told to reload */
	CONVERGE_NOT_LOADED, /* BIND was told to reload and still serves others */
	CONVERGE_NOT_SHOWN,  /* BIND does not show what it serves, and is required to */
};

struct converge_mode {
	bool signals;         /* has BIND load what was written */
	bool verifies;        /* asks BIND */
	bool verify_required; /* a BIND that does not show what it serves is a failure */
};

enum converge_stage {
	CONVERGE_IDLE, /* it is in force; BIND may be looked at again */
	CONVERGE_TO_WRITE,
	CONVERGE_TO_SIGNAL,
	CONVERGE_TO_ASK,
	CONVERGE_ASKED, /* an answer is due */
};

enum converge_force {
	FORCE_NO,
	FORCE_ASSUMED,
	FORCE_SHOWN,
};

struct converge {
	struct converge_mode mode;
	enum converge_stage stage;
	enum converge_force force;
	int64_t due;           /* when the stage acts */
	int64_t acted_at;      /* the last write or signal */
	int64_t checked_at;    /* the last look at the file */
	unsigned rounds;       /* failures in a row */
	unsigned asked;        /* questions in a row */
	unsigned long retries; /* in all */
	bool signal_owed;      /* BIND may not have loaded the file */
	bool signalled;        /* the questions follow a signal: a wrong answer may just be early */
	bool overtaken; /* another set was signalled for and not shown: it may yet be loaded */
	bool showed;    /* BIND has shown what it serves: it can */
	bool hidden;    /* BIND was given every chance to show it */
};

void converge_init(struct converge *c, struct converge_mode mode);

/* A set was asked for: another one than before (changed), or the same again. */
void converge_want(struct converge *c, bool changed, int64_t now);

/* What to do now. Call it again after each report. */
enum converge_action converge_next(const struct converge *c, int64_t now);

/* When converge_next will have something to do: ms, INT64_MAX if never. */
int64_t converge_due(const struct converge *c);

/* Reports of what was done. */
enum converge_event converge_written(struct converge *c, bool ok, bool replaced, int64_t now);
enum converge_event converge_signalled(struct converge *c, bool ok, int64_t now);
void converge_asked(struct converge *c, int64_t now);
enum converge_event converge_answered(struct converge *c, enum converge_served served, int64_t now);

/* True while the set is in force, as far as can be known. */
bool converge_in_force(const struct converge *c);

/*
 * True if it is in force and nothing is under way that could end that: a good moment to end. Later
 * looks at BIND are not waited for, but after a set that overtook another.
 */
bool converge_settled(const struct converge *c, int64_t now);

#endif
