/*
 * --check: which steps of the installation are missing on the network's side. What BIND's side
 * lacks is told by nat64-update, which is run for it. No prefix is judged here: that is what --once
 * does.
 */
#include "check.h"

#include "check_output.h"
#include "prober_sandbox.h"
#include "sandbox_check.h"
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 1500 /* for all targets at once; they are asked twice */
#define NAMED_MAX 8    /* prefixes without a route; the rest are counted */

/* What is known of the targets of one method. */
struct asked {
	struct pollfd sockets[TARGETS_MAX];
	bool answered[TARGETS_MAX];
	unsigned answers;
	int error; /* of the last one that could not be asked; 0: each was */
};

/* --- routes ------------------------------------------------------------------------------ */

/* Nothing is sent: to connect a datagram socket is to look for a route. */
static int route_find(const struct options *o, const struct prefix *prefix)
{
	const struct target target = {o->targets.lists[0].targets[0].addr, 53};
	const struct sockaddr_in6 to = target_behind(&target, prefix);
	int fd = probe_socket(SOCK_DGRAM, 0, &to, o->source.sin6_family ? &o->source : NULL);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static void routes_check(const struct options *o, const struct prefix_file *file, unsigned *missing)
{
	char text[PREFIX_STRLEN];
	size_t lost = 0;

	for (size_t i = 0; i < file->count; i++) {
		int error = route_find(o, &file->entries[i].prefix);
		if (error == -EADDRNOTAVAIL && o->source.sin6_family) {
			check_output_missing(missing, "name one of this host's with --source",
			                "the address to probe from is not of this host");
			return;
		}
		if (error == 0 || ++lost > NAMED_MAX)
			continue;
		check_output_missing(missing,
		                "add one, ip -6 route add PREFIX via GATEWAY, or a default route",
		                "no route to %s: %s", prefix_format(&file->entries[i].prefix, text),
		                strerror(-error));
	}
	if (lost > NAMED_MAX)
		check_output_note("%zu more prefixes have no route", lost - NAMED_MAX);
	if (lost == 0)
		check_output_ok("there is a route to each of %zu prefixes", file->count);
}

/* --- targets ----------------------------------------------------------------------------- */

static void icmp_check(const struct target_list *list, unsigned *missing)
{
	char remedy[128];

	if (list->method != &probe_icmp)
		return;
	int error = probe_icmp_permitted();
	if (error == 0) {
		check_output_ok("icmp probes are permitted");
		return;
	}
	snprintf(remedy, sizeof(remedy), "sysctl -w net.ipv4.ping_group_range=\"%u %u\"",
	         (unsigned)getegid(), (unsigned)getegid());
	check_output_missing(missing, remedy, "icmp probes are not permitted: %s", strerror(-error));
}

/* The target as an IPv4 host, for a socket that speaks both (RFC 4291, section 2.5.5.2). */
static struct sockaddr_in6 target_mapped(const struct target *target)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(target->port)};

	to.sin6_addr.s6_addr[10] = to.sin6_addr.s6_addr[11] = 0xff;
	memcpy(&to.sin6_addr.s6_addr[12], &target->addr, sizeof(target->addr));
	return to;
}

static void targets_ask(const struct target_list *list, uint32_t cookie, struct asked *asked)
{
	for (unsigned i = 0; i < list->count; i++) {
		const struct sockaddr_in6 to = target_mapped(&list->targets[i]);
		int fd = asked->answered[i] ? -1 : list->method->send(&to, NULL, cookie);

		asked->sockets[i].fd = fd < 0 ? -1 : fd;
		asked->sockets[i].events = (short)list->method->events; /* epoll's are poll's */
		if (fd < 0 && !asked->answered[i])
			asked->error = -fd;
	}
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void answers_read(const struct target_list *list, uint32_t cookie, struct asked *asked)
{
	for (unsigned i = 0; i < list->count; i++) {
		struct pollfd *s = &asked->sockets[i];

		if (s->fd < 0 || s->revents == 0)
			continue;
		enum probe_outcome outcome = list->method->receive(s->fd, cookie);
		if (outcome == PROBE_WAIT)
			continue;
		asked->answered[i] = outcome == PROBE_ANSWERED;
		asked->answers += asked->answered[i];
		close(s->fd);
		s->fd = -1;
	}
}

static bool any_open(const struct target_list *list, const struct asked *asked)
{
	for (unsigned i = 0; i < list->count; i++) {
		if (asked->sockets[i].fd >= 0)
			return true;
	}
	return false;
}

static void answers_wait(const struct target_list *list, uint32_t cookie, struct asked *asked)
{
	const int64_t deadline = clock_ms() + ANSWER_MS;

	for (int64_t now = clock_ms(); now < deadline && any_open(list, asked); now = clock_ms()) {
		if (poll(asked->sockets, list->count, (int)(deadline - now)) > 0)
			answers_read(list, cookie, asked);
	}
	for (unsigned i = 0; i < list->count; i++) {
		if (asked->sockets[i].fd >= 0)
			close(asked->sockets[i].fd);
	}
}

/* One lost packet makes no target dead. */
static void list_ask(const struct target_list *list, struct asked *asked)
{
	uint32_t cookie;

	*asked = (struct asked){.answers = 0};
	for (int round = 0; round < 2 && asked->answers < list->count && asked->error == 0;
	     round++) {
		if (getrandom(&cookie, sizeof(cookie), 0) != sizeof(cookie))
			return;
		targets_ask(list, cookie, asked);
		answers_wait(list, cookie, asked);
	}
}

static void list_report(const struct target_list *list, const struct asked *asked, bool reachable,
                        unsigned *missing)
{
	char text[TARGET_STRLEN], remedy[128];
	const char *method = list->method->name;

	if (!reachable)
		return;
	if (asked->answers == 0) {
		snprintf(remedy, sizeof(remedy), "name others with -t %s:ADDRESS", method);
		check_output_missing(missing, remedy,
		                "no target answers %s over IPv4, while some answer otherwise",
		                method);
		return;
	}
	check_output_ok("%u of %u targets answer %s over IPv4, without NAT64", asked->answers,
	           list->count, method);
	for (unsigned i = 0; i < list->count; i++) {
		if (!asked->answered[i])
			check_output_note("%s does not answer %s over IPv4: it is ignored as long as it "
			             "answers through no prefix",
			             target_format(&list->targets[i], text), method);
	}
}

/*
 * A dead target does no harm, and a host without IPv4 is none to be mended. It is an error only if
 * a method can tell nothing although IPv4 works.
 */
static void targets_check(const struct targets *targets, unsigned *missing)
{
	struct asked asked[METHODS_MAX];
	unsigned answers = 0;
	int error = 0;

	for (unsigned m = 0; m < targets->methods; m++) {
		asked[m] = (struct asked){.answers = 0};
		icmp_check(&targets->lists[m], missing);
		if (targets->lists[m].method == &probe_icmp)
			continue; /* its sockets speak IPv6 only */
		list_ask(&targets->lists[m], &asked[m]);
		answers += asked[m].answers;
		error = asked[m].error ? asked[m].error : error;
	}
	if (answers == 0 && error != 0)
		check_output_note("no IPv4 on this host (%s): whether targets are alive shows only "
		             "through a prefix, with --once",
		             strerror(error));
	else if (answers == 0)
		check_output_note(
			"no target answers over IPv4 from here: whether they are alive shows only "
			"through a prefix, with --once");
	for (unsigned m = 0; m < targets->methods; m++) {
		if (targets->lists[m].method != &probe_icmp)
			list_report(&targets->lists[m], &asked[m], answers > 0, missing);
	}
}

/* --- COMMAND ----------------------------------------------------------------------------- */

static bool is_updater(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, "nat64-update") == 0;
}

/* The command line with the option behind its first word; to be freed. */
static char **command_words(char **command, char *option)
{
	size_t count = 0;

	while (command[count])
		count++;
	char **words = calloc(count + 2, sizeof(*words));
	if (!words)
		return NULL;
	words[0] = command[0];
	words[1] = option;
	memcpy(words + 2, command + 1, (count - 1) * sizeof(*words));
	return words;
}

/* Returns the exit status of the command, which reads the set, if there is one, as a dry run. */
static int command_run(const char *path, char **command, const struct prefix_set *set)
{
	static char check[] = "--check", dry_run[] = "--dry-run";
	char line[SET_LINE_MAX];
	int status = 0, ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* A line fits a pipe that nobody reads yet. */
	if (set && write(ends[1], line, set_line_format(set, line)) < 0)
		status = -1;
	close(ends[1]);
	fflush(stdout);
	pid_t pid = status == 0 ? fork() : -1;
	if (pid == 0) {
		char **words = command_words(command, set ? dry_run : check);
		int null = set ? open("/dev/null", O_WRONLY | O_CLOEXEC) : STDOUT_FILENO;
		if (words && dup2(ends[0], STDIN_FILENO) == STDIN_FILENO &&
		    dup2(null, STDOUT_FILENO) == STDOUT_FILENO)
			execv(path, words);
		_exit(127);
	}
	close(ends[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* Up to count prefixes that may be chosen, from the file's begin. */
static struct prefix_set set_of(const struct prefix_file *file, unsigned count)
{
	struct prefix_set set = {.count = 0};

	for (size_t i = 0; i < file->count && set.count < count; i++) {
		if (!file->entries[i].drain)
			set.prefixes[set.count++] = file->entries[i].prefix;
	}
	return set;
}

/* Both programs have a --count, and often a list each: they must fit together. */
static void sets_check(const struct options *o, const struct prefix_file *file, const char *path,
                       char **command, unsigned *missing)
{
	const struct prefix_set least = set_of(file, o->size.min), most = set_of(file, o->size.max);

	if (command_run(path, command, &least) == 0 && command_run(path, command, &most) == 0)
		check_output_ok("%s takes sets of %zu and of %zu of these prefixes", command[0],
		           least.count, most.count);
	else
		check_output_missing(missing, "give both programs the same --count, and the same list",
		                "%s does not take the sets that would come, and has said why",
		                command[0]);
}

static int command_check(const struct options *o, const struct prefix_file *file, unsigned *missing)
{
	static char updater[] = "nat64-update";
	char *alone[] = {updater, NULL};
	char **command = o->command ? o->command : alone;
	char *path = supervisor_find_command(command[0]);

	if (!path) {
		check_output_missing(missing, "install it, or name it with its path",
		                "no program \"%s\" in PATH, nor beside nat64-monitor", command[0]);
		return 0;
	}
	if (!is_updater(path)) {
		check_output_note("%s is not nat64-update: it was found, and not checked", command[0]);
		free(path);
		return 0;
	}
	int status = command_run(path, command, NULL);
	if (status < 0 || status > 2)
		check_output_missing(missing, "run it by itself with --check", "%s cannot be run", path);
	else if (status < 2)
		sets_check(o, file, path, command, missing);
	free(path);
	return status;
}

int check_run(const struct options *o, const struct prefix_file *file)
{
	unsigned missing = 0;

	routes_check(o, file, &missing);
	targets_check(&o->targets, &missing);
	const struct prober_sandbox sandbox = {&o->targets, o->source.sin6_family != 0, -1};
	sandbox_check(&missing, prober_sandbox_rehearse, &sandbox);
	int status = command_check(o, file, &missing);
	if (status == 2)
		return 2;
	return fflush(stdout) == 0 && missing == 0 && status == 0 ? 0 : 1;
}
