/*
 * The prober: the one process that talks to the network. It decides nothing: what to send, and what
 * an outcome means, is the engine's.
 */
#include "prober.h"

#include "advice.h"
#include "clock.h"
#include "control.h"
#include "log.h"
#include "output.h"
#include "prober_sandbox.h"
#include "sockets.h"
#include "units.h"
#include "view/tell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_BATCH 64

#define ONCE_SILENT_US (2 * SECOND_US) /* for a method */
#define ONCE_MIN_US    (3 * SECOND_US) /* --once: enough to tell loss from death */
#define ONCE_MAX_US    (7 * SECOND_US)

/* What epoll tells of: probes by number, and these. */
#define EVENT_STDOUT  UINT32_MAX
#define EVENT_CONTROL (UINT32_MAX - 1)

struct prober {
	const struct options *options;
	struct list *list;
	struct engine *engine;
	struct sockets sockets;
	struct output output;
	struct tell tell;
	uint64_t begun_us;
	int epoll;
	int control;
	int end; /* the exit status; -1: go on */
};

static void written_check(struct prober *p, int result)
{
	if (result < 0)
		p->end = EXIT_FAILURE;
}

static bool is_once(const struct prober *p)
{
	return p->options->mode == MODE_ONCE;
}

/* --- probes -------------------------------------------------------------------------------- */

static void order_send(struct prober *p, const struct engine_order *order)
{
	uint64_t now_us = clock_us();
	int result = sockets_send(&p->sockets, order, list_prefix(p->list, order->prefix), now_us);

	if (result == 0)
		p->tell.view.counters.probes++;
	else if (probe_is_shortage(-result))
		engine_unsent(p->engine, order->probe);
	else
		engine_failure(p->engine, order->probe, FAILURE_LOCAL, now_us);
}

static void reply_read(struct prober *p, uint32_t probe, uint64_t now_us)
{
	switch (sockets_receive(&p->sockets, probe)) {
	case PROBE_WAIT:
		return;
	case PROBE_ANSWERED:
		p->tell.view.counters.answers++;
		engine_answer(p->engine, probe, now_us);
		return;
	case PROBE_RESET:
		engine_failure(p->engine, probe, FAILURE_RESET, now_us);
		return;
	case PROBE_ICMP:
		engine_failure(p->engine, probe, FAILURE_ICMP, now_us);
	}
}

static void orders_follow(struct prober *p, uint64_t now_us)
{
	struct engine_order order;

	while ((order = engine_next(p->engine, now_us)).kind != ORDER_IDLE) {
		if (order.kind == ORDER_PROBE)
			order_send(p, &order);
		else
			sockets_close(&p->sockets, order.probe);
	}
}

/* --- what it leads to ---------------------------------------------------------------------- */

static void on_verdict(void *context, const struct verdict *verdict)
{
	struct prober *p = context;

	tell_verdict(&p->tell, verdict);
}

static struct prefix_set set_chosen(const struct prober *p)
{
	const struct engine_set *chosen = engine_set(p->engine);
	struct prefix_set set = {.count = chosen->count};

	for (size_t i = 0; i < chosen->count; i++)
		set.prefixes[i] = *list_prefix(p->list, chosen->members[i]);
	return set;
}

static void set_update(struct prober *p, uint64_t now_us)
{
	const struct prefix_set set = set_chosen(p), before = p->output.set;

	if (prefix_set_equal(&set, &before))
		return;
	tell_set(&p->tell, &set, &before, now_us);
	if (is_once(p))
		p->output.set = set;
	else
		written_check(p, output_set(&p->output, &set, now_us));
}

/* --- the list and the words of the supervisor ---------------------------------------------- */

static void prefixes_begin(struct prober *p, uint64_t now_us)
{
	const struct prefix_file *file = list_file(p->list);

	engine_load(p->engine, p->list->entries, file->count, now_us);
	tell_list(&p->tell);
	if (sockets_wanted(p->options, file->count) > p->sockets.max)
		log_warning("%zu prefixes may need %zu descriptors at once, and %zu are granted: "
		            "when many fail together they are found later (ulimit -n)",
		            file->count, sockets_wanted(p->options, file->count), p->sockets.max);
}

static void prefixes_take(struct prober *p, int fd, uint64_t now_us)
{
	enum control_word answer = CONTROL_REFUSED;

	p->tell.view.counters.reloads++;
	tell_change(&p->tell);
	if (fd >= 0 && list_read(p->list, fd, p->options->prefixes, p->options->size.min) == 0) {
		answer = CONTROL_TAKEN;
		p->tell.view.counters.reloads_taken++;
		sockets_close_all(&p->sockets);
		prefixes_begin(p, now_us);
		report_say(&p->tell.report, LOG_NOTICE, "%s was read again: %zu prefixes",
		           p->options->prefixes, list_file(p->list)->count);
		advice_give(list_file(p->list), p->options, NULL);
		/* COMMAND, which is started anew, may have a list as well: the old one. */
		if (p->options->command)
			output_hold(&p->output);
		engine_review(p->engine, now_us);
		set_update(p, now_us);
	} else
		report_say(&p->tell.report, LOG_ERR,
		           "%s was not taken: the prefixes known so far stay",
		           p->options->prefixes);
	int result = control_send(p->control, answer, -1);
	if (result < 0) {
		log_error("the supervisor does not listen: %s", strerror(-result));
		p->end = EXIT_FAILURE;
	}
}

static void line_log(const char *words)
{
	log_notice("%s", words);
}

static void word_obey(struct prober *p, enum control_word word, int fd, uint64_t now_us)
{
	switch (word) {
	case CONTROL_LIST:
		prefixes_take(p, fd, now_us);
		return;
	case CONTROL_REPEAT:
		written_check(p, output_release(&p->output, now_us));
		return;
	case CONTROL_TABLE:
		tell_review(&p->tell, now_us);
		tell_table(&p->tell, line_log);
		return;
	default: /* only the supervisor is told those */
		return;
	}
}

static void word_hear(struct prober *p, uint64_t now_us)
{
	enum control_word word;
	int fd;
	int result = control_receive(p->control, &word, &fd);

	if (result == -EPIPE)
		p->end = EXIT_SUCCESS;
	else if (result < 0) {
		log_error("cannot hear the supervisor: %s", strerror(-result));
		p->end = EXIT_FAILURE;
	} else if (result > 0)
		word_obey(p, word, fd, now_us);
	if (fd >= 0)
		close(fd);
}

/* --- the loop ------------------------------------------------------------------------------ */

static void event_handle(struct prober *p, const struct epoll_event *event, uint64_t now_us)
{
	if (event->data.u32 == EVENT_CONTROL)
		word_hear(p, now_us);
	else if (event->data.u32 != EVENT_STDOUT)
		reply_read(p, event->data.u32, now_us);
	else if (event->events & (EPOLLERR | EPOLLHUP))
		p->end = EXIT_FAILURE;
	else
		written_check(p, output_flush(&p->output));
}

static int timeout_ms(const struct prober *p, uint64_t now_us)
{
	uint64_t due_us = engine_due(p->engine, now_us);

	if (!is_once(p)) {
		due_us = SOONER(due_us, output_due(&p->output));
		due_us = SOONER(due_us, tell_due(&p->tell));
	}
	if (due_us <= now_us)
		return 0;
	uint64_t ms = (due_us - now_us + 999) / 1000;
	return ms > 60000 ? 60000 : (int)ms;
}

static void line_print(const char *words)
{
	fprintf(stderr, "%s\n", words);
}

/* It lasts too short for the report to tell of a lack, or to call a method silent. */
static void once_advise(const struct prober *p)
{
	const struct targets *targets = &p->options->targets;
	const struct engine_summary *s = &p->tell.view.summary;
	char words[WORDS_MAX];

	if (s->silent && p->sockets.failing_us != 0)
		log_error("cannot probe: %s", words_lack(&p->tell.view, words));
	for (unsigned m = 0; m < targets->methods && !s->silent; m++) {
		if (s->method_silent_us[m] >= ONCE_SILENT_US)
			log_warning("%s", words_silence(targets->lists[m].method->name, words));
	}
}

static void once_review(struct prober *p, uint64_t now_us)
{
	const struct engine_summary *s = &p->tell.view.summary;
	uint64_t age_us = now_us - p->begun_us;

	if (age_us < ONCE_MIN_US)
		return;
	tell_review(&p->tell, now_us);
	if (age_us < ONCE_MAX_US && !s->settled)
		return;
	tell_table(&p->tell, line_print);
	once_advise(p);
	if (s->healthy < p->options->size.min || p->output.set.count == 0) {
		log_error("%zu of %zu prefixes healthy, fewer than %u: no set is printed "
		          "(see --check)",
		          s->healthy, s->prefixes, p->options->size.min);
		p->end = EXIT_FAILURE;
		return;
	}
	int result = output_set(&p->output, &p->output.set, now_us);
	p->end = result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void prober_work(struct prober *p)
{
	uint64_t now_us = clock_us();

	orders_follow(p, now_us);
	now_us = clock_us();
	if (engine_review(p->engine, now_us))
		set_update(p, now_us);
	if (is_once(p)) {
		once_review(p, now_us);
		return;
	}
	written_check(p, output_review(&p->output, now_us));
	if (now_us >= tell_due(&p->tell) || now_us - p->tell.view.now_us >= SECOND_US)
		tell_review(&p->tell, now_us);
}

/*
 * All that has come, each socket once: no probe is to fail while its answer waits to be read. Else
 * a host that is short of processor time has every prefix in doubt, and is shorter of it for that.
 */
static void events_handle(struct prober *p)
{
	struct epoll_event events[EVENTS_BATCH];
	size_t rounds = p->sockets.max / EVENTS_BATCH + 1;
	int timeout = timeout_ms(p, clock_us()), count;

	do {
		count = epoll_wait(p->epoll, events, EVENTS_BATCH, timeout);
		if (count < 0 && errno != EINTR) {
			log_error("cannot wait: %s", strerror(errno));
			p->end = EXIT_FAILURE;
		}
		uint64_t now_us = clock_us();
		for (int i = 0; i < count && p->end < 0; i++)
			event_handle(p, &events[i], now_us);
		timeout = 0;
	} while (count == EVENTS_BATCH && --rounds > 0 && p->end < 0);
}

/* --- the start ----------------------------------------------------------------------------- */

static struct engine *rule_make(struct prober *p)
{
	const struct options *o = p->options;
	struct engine_config config = {
		.methods = o->targets.methods,
		.interval_us = o->interval_us,
		.set_min = o->size.min,
		.set_max = o->size.max,
		.slack_us = o->slack_us,
		.prefixes_max = PREFIX_FILE_PREFIXES_MAX,
		.probes_max = p->sockets.max,
		.on_verdict = on_verdict,
		.context = p,
	};

	for (unsigned m = 0; m < o->targets.methods; m++) {
		config.targets[m] = o->targets.lists[m].count;
		config.retransmit_us[m] = o->targets.lists[m].method->retransmit_us;
	}
	return engine_new(&config);
}

static int prober_set_up(struct prober *p, struct files *files)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = EVENT_CONTROL};

	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll < 0 ||
	    (p->control >= 0 && epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->control, &event) != 0)) {
		log_error("cannot set up epoll: %s", strerror(errno));
		return -1;
	}
	if (!is_once(p))
		output_open(&p->output, p->epoll, EVENT_STDOUT, p->options->heartbeat_us);
	if (sockets_open(&p->sockets, p->options, p->epoll) < 0)
		return -1;
	p->engine = rule_make(p);
	const struct view view = {p->options,  p->list,    p->engine,
	                          &p->sockets, &p->output, .now_us = p->begun_us};
	if (tell_open(&p->tell, &view, files) < 0 || !p->engine) {
		log_error("out of memory");
		return -1;
	}
	return prober_sandbox_enter(p->options);
}

int prober_run(const struct options *options, struct list *list, struct files *files, int control)
{
	static struct prober prober;
	struct prober *p = &prober;

	*p = (struct prober){
		.options = options,
		.list = list,
		.control = control,
		.begun_us = clock_us(),
		.end = -1,
	};
	if (prober_set_up(p, files) < 0)
		return EXIT_FAILURE;
	prefixes_begin(p, clock_us());
	while (p->end < 0) {
		prober_work(p);
		if (p->end < 0)
			events_handle(p);
	}
	return p->end;
}
