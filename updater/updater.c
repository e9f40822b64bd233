/* The updater at work: what is next is converge's to say, how it is done the other modules'. */
#include "updater.h"

#include "clock.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* Between two reads: a writer that never stops must not cost a processor. */
#define READ_PAUSE_US (5 * MS_US)

static bool last_is_in_force(const struct updater *u)
{
	return u->converge.force != FORCE_NO && !u->feed.refused;
}

/* --- what there is to say ------------------------------------------------------------------ */

static void in_force_report(struct updater *u, const char *how)
{
	char is[SET_LINE_MAX], was[SET_LINE_MAX];

	if (prefix_set_equal(&u->in_force, &u->wanted))
		log_notice("%s again: %s", how, set_line_say(&u->wanted, is));
	else
		log_notice("%s: %s (was: %s) after %" PRIu64 " ms", how,
		           set_line_say(&u->wanted, is), set_line_say(&u->in_force, was),
		           (uint64_t)((clock_us() - u->wanted_us) / MS_US));
	u->in_force = u->wanted;
	u->metrics.changed_us = clock_wall_us();
}

/* The likely causes, and what to do about each. */
static void not_loaded_report(struct updater *u)
{
	const struct prefix_set *served = &u->answer.prefixes;
	struct prefix_set strangers = prefix_set_without(served, &u->filed);
	char is[SET_LINE_MAX], wanted[SET_LINE_MAX], strange[SET_LINE_MAX];

	if (prefix_set_without(&u->filed, served).count == 0) {
		log_failure(
			&u->problem, 0,
			"BIND serves %s, too, which is not in %s: a dns64 block elsewhere in its "
			"configuration; remove that block (named-checkconf -p | grep dns64)",
			set_line_say(&strangers, strange), u->options->output);
		return;
	}
	/* What was in force before is a stranger only by its age. */
	strangers = prefix_set_without(&strangers, &u->in_force);
	log_failure(
		&u->problem, 0,
		"BIND was told to reload and serves %s, not %s: it refused its configuration, and "
		"would not start with it (its log: \"reloading configuration failed\"): the same "
		"prefix in a dns64 block elsewhere, or an error that named-checkconf shows%s%s",
		set_line_say(served, is), set_line_say(&u->filed, wanted),
		strangers.count ? "; or a view has a dns64 block of its own, remove it: " : "",
		strangers.count ? set_line_say(&strangers, strange) : "");
}

static void event_report(struct updater *u, enum converge_event event)
{
	bool verifies = u->options->verifies, shown = u->answer.kind == ANSWER_PREFIXES;
	char words[VERIFY_WORDS_MAX], set[SET_LINE_MAX];

	switch (event) {
	case CONVERGE_NO_NEWS:
		return;
	case CONVERGE_IN_FORCE:
		log_problem_over(&u->problem);
		in_force_report(u, "in force");
		return;
	case CONVERGE_ASSUMED:
		in_force_report(u, verifies || !u->options->signals ? "written"
		                                                    : "written and BIND told");
		if (verifies)
			log_problem(&u->problem, LOG_WARNING, "written, cannot be verified: %s",
			            verify_explain(&u->verify, u->answer.kind, words));
		else
			log_problem_over(&u->problem);
		return;
	case CONVERGE_DRIFTED:
		log_warning("%s%s; it is told to reload",
		            shown ? "BIND does not serve the set any more, but "
		                  : verify_explain(&u->verify, u->answer.kind, words),
		            shown ? set_line_say(&u->answer.prefixes, set) : "");
		return;
	case CONVERGE_LOADING:
		log_problem(&u->problem, LOG_NOTICE, "BIND is loading %s",
		            set_line_say(&u->filed, set));
		return;
	case CONVERGE_NOT_LOADED:
		not_loaded_report(u);
		return;
	case CONVERGE_SILENT:
		log_failure(&u->problem, 0, "%s",
		            verify_explain(&u->verify, ANSWER_IGNORED, words));
		return;
	}
}

/* The end of input has come, and the set is not in force. */
static void failure_report(const struct updater *u)
{
	char words[VERIFY_WORDS_MAX];
	const char *why = "BIND still serves what it did before";

	if (u->problem.words[0] != '\0')
		why = u->problem.words;
	else if (u->answer.kind == ANSWER_IGNORED)
		why = verify_explain(&u->verify, ANSWER_IGNORED, words);
	log_error("not in force after %u s (see --timeout): %s", u->options->timeout_s, why);
}

/* --- what there is to do ------------------------------------------------------------------- */

static size_t set_render(struct updater *u, const struct prefix_set *set)
{
	return render_config(u->text, set, u->feed.allow, u->options->include);
}

static int conf_write(struct updater *u, bool anew)
{
	size_t length = set_render(u, &u->wanted);
	int result = install_write(&u->install, u->text, length, anew, &u->problem);

	u->failed = u->failed || result == -ESTALE;
	if (result >= 0)
		u->filed = u->wanted;
	if (result == 1)
		log_info("%s was replaced", u->options->output);
	return result;
}

static enum converge_event set_write(struct updater *u, uint64_t now_us)
{
	/* A BIND that is not asked may run with an older file than the one that was there. */
	bool unsure = u->filed.count == 0 && u->options->signals && !u->options->verifies;
	int result = conf_write(u, false);

	u->replaced = u->replaced || result == 1;
	return converge_written(&u->converge, result >= 0, result == 1 || unsure, now_us);
}

static enum converge_event bind_reload(struct updater *u, uint64_t now_us)
{
	int result = 0;

	if (u->options->signals) {
		result = named_reload(&u->named, &u->problem);
		u->failed = u->failed || result == -ESTALE;
	} else if (!u->replaced) { /* by which something else has BIND reload */
		result = conf_write(u, true);
	}
	if (result >= 0 && u->options->signals) {
		u->metrics.signals++;
		log_info("BIND was told to reload");
	}
	u->replaced = false;
	u->reloaded = u->answer.prefixes;
	u->stamp = named_conf_stamp(&u->named);
	return converge_reloaded(&u->converge, result >= 0, now_us);
}

static void actions_follow(struct updater *u)
{
	enum converge_action action;
	uint64_t now_us = clock_us();

	while (!u->failed && (action = converge_next(&u->converge, now_us)) != CONVERGE_REST) {
		enum converge_event event;

		u->metrics.pending = true;
		if (action == CONVERGE_WRITE) {
			event = set_write(u, now_us);
		} else if (action == CONVERGE_RELOAD) {
			event = bind_reload(u, now_us);
		} else {
			verify_ask(&u->verify);
			event = converge_asked(&u->converge, now_us);
		}
		now_us = clock_us();
		event_report(u, event);
	}
}

static void reply_handle(struct updater *u)
{
	uint64_t now_us = clock_us();
	const struct prefix_set *served = &u->answer.prefixes;
	enum converge_served judged = SERVED_NONE;
	bool news = false;

	if (!verify_read(&u->verify, &u->answer, now_us))
		return;
	if (u->answer.kind == ANSWER_CACHED) {
		judged = SERVED_CACHED;
	} else if (u->answer.kind == ANSWER_PREFIXES) {
		judged = prefix_set_equal(served, &u->filed) ? SERVED_FILE : SERVED_OTHER;
		news = !prefix_set_equal(served, &u->reloaded) ||
		       u->stamp != named_conf_stamp(&u->named);
	}
	if (u->converge.silent) {
		log_problem_over(&u->problem);
		log_notice("BIND answers again at %s", u->verify.server);
	}
	event_report(u, converge_answered(&u->converge, judged, news, now_us));
}

static void set_print(struct updater *u, const struct prefix_set *set)
{
	size_t length = set_render(u, set);

	for (size_t done = 0; done < length && !u->failed;) {
		ssize_t put = write(STDOUT_FILENO, u->text + done, length - done);
		if (put < 0 && errno != EINTR) {
			log_error("cannot write to standard output: %s", strerror(errno));
			u->failed = true;
		}
		done += put > 0 ? (size_t)put : 0;
	}
}

/* Of all the lines that are there, the newest good one counts. */
static void input_handle(struct updater *u)
{
	struct prefix_set set, newest = {.count = 0};
	uint64_t now_us = clock_us();

	feed_fill(&u->feed, STDIN_FILENO);
	u->read_us = now_us + READ_PAUSE_US;
	while (!u->failed && feed_set(&u->feed, &set, now_us)) {
		if (u->options->dry_run)
			set_print(u, &set);
		newest = set;
	}
	if (u->feed.ended)
		u->deadline_us = now_us + u->options->timeout_s * SECOND_US;
	if (newest.count == 0 || u->options->dry_run)
		return;
	/* The same prefixes in another order are the same set, and no cause to reload. */
	bool changed = !prefix_set_equal(&newest, &u->wanted);
	if (changed) {
		u->wanted_us = now_us;
		u->wanted = newest;
	}
	converge_want(&u->converge, changed, now_us);
}

static void signals_handle(struct updater *u)
{
	struct signalfd_siginfo info;

	while (read(u->signal_fd, &info, sizeof(info)) == sizeof(info))
		u->ending = u->ending || info.ssi_signo == SIGHUP || info.ssi_signo == SIGTERM ||
		            info.ssi_signo == SIGINT;
}

/* --- the loop ------------------------------------------------------------------------------ */

/* Waits for a signal, an answer, a line, or the next thing to do; a signal goes first. */
static void events_wait(struct updater *u)
{
	uint64_t due_us = SOONER(converge_due(&u->converge), u->deadline_us), now_us = clock_us();
	bool pauses = now_us < u->read_us;
	struct pollfd ready[] = {
		{.fd = u->signal_fd, .events = POLLIN},
		{.fd = u->options->verifies ? u->verify.fd : -1, .events = POLLIN},
		{.fd = u->feed.ended || pauses ? -1 : STDIN_FILENO, .events = POLLIN},
	};

	if (pauses)
		due_us = SOONER(due_us, u->read_us);
	if (u->options->metrics)
		due_us = SOONER(due_us, update_metrics_due(&u->metrics));
	uint64_t wait_us = due_us > now_us ? due_us - now_us : 0;
	wait_us = SOONER(wait_us, HOUR_US);
	const struct timespec timeout = {(time_t)(wait_us / SECOND_US),
	                                 (long)(wait_us % SECOND_US) * 1000};
	if (ppoll(ready, COUNT(ready), &timeout, NULL) <= 0)
		return;
	u->metrics.pending = true;
	if (ready[0].revents)
		signals_handle(u);
	if (!u->ending && ready[1].revents)
		reply_handle(u);
	if (!u->ending && ready[2].revents)
		input_handle(u);
}

static void numbers_write(struct updater *u, bool at_once)
{
	struct update_metrics *m = &u->metrics;
	uint64_t now_us = clock_us();

	if (!u->options->metrics || (!at_once && now_us < update_metrics_due(m)))
		return;
	m->in_force = last_is_in_force(u);
	m->verified = m->in_force && u->converge.force == FORCE_SHOWN && !u->converge.silent;
	m->served = u->answer.prefixes.count > 0 ? &u->answer.prefixes : &u->in_force;
	update_metrics_write(m, now_us);
}

/* At the end of input: nothing was asked for, it is in force, or there is no more time. */
static bool is_done(const struct updater *u)
{
	if (u->ending || u->failed)
		return true;
	return u->feed.ended && (u->options->dry_run || u->wanted.count == 0 ||
	                         clock_us() >= u->deadline_us || converge_settled(&u->converge));
}

int updater_run(struct updater *u)
{
	u->metrics.feed = &u->feed;
	u->metrics.started_us = clock_wall_us();
	u->deadline_us = UINT64_MAX;
	converge_init(&u->converge, u->options->verifies);
	numbers_write(u, true);
	while (!is_done(u)) {
		events_wait(u);
		actions_follow(u);
		numbers_write(u, false);
	}
	feed_sum_up(&u->feed);
	numbers_write(u, true);
	if (u->failed || u->options->dry_run || u->wanted.count == 0)
		return u->failed || u->feed.refused ? 1 : 0;
	if (u->feed.ended && !u->ending && u->converge.force == FORCE_NO)
		failure_report(u);
	return last_is_in_force(u) ? 0 : 1;
}
