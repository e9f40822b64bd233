/* A set's way into BIND. It has no clock, and does nothing by itself. */
#include "converge.h"

#include "units.h"

#define NEVER UINT64_MAX

/* Between two looks at the file, and after a reload; from there on the pause grows. */
#define GAP_MIN_US    (250 * MS_US)
#define GAP_GROWTH    4
#define GAP_SHOWN_US  (2500 * MS_US)   /* the longest, unless nine times the reload is more */
#define GAP_HIDDEN_US (40 * SECOND_US) /* the longest after a reload whose end was not seen */
#define QUIET_US      (10 * SECOND_US) /* so long after the pause it is short again */
#define SHARE         9                /* BIND has nine times as long as a reload takes */
#define FIRST_MAX_US  (5 * SECOND_US)  /* there is nothing yet to compare the first one with */

/* A reload that BIND does not show by then was in vain, if it answers, or else goes on. */
#define PATIENCE_US   (5 * SECOND_US)
#define RELOAD_MAX_US MINUTE_US

#define RELOADS_MAX 3 /* in vain: another would be, too */
#define NONES_MAX   3 /* asked in both ways, and beyond the second that BIND keeps a failure */

#define LOADING_US SECOND_US
#define SILENCE_US (15 * SECOND_US)

/* Between two questions: a quarter of the time so far, so that a measurement is near the truth. */
#define ASK_RELOAD_US (10 * MS_US)
#define ASK_MIN_US    (300 * MS_US)
#define PAUSE_MIN_US  SECOND_US
#define PAUSE_MAX_US  MINUTE_US

static uint64_t quarter(uint64_t since_us, uint64_t now_us, uint64_t min_us)
{
	return now_us + SOONER(LATER((now_us - since_us) / 4, min_us), PAUSE_MAX_US);
}

static uint64_t retry(struct converge *c, uint64_t now_us)
{
	unsigned doublings = c->failures < 6 ? c->failures : 6;

	c->failures++;
	return now_us + SOONER(PAUSE_MIN_US << doublings, PAUSE_MAX_US);
}

/* While a reload runs, BIND may be reading the file, unless it has long been silent. */
static uint64_t write_due(const struct converge *c)
{
	if (!c->changed)
		return c->write_us;
	return LATER(c->write_us, c->running ? c->told_us + PATIENCE_US : c->ready_us);
}

static uint64_t reload_due(const struct converge *c)
{
	if (c->write_us != NEVER)
		return NEVER;
	return LATER(c->reload_us, c->running ? c->told_us + RELOAD_MAX_US : c->ready_us);
}

static enum converge_event settle(struct converge *c, enum converge_force force)
{
	bool news = c->force != force;

	c->force = force;
	c->reloads = c->nones = 0;
	if (!news)
		return CONVERGE_NO_NEWS;
	return force == FORCE_SHOWN ? CONVERGE_IN_FORCE : CONVERGE_ASSUMED;
}

/* Of two measurements the smaller one: BIND or the machine may have stood still in the other. */
static void reload_end(struct converge *c)
{
	uint64_t gap_us = c->pace_us, took_us = c->loaded_us - c->told_us;

	if (took_us > 0 && took_us < RELOAD_MAX_US) {
		gap_us = LATER(SOONER(gap_us, GAP_SHOWN_US), SHARE * SOONER(took_us, c->took_us));
		c->took_us = took_us;
	}
	c->running = false;
	c->ready_us = c->loaded_us + gap_us;
}

void converge_init(struct converge *c, bool verifies)
{
	*c = (struct converge){
		.verifies = verifies,
		.write_us = NEVER,
		.reload_us = NEVER,
		.ask_us = NEVER,
		.took_us = FIRST_MAX_US,
	};
}

void converge_want(struct converge *c, bool changed, uint64_t now_us)
{
	c->write_us = SOONER(c->write_us, LATER(now_us, c->checked_us + GAP_MIN_US));
	if (!changed)
		return;
	c->changed = true;
	c->force = FORCE_NO;
	c->reloads = c->failures = 0;
}

enum converge_action converge_next(const struct converge *c, uint64_t now_us)
{
	if (now_us >= write_due(c))
		return CONVERGE_WRITE;
	if (now_us >= reload_due(c))
		return CONVERGE_RELOAD;
	return now_us >= c->ask_us ? CONVERGE_ASK : CONVERGE_REST;
}

uint64_t converge_due(const struct converge *c)
{
	return SOONER(SOONER(write_due(c), reload_due(c)), c->ask_us);
}

enum converge_event converge_written(struct converge *c, bool ok, bool replaced, uint64_t now_us)
{
	c->checked_us = now_us;
	c->write_us = ok ? NEVER : retry(c, now_us);
	if (!ok)
		return CONVERGE_NO_NEWS;
	c->changed = false;
	c->failures = 0;
	if (replaced) {
		c->force = FORCE_NO;
		c->reloads = 0;
	}
	if (replaced || c->reload_us != NEVER)
		c->reload_us = now_us;
	else if (c->verifies)
		c->ask_us = now_us;
	else
		return settle(c, FORCE_ASSUMED);
	return CONVERGE_NO_NEWS;
}

enum converge_event converge_reloaded(struct converge *c, bool ok, uint64_t now_us)
{
	/* Perhaps BIND is just being started, and will show the set by itself. */
	c->ask_us = c->verifies ? now_us + ASK_RELOAD_US : NEVER;
	c->reload_us = ok ? NEVER : retry(c, now_us);
	if (!ok)
		return CONVERGE_NO_NEWS;
	bool quiet = now_us >= c->ready_us + QUIET_US;
	c->pace_us = quiet ? 0 : SOONER(c->pace_us * GAP_GROWTH, GAP_HIDDEN_US);
	c->pace_us = LATER(c->pace_us, GAP_MIN_US);
	c->failures = 0;
	c->reloads++;
	c->told_us = c->loaded_us = now_us;
	c->asked_us = 0;
	c->running = true;
	if (c->verifies)
		return CONVERGE_NO_NEWS;
	reload_end(c);
	return settle(c, FORCE_ASSUMED);
}

enum converge_event converge_asked(struct converge *c, uint64_t now_us)
{
	if (c->asked_us == 0)
		c->asked_us = now_us;
	c->ask_us = c->running ? quarter(c->told_us, now_us, ASK_RELOAD_US)
	                       : quarter(c->asked_us, now_us, ASK_MIN_US);
	c->silent = now_us - c->asked_us >= SILENCE_US;
	if (c->silent)
		return CONVERGE_SILENT;
	return c->running && now_us - c->asked_us >= LOADING_US ? CONVERGE_LOADING
	                                                        : CONVERGE_NO_NEWS;
}

/* BIND serves what it should not, whatever was done so far. */
static enum converge_event other_answered(struct converge *c, bool in_vain, bool news,
                                          uint64_t now_us)
{
	bool drifted = c->force != FORCE_NO;

	c->force = FORCE_NO;
	if (news || c->reloads < RELOADS_MAX)
		c->reload_us = now_us;
	else
		c->ask_us = quarter(c->told_us, now_us, PAUSE_MIN_US);
	if (drifted)
		return CONVERGE_DRIFTED;
	return in_vain ? CONVERGE_NOT_LOADED : CONVERGE_NO_NEWS;
}

/* One reload may bring the prefixes to light; if it does not, BIND hides them. */
static enum converge_event none_answered(struct converge *c, bool in_vain, uint64_t now_us)
{
	bool shown = c->force == FORCE_SHOWN;

	if (in_vain || c->force == FORCE_ASSUMED)
		return settle(c, FORCE_ASSUMED);
	if (++c->nones < NONES_MAX) {
		c->ask_us = now_us + 2 * ASK_MIN_US;
		return CONVERGE_NO_NEWS;
	}
	c->nones = 0;
	c->force = FORCE_NO;
	c->reload_us = now_us;
	return shown ? CONVERGE_DRIFTED : CONVERGE_NO_NEWS;
}

/* An answer that does not show the set may be of before the reload: only time can tell. */
static bool is_early(struct converge *c, bool shown, uint64_t now_us)
{
	bool was_silent = c->asked_us != 0 && now_us - c->asked_us >= LOADING_US;

	/* A BIND that hung, instead of loading, has the signal still before it. */
	if (shown || was_silent)
		c->loaded_us = now_us;
	return !shown && now_us < c->loaded_us + PATIENCE_US;
}

enum converge_event converge_answered(struct converge *c, enum converge_served served, bool news,
                                      uint64_t now_us)
{
	bool running = c->running, early = running && is_early(c, served == SERVED_FILE, now_us);

	c->asked_us = 0;
	c->silent = false;
	c->ask_us = early ? quarter(c->loaded_us, now_us, ASK_RELOAD_US) : NEVER;
	if (early)
		return CONVERGE_NO_NEWS;
	if (running)
		reload_end(c);
	if (served == SERVED_FILE)
		c->reload_us = NEVER;
	if (c->changed || c->reload_us != NEVER)
		return CONVERGE_NO_NEWS;
	if (served == SERVED_OTHER)
		return other_answered(c, running, news, now_us);
	if (served == SERVED_NONE)
		return none_answered(c, running, now_us);
	return settle(c, served == SERVED_FILE ? FORCE_SHOWN : FORCE_ASSUMED);
}

bool converge_settled(const struct converge *c)
{
	return c->force != FORCE_NO && converge_due(c) == NEVER;
}
