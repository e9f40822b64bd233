/*
 * The updater at work: lines come in, and the file, BIND and the log follow. What is next and when
 * is converge's to say, how each step is done the other modules'.
 */
#include "updater.h"

#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FAREWELL_MS 5000 /* after the end of input: for BIND to load what was asked for last */

/* Whoever sends rubbish must not fill the log with it: so many refusals are told in so long. */
#define REFUSALS_TOLD 10
#define REFUSALS_MS   10000

#define HOUR_MS 3600000

/* Set by the signal handler only. */
static volatile sig_atomic_t got_hup, got_usr1, got_end;

static void signal_note(int signal)
{
	if (signal == SIGHUP)
		got_hup = 1;
	else if (signal == SIGUSR1)
		got_usr1 = 1;
	else
		got_end = 1;
}

/* They are let in only while waiting, so that none is missed between a look and a wait. */
void updater_catch_signals(struct updater *u)
{
	static const int signals[] = {SIGHUP, SIGUSR1, SIGTERM, SIGINT};
	const struct sigaction note = {.sa_handler = signal_note};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t closed;

	sigemptyset(&closed);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaction(signals[i], &note, NULL);
		sigaddset(&closed, signals[i]);
	}
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL); /* EFBIG says it, too */
	sigprocmask(SIG_BLOCK, &closed, &u->signals_open);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigdelset(&u->signals_open, signals[i]);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

struct set_text {
	char buf[SET_LINE_MAX];
};

/* The set in words, for a message. */
static const char *set_words(const struct prefix_set *set, struct set_text *text)
{
	if (set->count == 0)
		return "none";
	size_t length = set_line_format(set, text->buf);
	text->buf[length - 1] = '\0';
	return text->buf;
}

/* Says each problem once, until it is over or another. */
static void problem_report(struct updater *u, const char *problem)
{
	if (strcmp(problem, u->problem) == 0)
		return;
	snprintf(u->problem, sizeof(u->problem), "%s", problem);
	log_error("%s", problem);
}

static bool allow_holds(const struct prefix_file *allow, const struct prefix *p)
{
	for (size_t i = 0; i < allow->count; i++) {
		if (prefix_compare(&allow->entries[i].prefix, p) == 0)
			return true;
	}
	return false;
}

/* Returns the first prefix of the set that may not be in one, or NULL. */
static const struct prefix *set_forbidden(const struct updater *u, const struct prefix_set *set)
{
	for (size_t i = 0; u->options->allow && i < set->count; i++) {
		if (!allow_holds(&u->allow, &set->prefixes[i]))
			return &set->prefixes[i];
	}
	return NULL;
}

static void refusals_sum_up(struct updater *u)
{
	if (u->refusals > REFUSALS_TOLD)
		log_error("%lu more lines were refused, the last of them line %lu",
		          u->refusals - REFUSALS_TOLD, u->refused_last);
	u->refusals = 0;
}

static void line_refuse(struct updater *u, enum refusal refusal, const char *reason)
{
	int64_t now = now_ms();

	u->metrics.counts.refused[refusal]++;
	if (u->refusals > 0 && now >= u->refusals_ms + REFUSALS_MS)
		refusals_sum_up(u);
	if (u->refusals == 0)
		u->refusals_ms = now;
	u->refused = true;
	u->refused_last = u->input.number;
	if (++u->refusals <= REFUSALS_TOLD)
		log_error("line %lu refused: %s; the set in force stays", u->input.number, reason);
}

static void line_handle(struct updater *u, const char *line, size_t length, struct prefix_set *set)
{
	char reason[SET_REASON_MAX], prefix[PREFIX_STRLEN];
	struct prefix_set parsed;

	u->metrics.counts.lines++;
	u->metrics.line_s = wall_s();
	switch (set_line_parse(&parsed, line, length, u->options->size, reason)) {
	case SET_LINE_IGNORED:
		return;
	case SET_LINE_REFUSED:
		line_refuse(u, REFUSAL_INVALID, reason);
		return;
	case SET_LINE_SET:
		break;
	}
	const struct prefix *forbidden = set_forbidden(u, &parsed);
	if (forbidden) {
		snprintf(
			reason, sizeof(reason),
			"%s is not in %.64s: was its writer taken over, or the file edited and not "
			"read again (HUP)?",
			prefix_format(forbidden, prefix), u->options->allow);
		line_refuse(u, REFUSAL_NOT_ALLOWED, reason);
		return;
	}
	u->metrics.counts.accepted++;
	u->refused = false;
	*set = parsed;
}

static bool set_print(struct updater *u, const struct prefix_set *set)
{
	size_t length = render_config(u->text, set, u->options->allow ? &u->allow : NULL,
	                              u->options->include);

	for (size_t done = 0; done < length;) {
		ssize_t put = write(STDOUT_FILENO, u->text + done, length - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0) {
			snprintf(u->reason, sizeof(u->reason),
			         "cannot write to standard output: %s", strerror(errno));
			problem_report(u, u->reason);
			return false;
		}
		done += (size_t)put;
	}
	return true;
}

static void set_take(struct updater *u, const struct prefix_set *set, int64_t now)
{
	bool changed = !prefix_set_equal(set, &u->wanted);

	/* The same prefixes in another order are the same set, and no cause to reload. */
	if (changed) {
		u->wanted_ms = now;
		u->wanted = *set;
	}
	if (!u->options->dry_run)
		converge_want(&u->converge, changed, now);
	else if (!set_print(u, set))
		u->failed = true;
}

static void input_end(struct updater *u, int64_t now)
{
	if (!u->ended && input_unfinished(&u->input)) {
		u->input.number++;
		u->metrics.counts.lines++;
		line_refuse(u, REFUSAL_UNFINISHED, "it has no end: its writer died in the middle");
	}
	u->ended = true;
	u->deadline_ms = now + FAREWELL_MS;
}

/* Of all the lines that are there, the newest good one counts. */
static void input_handle(struct updater *u, int64_t now)
{
	struct prefix_set newest = {.count = 0};
	const char *line;
	size_t length;
	ssize_t got = input_fill(&u->input, STDIN_FILENO);

	if (got == -EINTR || got == -EAGAIN)
		return;
	while (input_next(&u->input, &line, &length)) {
		line_handle(u, line, length, &newest);
		if (u->options->dry_run && newest.count > 0) {
			set_take(u, &newest, now);
			newest.count = 0;
		}
	}
	if (newest.count > 0)
		set_take(u, &newest, now);
	if (got < 0) {
		u->refused = true; /* nobody knows what the last line was */
		log_error("cannot read standard input: %s", strerror((int)-got));
	}
	if (got <= 0)
		input_end(u, now);
}

static void in_force_report(struct updater *u, const char *how, int64_t now)
{
	struct set_text is, was;

	set_words(&u->wanted, &is);
	if (prefix_set_equal(&u->in_force, &u->wanted))
		log_notice("%s again: %s", how, is.buf);
	else
		log_notice("%s: %s (was: %s) after %" PRId64 " ms", how, is.buf,
		           set_words(&u->in_force, &was), now - u->wanted_ms);
	u->in_force = u->wanted;
	u->metrics.in_force_s = wall_s();
	u->problem[0] = '\0';
}

static void assumed_report(struct updater *u, int64_t now)
{
	if (!u->options->signals)
		in_force_report(u, "written", now);
	else if (!u->options->verifies)
		in_force_report(u, "written and BIND told", now);
	else {
		in_force_report(u, "written and BIND told, but not verified", now);
		log_warning("%s; --no-verify stops asking", u->reason);
	}
}

static void event_report(struct updater *u, enum converge_event event, int64_t now)
{
	struct set_text served, wanted;
	char problem[REASON_MAX];

	switch (event) {
	case CONVERGE_NO_NEWS:
		return;
	case CONVERGE_IN_FORCE:
		in_force_report(u, "in force", now);
		return;
	case CONVERGE_ASSUMED:
		assumed_report(u, now);
		return;
	case CONVERGE_DRIFTED:
		if (u->served.count == 0) {
			log_warning("%s; it is told to reload", u->reason);
			return;
		}
		log_warning("BIND serves %s and not %s any more; it is told to reload",
		            set_words(&u->served, &served), set_words(&u->wanted, &wanted));
		return;
	case CONVERGE_NOT_LOADED:
		snprintf(problem, sizeof(problem),
		         "BIND was told to reload and still serves %.400s, not %.400s; its log "
		         "says why "
		         "(look for \"reloading configuration failed\")",
		         set_words(&u->served, &served), set_words(&u->wanted, &wanted));
		problem_report(u, problem);
		return;
	case CONVERGE_NOT_SHOWN:
		problem_report(u, u->reason);
		return;
	}
}

static enum converge_event file_write(struct updater *u, int64_t now)
{
	char reason[REASON_MAX];
	size_t length = render_config(u->text, &u->wanted, u->options->allow ? &u->allow : NULL,
	                              u->options->include);
	enum install_result result = install_write(&u->install, u->text, length, reason);

	if (result == INSTALL_GONE)
		u->failed = true;
	if (result == INSTALL_REPLACED)
		u->metrics.counts.writes++;
	else if (result != INSTALL_SAME)
		u->metrics.counts.write_failures++;
	if (reason[0] != '\0')
		problem_report(u, reason);
	if (result == INSTALL_REPLACED)
		log_info("%s was replaced", u->options->output);
	return converge_written(&u->converge, result == INSTALL_SAME || result == INSTALL_REPLACED,
	                        result == INSTALL_REPLACED, now);
}

static enum converge_event bind_signal(struct updater *u, int64_t now)
{
	char reason[REASON_MAX];
	enum named_result result = named_signal(&u->named, reason);

	if (result == NAMED_GONE)
		u->failed = true;
	if (result != NAMED_SIGNALLED) {
		u->metrics.counts.signal_failures++;
		problem_report(u, reason);
	} else {
		u->metrics.counts.signals++;
		log_info("BIND was told to reload");
	}
	return converge_signalled(&u->converge, result == NAMED_SIGNALLED, now);
}

static void actions_follow(struct updater *u)
{
	enum converge_action action;
	int64_t now = now_ms();

	while (!u->failed && (action = converge_next(&u->converge, now)) != CONVERGE_REST) {
		enum converge_event event = CONVERGE_NO_NEWS;

		u->metrics.pending = true;
		switch (action) {
		case CONVERGE_REST:
			break;
		case CONVERGE_WRITE:
			event = file_write(u, now);
			break;
		case CONVERGE_SIGNAL:
			event = bind_signal(u, now);
			break;
		case CONVERGE_ASK:
			verify_ask(&u->verify);
			u->metrics.counts.questions++;
			converge_asked(&u->converge, now);
			break;
		case CONVERGE_GIVE_UP:
			snprintf(u->reason, sizeof(u->reason), "BIND does not answer at %s",
			         u->options->verify_name);
			u->served.count = 0;
			event = converge_answered(&u->converge, SERVED_SILENT, now);
			break;
		}
		now = now_ms();
		event_report(u, event, now);
	}
	u->metrics.counts.retries = u->converge.retries;
}

static void answer_handle(struct updater *u, int64_t now)
{
	struct answer answer;
	enum converge_served served = SERVED_NONE;

	switch (verify_read(&u->verify, &answer, u->reason)) {
	case VERIFY_NOTHING:
		return;
	case VERIFY_PREFIXES:
		u->metrics.counts.answers++;
		u->served = answer.prefixes;
		served = prefix_set_equal(&answer.prefixes, &u->wanted) ? SERVED_WANTED
		                                                        : SERVED_OTHER;
		break;
	case VERIFY_NO_SHOW:
		u->metrics.counts.answers++;
		u->served.count = 0;
		break;
	case VERIFY_NO_SERVER:
		u->served.count = 0;
		served = SERVED_SILENT;
		break;
	}
	if (served == SERVED_WANTED)
		u->metrics.verified_s = wall_s();
	event_report(u, converge_answered(&u->converge, served, now), now);
}

static bool allow_equal(const struct prefix_file *a, const struct prefix_file *b)
{
	bool equal = a->count == b->count;

	for (size_t i = 0; equal && i < a->count; i++)
		equal = prefix_compare(&a->entries[i].prefix, &b->entries[i].prefix) == 0;
	return equal;
}

static void allow_reload(struct updater *u, int64_t now)
{
	const char *path = u->options->allow;
	char prefix[PREFIX_STRLEN];
	struct prefix_file allow;
	bool changed;

	if (!path)
		return;
	if (prefix_file_init(&allow) < 0 || prefix_file_load(&allow, path) < 0) {
		prefix_file_free(&allow);
		log_error("%s was not taken: the list known so far stays", path);
		return;
	}
	changed = !allow_equal(&u->allow, &allow);
	prefix_file_free(&u->allow);
	u->allow = allow;
	log_notice("%s was read again: %zu prefixes", path, u->allow.count);
	if (u->wanted.count == 0 || u->options->dry_run)
		return;
	const struct prefix *forbidden = set_forbidden(u, &u->wanted);
	if (forbidden)
		log_warning(
			"%s is in force and not in %s any more: it stays until another set comes",
			prefix_format(forbidden, prefix), path);
	/* A step that is under way for the old list must not count for the new one. */
	converge_want(&u->converge, changed, now);
}

static void state_report(const struct updater *u)
{
	struct set_text wanted, served;

	log_notice("lines read: %lu; wanted: %s; %s%s%s%s", u->input.number,
	           set_words(&u->wanted, &wanted),
	           u->wanted.count == 0              ? "nothing to do yet"
	           : converge_in_force(&u->converge) ? "in force"
	                                             : "not in force",
	           u->served.count > 0 && !converge_in_force(&u->converge) ? "; BIND serves: " : "",
	           u->served.count > 0 && !converge_in_force(&u->converge)
	                   ? set_words(&u->served, &served)
	                   : "",
	           u->problem[0] ? "; there is a problem, see above" : "");
}

static void signals_handle(struct updater *u, int64_t now)
{
	if (got_hup) {
		got_hup = 0;
		allow_reload(u, now);
	}
	if (got_usr1) {
		got_usr1 = 0;
		state_report(u);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Waits for a line, an answer, a signal, or the next thing to do. */
static void events_wait(struct updater *u, int64_t now)
{
	int64_t due = sooner(sooner(converge_due(&u->converge), u->hour_ms),
	                     u->options->metrics ? update_metrics_due(&u->metrics) : INT64_MAX);
	struct pollfd ready[] = {
		{.fd = u->ended ? -1 : STDIN_FILENO, .events = POLLIN},
		{.fd = u->options->verifies ? u->verify.fd : -1, .events = POLLIN},
	};

	if (u->ended)
		due = sooner(due, u->deadline_ms);
	int64_t wait = due > now ? due - now : 0;
	const struct timespec timeout = {wait / 1000, wait % 1000 * 1000000};
	int count = ppoll(ready, 2, &timeout, &u->signals_open);
	u->metrics.pending = u->metrics.pending || count != 0;
	if (count <= 0)
		return;
	/* ppoll lets no signal in while there is always something to read. */
	ppoll(NULL, 0, &(struct timespec){0}, &u->signals_open);
	now = now_ms();
	if (ready[1].revents)
		answer_handle(u, now);
	if (ready[0].revents)
		input_handle(u, now);
}

static void numbers_write(struct updater *u, int64_t now)
{
	struct update_metrics *m = &u->metrics;

	m->in_force = converge_in_force(&u->converge);
	m->verified = u->converge.force == FORCE_SHOWN;
	m->served = u->served.count > 0 ? &u->served : &u->in_force;
	update_metrics_write(m, now);
}

static void numbers_report(struct updater *u, int64_t now)
{
	char words[UPDATE_HOUR_MAX];

	if (u->options->metrics && now >= update_metrics_due(&u->metrics))
		numbers_write(u, now);
	if (now < u->hour_ms)
		return;
	update_metrics_hour(words, &u->hour, &u->metrics.counts);
	log_notice("in the last hour: %s", words);
	u->hour = u->metrics.counts;
	u->hour_ms = now + HOUR_MS;
}

/* After the end: nothing was asked for, it is in force, or there is no more time for it. */
static bool is_done(const struct updater *u, int64_t now)
{
	if (u->failed || got_end)
		return true;
	return u->ended && (u->options->dry_run || u->wanted.count == 0 || now >= u->deadline_ms ||
	                    converge_settled(&u->converge, now));
}

int updater_run(struct updater *u)
{
	u->metrics.started_s = wall_s();
	u->hour_ms = now_ms() + HOUR_MS;
	if (u->options->metrics)
		numbers_write(u, now_ms());
	for (int64_t now = now_ms(); !is_done(u, now); now = now_ms()) {
		events_wait(u, now);
		signals_handle(u, now_ms());
		actions_follow(u);
		numbers_report(u, now_ms());
	}
	refusals_sum_up(u);
	if (u->options->metrics)
		numbers_write(u, now_ms());
	if (u->failed || u->refused)
		return 1;
	return u->options->dry_run || u->wanted.count == 0 || converge_in_force(&u->converge) ? 0
	                                                                                      : 1;
}
