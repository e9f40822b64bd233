/*
 * The way of a set to being in force: what is to be done next, and when.
 * Pure: time (CLOCK_MONOTONIC, in ms) and outcomes come in, actions and events go out.
 */
#include "converge.h"

/* Between two writes or signals, so that BIND reloads at most four times a second. */
#define ACT_GAP_MS 250

/* A repeated set may cut a pause short, but not below this. */
#define RETRY_MIN_MS 1000
#define RETRY_MAX_MS 60000

/* After a signal: BIND takes about 14 ms to serve the new set. Each pause doubles: 1.3 s in all. */
#define ASK_FIRST_MS      10
#define ASK_AFTER_SIGNAL  7
#define ASK_WITHOUT_CAUSE 3
#define ANSWER_MS         300

/* A BIND that starts may ignore signals and show nothing: so often is it told again. */
#define SIGNAL_ROUNDS 3

/*
 * An answer may be from before the last signal: BIND still loads what it was told to before, and
 * ignores what it is told meanwhile. So it is looked at again 1, 4, 16 and 64 s after the signal,
 * and a set that overtook another is believed for good when the second look has shown it, too.
 */
#define LOOK_FIRST_MS 1000
#define LOOK_LAST_MS  64000
#define LOOK_FACTOR   4
#define OVERTAKEN_MS  4000

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void stage_set(struct converge *c, enum converge_stage stage, int64_t due)
{
	c->stage = stage;
	c->due = due;
}

static int64_t pause_after(unsigned rounds)
{
	return rounds > 6 ? RETRY_MAX_MS : sooner(RETRY_MIN_MS << (rounds - 1), RETRY_MAX_MS);
}

/* Every new try begins at the file: it may have been changed meanwhile. */
static void retry(struct converge *c, int64_t now)
{
	c->rounds++;
	c->retries++;
	stage_set(c, CONVERGE_TO_WRITE, now + pause_after(c->rounds));
}

/* When BIND is looked at again after the last write or signal: INT64_MAX if no more. */
static int64_t look_due(const struct converge *c, int64_t now)
{
	for (int64_t after = LOOK_FIRST_MS; after <= LOOK_LAST_MS; after *= LOOK_FACTOR) {
		if (c->acted_at + after > now)
			return c->acted_at + after;
	}
	return INT64_MAX;
}

static enum converge_event settle(struct converge *c, enum converge_force force, int64_t now)
{
	bool news = c->force != force;

	c->force = force;
	c->rounds = 0;
	c->asked = 0;
	c->signalled = false;
	if (now >= c->acted_at + OVERTAKEN_MS)
		c->overtaken = false;
	stage_set(c, CONVERGE_IDLE, force == FORCE_SHOWN ? look_due(c, now) : INT64_MAX);
	if (!news)
		return CONVERGE_NO_NEWS;
	return force == FORCE_SHOWN ? CONVERGE_IN_FORCE : CONVERGE_ASSUMED;
}

void converge_init(struct converge *c, struct converge_mode mode)
{
	*c = (struct converge){
		.mode = mode,
		.due = INT64_MAX,
		.acted_at = INT64_MIN / 2,
		.checked_at = INT64_MIN / 2,
	};
	/* Who cannot ask must assume that BIND runs with an older file. */
	c->signal_owed = mode.signals && !mode.verifies;
}

void converge_want(struct converge *c, bool changed, int64_t now)
{
	if (changed) {
		if (c->signalled && c->force == FORCE_NO)
			c->overtaken = true;
		c->force = FORCE_NO;
		c->rounds = 0;
		stage_set(c, CONVERGE_TO_WRITE, later(now, c->acted_at + ACT_GAP_MS));
	} else if (c->stage == CONVERGE_IDLE) {
		stage_set(c, CONVERGE_TO_WRITE, later(now, c->checked_at + ACT_GAP_MS));
	} else if (c->due > now + RETRY_MIN_MS) {
		stage_set(c, CONVERGE_TO_WRITE,
		          later(now, later(c->acted_at, c->checked_at) + RETRY_MIN_MS));
	}
}

enum converge_action converge_next(const struct converge *c, int64_t now)
{
	static const enum converge_action actions[] = {
		[CONVERGE_IDLE] = CONVERGE_ASK,         [CONVERGE_TO_WRITE] = CONVERGE_WRITE,
		[CONVERGE_TO_SIGNAL] = CONVERGE_SIGNAL, [CONVERGE_TO_ASK] = CONVERGE_ASK,
		[CONVERGE_ASKED] = CONVERGE_GIVE_UP,
	};

	return now < c->due ? CONVERGE_REST : actions[c->stage];
}

int64_t converge_due(const struct converge *c)
{
	return c->due;
}

enum converge_event converge_written(struct converge *c, bool ok, bool replaced, int64_t now)
{
	c->checked_at = now;
	if (!ok || replaced) {
		c->force = FORCE_NO;
		c->acted_at = now;
	}
	if (!ok) {
		retry(c, now);
		return CONVERGE_NO_NEWS;
	}
	if (!c->mode.signals)
		return settle(c, FORCE_ASSUMED, now);
	c->signal_owed = c->signal_owed || replaced;
	c->asked = 0;
	c->signalled = false;
	if (c->signal_owed)
		stage_set(c, CONVERGE_TO_SIGNAL, now);
	else if (c->mode.verifies)
		stage_set(c, CONVERGE_TO_ASK, now);
	else
		return settle(c, FORCE_ASSUMED, now);
	return CONVERGE_NO_NEWS;
}

enum converge_event converge_signalled(struct converge *c, bool ok, int64_t now)
{
	c->acted_at = now;
	if (!ok) {
		c->force = FORCE_NO;
		c->signal_owed = true;
		retry(c, now);
		return CONVERGE_NO_NEWS;
	}
	c->signal_owed = false;
	if (!c->mode.verifies)
		return settle(c, FORCE_ASSUMED, now);
	c->asked = 0;
	c->signalled = true;
	stage_set(c, CONVERGE_TO_ASK, now + ASK_FIRST_MS);
	return CONVERGE_NO_NEWS;
}

void converge_asked(struct converge *c, int64_t now)
{
	c->asked++;
	stage_set(c, CONVERGE_ASKED, now + ANSWER_MS);
}

/* How many questions an answer like this is worth before it is believed. */
static unsigned patience(const struct converge *c, enum converge_served served)
{
	if (c->hidden && served != SERVED_OTHER)
		return 1;
	if (c->signalled)
		return ASK_AFTER_SIGNAL;
	return served == SERVED_OTHER ? 1 : ASK_WITHOUT_CAUSE;
}

/* It was not told to reload just now, and yet it does not serve the set. */
static enum converge_event drifted(struct converge *c, int64_t now)
{
	bool had_it = c->force == FORCE_SHOWN;

	c->force = FORCE_NO;
	c->signal_owed = true;
	stage_set(c, CONVERGE_TO_WRITE, later(now, c->acted_at + ACT_GAP_MS));
	return had_it ? CONVERGE_DRIFTED : CONVERGE_NO_NEWS;
}

static enum converge_event not_shown(struct converge *c, enum converge_served served, int64_t now)
{
	bool required = c->mode.verify_required || c->showed;
	enum converge_force force = required ? FORCE_NO : FORCE_ASSUMED;
	bool news = required || c->force != force;

	c->force = force;
	if (served == SERVED_NONE && !c->hidden && c->rounds < SIGNAL_ROUNDS) {
		c->signal_owed = true;
		retry(c, now);
	} else {
		/* Signals do not help. It may show it some day: go on asking. */
		c->hidden = true;
		c->signalled = false;
		c->asked = 0;
		c->rounds++;
		c->retries++;
		stage_set(c, CONVERGE_TO_ASK, now + pause_after(c->rounds));
	}
	if (!news)
		return CONVERGE_NO_NEWS;
	return required ? CONVERGE_NOT_SHOWN : CONVERGE_ASSUMED;
}

enum converge_event converge_answered(struct converge *c, enum converge_served served, int64_t now)
{
	if (c->stage != CONVERGE_ASKED)
		return CONVERGE_NO_NEWS;
	if (served == SERVED_WANTED) {
		c->showed = true;
		c->hidden = false;
		return settle(c, FORCE_SHOWN, now);
	}
	if (served == SERVED_OTHER)
		c->overtaken = false; /* what is shown from here on was loaded from here on */
	if (c->asked < patience(c, served)) {
		stage_set(c, CONVERGE_TO_ASK, now + (ASK_FIRST_MS << c->asked));
		return CONVERGE_NO_NEWS;
	}
	if (served == SERVED_OTHER)
		c->showed = true;
	if (!c->signalled && !(c->hidden && served != SERVED_OTHER))
		return drifted(c, now);
	if (served != SERVED_OTHER)
		return not_shown(c, served, now);
	c->force = FORCE_NO;
	c->signal_owed = true;
	retry(c, now);
	return CONVERGE_NOT_LOADED;
}

bool converge_in_force(const struct converge *c)
{
	return c->force != FORCE_NO;
}

bool converge_settled(const struct converge *c, int64_t now)
{
	if (c->overtaken && c->force == FORCE_SHOWN)
		return false;
	return converge_in_force(c) && (c->stage == CONVERGE_IDLE || c->due >= now + RETRY_MIN_MS);
}
