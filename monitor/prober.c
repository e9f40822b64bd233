/*
 * The prober: the one process that talks to the network. It decides nothing: what to send, and what
 * an outcome means, is the engine's.
 */
#include "prober.h"

#include "clock.h"
#include "log.h"
#include "prober_sandbox.h"
#include "random.h"
#include "sandbox.h"
#include "view/metrics.h"
#include "view/notify.h"
#include "view/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define FLIGHTS_PER_CHANNEL 24U /* a channel in doubt has 15 within the time of a late answer */
#define FLIGHTS_SPARE       64U
#define DESCRIPTORS_SPARE   16U
#define FILE_BYTES_MOST     (1UL << 30) /* only standard error can be a file: a log that ran wild */
#define EVENTS_AT_ONCE      64
#define RANDOM_AT_ONCE      64U

#define UNSENT_TOLD_US 60000000ULL /* that this host cannot send is a warning once a minute */

#define METHOD_SILENT_US 10000000ULL

#define ONCE_LEAST_US 3000000ULL /* --once: enough to tell loss from death */
#define ONCE_MOST_US  7000000ULL

/* What epoll tells of: flights by number, and these. */
#define EVENT_STDOUT  UINT32_MAX
#define EVENT_CONTROL (UINT32_MAX - 1)

struct flight_socket {
	int fd; /* -1: closed */
	uint32_t cookie;
	const struct probe_method *method;
};

struct prober {
	const struct options *options;
	struct prefix_file file;
	struct report_names names;
	struct engine *engine;
	struct notify notify;
	struct flight_socket *sockets;
	size_t flights;
	int epoll;
	int control;
	uint32_t cookies[RANDOM_AT_ONCE];
	unsigned cookies_left;
	struct prefix_set set; /* last written, or waiting to be */
	bool set_waits;        /* for room in the pipe */
	bool stdout_polled;    /* not so for a plain file, which is always ready */
	uint64_t heartbeat_us;
	uint64_t unsent_told_us; /* 0: never */
	struct counters counters;
	struct report_hour hour;
	struct metrics metrics;
	bool silent;
	bool method_silent[METHODS_MAX];
	enum engine_supply supply;
	uint64_t begun_us;
	bool ended;
	enum prober_end end;
};

static void prober_stop(struct prober *p, enum prober_end end)
{
	p->ended = true;
	p->end = end;
}

static uint32_t cookie_next(struct prober *p)
{
	if (p->cookies_left == 0) {
		if (random_fill(p->cookies, sizeof(p->cookies)) != 0)
			abort();
		p->cookies_left = RANDOM_AT_ONCE;
	}
	return p->cookies[--p->cookies_left];
}

static void flight_close(struct prober *p, uint32_t flight)
{
	if (p->sockets[flight].fd >= 0)
		close(p->sockets[flight].fd);
	p->sockets[flight].fd = -1;
}

/* There may be hundreds a second. */
static void unsent_report(struct prober *p, int error)
{
	uint64_t now = clock_us();

	if (p->unsent_told_us != 0 && now - p->unsent_told_us < UNSENT_TOLD_US) {
		log_info("cannot probe: %s", strerror(error));
		return;
	}
	p->unsent_told_us = now;
	log_warning("cannot probe: %s; no prefix is blamed for it", strerror(error));
}

static void flight_send(struct prober *p, const struct engine_order *order)
{
	const struct options *o = p->options;
	const struct target_list *list = &o->targets.lists[order->method];
	struct sockaddr_in6 to = target_behind(&list->targets[order->target],
	                                       &p->file.entries[order->prefix].prefix);
	struct flight_socket *s = &p->sockets[order->probe];

	s->method = list->method;
	s->cookie = cookie_next(p);
	s->fd = list->method->send(&to, o->source.sin6_family ? &o->source : NULL, s->cookie);
	if (s->fd < 0 && probe_is_shortage(-s->fd)) {
		unsent_report(p, -s->fd);
		engine_unsent(p->engine, order->probe, clock_us());
		return;
	}
	p->counters.probes++;
	if (s->fd < 0) {
		log_debug("cannot send: %s", strerror(-s->fd));
		engine_failure(p->engine, order->probe, FAILURE_LOCAL, clock_us());
		return;
	}
	struct epoll_event event = {.events = list->method->events, .data.u32 = order->probe};
	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, s->fd, &event) != 0) {
		unsent_report(p, errno);
		flight_close(p, order->probe);
		engine_unsent(p->engine, order->probe, clock_us());
	}
}

static void flight_receive(struct prober *p, uint32_t flight, uint64_t now)
{
	if (flight >= p->flights || p->sockets[flight].fd < 0)
		return; /* closed since epoll_wait told of it */

	struct flight_socket *s = &p->sockets[flight];
	enum probe_outcome outcome = s->method->receive(s->fd, s->cookie);
	if (outcome == PROBE_WAIT)
		return;
	flight_close(p, flight);
	if (outcome == PROBE_ANSWERED) {
		p->counters.answers++;
		engine_answer(p->engine, flight, now);
	} else
		engine_failure(p->engine, flight,
		               outcome == PROBE_RESET ? FAILURE_RESET : FAILURE_ICMP, now);
}

static void stdout_watch(struct prober *p, int operation, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u32 = EVENT_STDOUT};

	if (operation == EPOLL_CTL_ADD)
		p->stdout_polled = epoll_ctl(p->epoll, operation, STDOUT_FILENO, &event) == 0;
	else if (p->stdout_polled)
		epoll_ctl(p->epoll, operation, STDOUT_FILENO, &event);
}

/* A set line is shorter than PIPE_BUF, so a pipe takes it whole once it is ready at all. */
static void set_flush(struct prober *p)
{
	char line[SET_LINE_MAX];
	size_t length = set_line_format(&p->set, line);
	ssize_t written = write(STDOUT_FILENO, line, length);

	if (written == (ssize_t)length) {
		p->counters.sets++;
		p->set_waits = false;
		stdout_watch(p, EPOLL_CTL_MOD, 0);
		return;
	}
	if (written < 0 && (errno == EAGAIN || errno == EINTR))
		return; /* it stays, and goes out when epoll tells of room */
	if (written >= 0)
		log_error("standard output took only a part of a set line");
	else if (errno != EPIPE)
		log_error("cannot write to standard output: %s", strerror(errno));
	prober_stop(p, written < 0 && errno == EPIPE ? PROBER_READER_GONE : PROBER_FAILED);
}

/* Writes the set at once if there is room for it, or when there is; only the newest one counts. */
static void set_write(struct prober *p, uint64_t now)
{
	p->heartbeat_us = now + p->options->heartbeat_us;
	p->set_waits = true;
	if (p->stdout_polled)
		stdout_watch(p, EPOLL_CTL_MOD, EPOLLOUT);
	else
		set_flush(p);
}

static void set_update(struct prober *p, uint64_t now)
{
	struct prefix_set set = report_set_chosen(&p->names, p->engine);

	if (prefix_set_equal(&set, &p->set))
		return;
	p->counters.set_changes++;
	p->counters.set_changed_us = clock_wall_us();
	metrics_hasten(&p->metrics);
	if (p->options->mode != MODE_ONCE)
		report_set(&p->names, p->engine, &set, &p->set, now);
	p->set = set;
	if (p->options->mode == MODE_RUN)
		set_write(p, now);
}

static void verdict_report(void *context, const struct verdict *verdict)
{
	struct prober *p = context;

	if (verdict->state == PREFIX_UP)
		p->counters.ups++;
	else
		p->counters.downs++;
	metrics_hasten(&p->metrics);
	if (p->options->mode != MODE_ONCE)
		report_verdict(&p->names, verdict);
}

/* One method alone: not before it lasts, since an uplink that fails stops them one by one. */
static void methods_report(struct prober *p, const struct engine_summary *summary)
{
	for (unsigned m = 0; m < p->options->targets.methods; m++) {
		uint64_t silence_us = summary->method_silent_us[m];
		bool silent = silence_us > METHOD_SILENT_US && !p->silent;
		/* With the uplink down, there is nothing more to say of one method. */
		if (silent == p->method_silent[m] || (p->silent && silence_us > 0))
			continue;
		report_method_silence(p->options->targets.lists[m].method->name, silent);
		p->method_silent[m] = silent;
	}
}

/* Says once when something is wrong with more than single prefixes, and once when it is over. */
static void state_report(struct prober *p, uint64_t now)
{
	struct engine_summary summary;

	engine_summary(p->engine, now, &summary);
	if (summary.silent != p->silent) {
		report_silence(summary.silent);
		metrics_hasten(&p->metrics);
	}
	p->silent = summary.silent;
	methods_report(p, &summary);
	if (p->options->mode != MODE_ONCE)
		p->supply = report_supply(&p->names, p->engine, now, p->supply);
}

/* What is of use to somebody who was not there when it happened. */
static void state_record(struct prober *p, uint64_t now)
{
	const struct metrics_view view = {&p->names, p->engine, &p->counters, now};

	if (p->options->mode != MODE_RUN)
		return;
	report_hour(&p->hour, &p->names, p->engine, &p->counters, now);
	metrics_review(&p->metrics, &view);
}

static void manager_tell(struct prober *p, uint64_t now)
{
	struct engine_summary summary;

	engine_summary(p->engine, now, &summary);
	const struct notify_state state = {
		.judged = p->set.count > 0 || summary.settled,
		.healthy = summary.healthy,
		.total = summary.prefixes,
		.set = &p->set,
	};

	notify_tell(&p->notify, &state, now);
}

static void orders_follow(struct prober *p, uint64_t now)
{
	struct engine_order order;

	while ((order = engine_next(p->engine, now)).kind != ORDER_IDLE) {
		if (order.kind == ORDER_PROBE)
			flight_send(p, &order);
		else
			flight_close(p, order.probe);
	}
}

static int engine_set_up(struct prober *p)
{
	const struct options *o = p->options;
	struct engine_config config = {
		.methods = o->targets.methods,
		.interval_us = o->interval_us,
		.set_min = o->size.min,
		.set_max = o->size.max,
		.slack_us = o->slack_us,
		.prefixes_max = PREFIX_FILE_PREFIXES_MAX,
		.probes_max = p->flights,
		.on_verdict = verdict_report,
		.context = p,
	};

	for (unsigned m = 0; m < o->targets.methods; m++) {
		config.targets[m] = o->targets.lists[m].count;
		config.retransmit_us[m] = o->targets.lists[m].method->retransmit_us;
	}
	p->engine = engine_new(&config);
	return p->engine ? 0 : -ENOMEM;
}

static int entry_compare(const void *a, const void *b)
{
	const struct prefix_entry *const *x = a, *const *y = b;

	return prefix_compare(&(*x)->prefix, &(*y)->prefix);
}

static const struct prefix_entry **entries_sort(const struct prefix_file *file)
{
	const struct prefix_entry **sorted = calloc(file->count, sizeof(struct prefix_entry *));

	for (size_t i = 0; sorted && i < file->count; i++)
		sorted[i] = &file->entries[i];
	if (sorted)
		qsort(sorted, file->count, sizeof(*sorted), entry_compare);
	return sorted;
}

/* What was known of a prefix stays known. */
static int engine_begin(struct prober *p, const struct prefix_file *file)
{
	const struct prefix_entry **sorted = entries_sort(&p->file);
	struct engine_entry *entries = calloc(file->count, sizeof(*entries));

	for (uint32_t i = 0; sorted && entries && i < file->count; i++) {
		const struct prefix_entry *key = &file->entries[i];
		const struct prefix_entry **old =
			bsearch(&key, sorted, p->file.count, sizeof(*sorted), entry_compare);
		entries[i] = (struct engine_entry){
			.tier = key->tier,
			.drain = key->drain,
			.was = old ? (uint32_t)(*old - p->file.entries) : ENGINE_NO_PREFIX,
		};
	}
	bool taken = sorted && entries;
	if (taken)
		engine_load(p->engine, entries, file->count, clock_us());
	free(sorted);
	free(entries);
	return taken ? 0 : -ENOMEM;
}

static void prefixes_reload(struct prober *p, int fd)
{
	struct prefix_file file;

	p->counters.reloads++;
	metrics_hasten(&p->metrics);
	if (prefix_file_init(&file) < 0) {
		close(fd);
		return;
	}
	int result = prefix_file_read(&file, fd, p->options->prefixes);
	close(fd);
	if (result < 0) {
		prefix_file_free(&file);
		return;
	}
	if (prober_check_file(&file, p->options->prefixes, p->options->size) < 0) {
		prefix_file_free(&file);
		return;
	}
	for (uint32_t i = 0; i < p->flights; i++)
		flight_close(p, i);
	if (engine_begin(p, &file) < 0) {
		log_error("out of memory: the prefix file was not read again");
		prefix_file_free(&file);
		return;
	}
	prefix_file_free(&p->file);
	p->file = file;
	p->counters.reloads_taken++;
	log_notice("%s was read again: %zu prefixes", p->options->prefixes, p->file.count);

	uint64_t now = clock_us();
	engine_review(p->engine, now);
	if (engine_set(p->engine)->count > 0)
		set_update(p, now);
}

static void table_log(const char *line)
{
	log_notice("%s", line);
}

static void table_print(const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/* Receives a word and, with it, at most one descriptor. Returns 0 at the end of the supervisor. */
static ssize_t word_receive(int control, char *word, int *fd)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int))];
	} ancillary;
	struct iovec iov = {.iov_base = word, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = ancillary.room,
		.msg_controllen = sizeof(ancillary.room),
	};

	*fd = -1;
	ssize_t length = recvmsg(control, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	const struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(header), sizeof(*fd));
	return length;
}

static void control_receive(struct prober *p, uint64_t now)
{
	char word;
	int fd;
	ssize_t length = word_receive(p->control, &word, &fd);

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		prober_stop(p, PROBER_ENDED);
		return;
	}
	if (word == PROBER_RELOAD && fd >= 0)
		prefixes_reload(p, fd);
	else if (fd >= 0)
		close(fd);
	if (word == PROBER_REFUSED) {
		p->counters.reloads++;
		metrics_hasten(&p->metrics);
	}
	if (word == PROBER_REPEAT && p->set.count > 0)
		set_write(p, now);
	if (word == PROBER_TABLE)
		report_table(&p->names, p->engine, now, table_log);
}

static void event_handle(struct prober *p, const struct epoll_event *event, uint64_t now)
{
	if (event->data.u32 == EVENT_CONTROL)
		control_receive(p, now);
	else if (event->data.u32 != EVENT_STDOUT)
		flight_receive(p, event->data.u32, now);
	else if (event->events & (EPOLLERR | EPOLLHUP))
		prober_stop(p, PROBER_READER_GONE);
	else if (p->set_waits)
		set_flush(p);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int timeout_ms(const struct prober *p, uint64_t now)
{
	uint64_t due = engine_due(p->engine, now);

	if (p->set.count > 0 && p->options->mode == MODE_RUN)
		due = sooner(due, p->heartbeat_us);
	due = sooner(due, metrics_due(&p->metrics));
	due = sooner(due, notify_due(&p->notify));
	if (due <= now)
		return 0;
	uint64_t ms = (due - now + 999) / 1000;
	return ms > 60000 ? 60000 : (int)ms;
}

static void once_check(struct prober *p, uint64_t now)
{
	struct engine_summary summary;

	engine_summary(p->engine, now, &summary);
	if (now - p->begun_us < ONCE_LEAST_US ||
	    (now - p->begun_us < ONCE_MOST_US && !summary.settled))
		return;
	report_table(&p->names, p->engine, now, table_print);
	if (summary.healthy < p->options->size.min || p->set.count == 0) {
		log_error("%zu of %zu prefixes healthy, fewer than %u: no set is printed",
		          summary.healthy, summary.prefixes, p->options->size.min);
		prober_stop(p, PROBER_FAILED);
		return;
	}
	set_write(p, now);
	if (!p->set_waits)
		prober_stop(p, PROBER_ENDED);
}

static void prober_work(struct prober *p)
{
	uint64_t now = clock_us();

	orders_follow(p, now);
	now = clock_us();
	if (engine_review(p->engine, now))
		set_update(p, now);
	state_report(p, now);
	if (p->set.count > 0 && p->options->mode == MODE_RUN && now >= p->heartbeat_us)
		set_write(p, now);
	if (p->options->mode == MODE_ONCE)
		once_check(p, now);
	state_record(p, now);
	manager_tell(p, now);
}

/*
 * All that has come, each socket once: no probe is to fail while its answer waits to be read. Else
 * a host that is short of processor time has everybody in doubt, and is shorter of it for that.
 */
static int events_handle(struct prober *p)
{
	struct epoll_event events[EVENTS_AT_ONCE];
	size_t rounds = p->flights / EVENTS_AT_ONCE + 1;
	int timeout = timeout_ms(p, clock_us()), count;

	do {
		count = epoll_wait(p->epoll, events, EVENTS_AT_ONCE, timeout);
		if (count < 0 && errno != EINTR)
			return -errno;
		uint64_t now = clock_us();
		for (int i = 0; i < count && !p->ended; i++)
			event_handle(p, &events[i], now);
		timeout = 0;
	} while (count == EVENTS_AT_ONCE && --rounds > 0 && !p->ended);
	return 0;
}

static enum prober_end prober_loop(struct prober *p)
{
	for (;;) {
		prober_work(p);
		if (p->ended)
			return p->end;
		int result = events_handle(p);
		if (result < 0) {
			log_error("cannot wait: %s", strerror(-result));
			return PROBER_FAILED;
		}
	}
}

/* As many sockets as the health rule may want, or as the system grants. */
static int flights_set_up(struct prober *p)
{
	size_t wanted = PREFIX_FILE_PREFIXES_MAX; /* after a reload there may be more prefixes */
	struct rlimit limit;

	if (wanted > p->file.count * 8)
		wanted = p->file.count * 8;
	wanted = wanted * p->options->targets.methods * FLIGHTS_PER_CHANNEL / 8 + FLIGHTS_SPARE;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		log_error("cannot read resource limits: %s", strerror(errno));
		return -1;
	}
	if (limit.rlim_max < FLIGHTS_SPARE + DESCRIPTORS_SPARE) {
		log_error("at most %llu descriptors are granted: too few to probe with",
		          (unsigned long long)limit.rlim_max);
		return -1;
	}
	if (wanted + DESCRIPTORS_SPARE > limit.rlim_max)
		wanted = limit.rlim_max - DESCRIPTORS_SPARE;
	p->sockets = calloc(wanted, sizeof(*p->sockets));
	if (!p->sockets) {
		log_error("out of memory");
		return -1;
	}
	for (size_t i = 0; i < wanted; i++)
		p->sockets[i].fd = -1;
	p->flights = wanted;
	return sandbox_limit(FILE_BYTES_MOST, wanted + DESCRIPTORS_SPARE);
}

static int prober_set_up(struct prober *p)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = EVENT_CONTROL};

	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll < 0 ||
	    (p->control >= 0 && epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->control, &event) != 0)) {
		log_error("cannot set up epoll: %s", strerror(errno));
		return -1;
	}
	if (p->options->mode == MODE_RUN) {
		stdout_watch(p, EPOLL_CTL_ADD, 0);
		notify_open(&p->notify, getppid());
	}
	if (flights_set_up(p) < 0)
		return -1;
	if (p->options->metrics)
		metrics_open(&p->metrics, p->options->metrics);
	const struct prober_sandbox sandbox = {
		.targets = &p->options->targets,
		.binds = p->options->source.sin6_family != 0,
		.metrics_fd = p->metrics.text ? p->metrics.file.dir_fd : -1,
	};
	if (prober_sandbox_enter(&sandbox) < 0)
		return -1;
	if (engine_set_up(p) < 0 || engine_begin(p, &p->file) < 0) {
		log_error("out of memory");
		return -1;
	}
	return 0;
}

enum prober_end prober_run(const struct options *options, struct prefix_file *file, int control)
{
	static struct prober prober;
	struct prober *p = &prober;

	*p = (struct prober){
		.options = options, .file = *file, .control = control, .notify.fd = -1};
	p->names = (struct report_names){&p->file, &options->targets, options->size.min};
	p->begun_us = clock_us();
	p->counters.started_us = clock_wall_us();
	p->hour.since_us = clock_us();
	*file = (struct prefix_file){0};
	enum prober_end end = prober_set_up(p) < 0 ? PROBER_FAILED : prober_loop(p);
	return end;
}

int prober_check_file(const struct prefix_file *file, const char *name, struct set_size size)
{
	size_t usable = 0;

	for (size_t i = 0; i < file->count; i++)
		usable += !file->entries[i].drain;
	if (usable >= size.min)
		return 0;
	log_file_error(name, 0, "%zu prefix%s not drained; a set needs at least %u (see --count)",
	               usable, usable == 1 ? "" : "es", size.min);
	return -1;
}
