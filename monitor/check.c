/*
 * --check: which steps of the installation are missing on the network's side. What BIND's side
 * lacks is told by nat64-update, which is run for it. No prefix is judged here: that is what --once
 * does.
 */
#include "check.h"

#include "advice.h"
#include "check_output.h"
#include "command.h"
#include "prober_sandbox.h"
#include "sandbox.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMED_MAX 8 /* prefixes without a route; the rest are counted */

/* --- what would run ---------------------------------------------------------------------- */

static void running_targets_print(const struct targets *targets)
{
	char text[TARGET_STRLEN];

	for (unsigned m = 0; m < targets->methods; m++) {
		const struct target_list *list = &targets->lists[m];
		printf("%s targets:", list->method->name);
		for (unsigned i = 0; i < list->count; i++)
			printf(" %s", target_format(&list->targets[i], text));
		printf("\n");
	}
}

static void running_print(const struct options *o, const struct prefix_file *file)
{
	char text[PREFIX_STRLEN];
	double interval_s = (double)o->interval_us / (double)SECOND_US;

	for (size_t i = 0; i < file->count; i++) {
		const struct prefix_entry *e = &file->entries[i];
		printf("prefix %s tier=%u%s%s%s\n", prefix_format(&e->prefix, text), e->tier,
		       e->group[0] ? " group=" : "", e->group, e->drain ? " drain" : "");
	}
	running_targets_print(&o->targets);
	printf("every %g s, %zu prefixes by %u methods: %.3g probes a second\n", interval_s,
	       file->count, o->targets.methods,
	       (double)file->count * o->targets.methods / interval_s);
	printf("sets of %u to %u prefixes, repeated every %g s\n", o->size.min, o->size.max,
	       (double)o->heartbeat_us / (double)SECOND_US);
	if (o->metrics)
		printf("metrics in %s\n", o->metrics);
	if (o->status)
		printf("status in %s\n", o->status);
	if (o->command) {
		printf("read by:");
		for (char **word = o->command; *word; word++)
			printf(" %s", *word);
		printf("\n");
	}
}

/* --- routes ------------------------------------------------------------------------------ */

/* Nothing is sent: to connect a datagram socket is to look for a route. */
static int route_find(const struct options *o, const struct prefix *prefix)
{
	const struct target target = {o->targets.lists[0].targets[0].addr, 53};
	const struct sockaddr_in6 to = target_behind(&target, prefix);
	int fd = probe_socket(SOCK_DGRAM, 0, &to, o->source.sin6_family ? &o->source : NULL, NULL,
	                      0);

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
		check_output_missing(
			missing, "add one, ip -6 route add PREFIX via GATEWAY, or a default route",
			"no route to %s: %s", prefix_format(&file->entries[i].prefix, text),
			error == -EINVAL ? "it ends in a blackhole" : strerror(-error));
	}
	if (lost > NAMED_MAX)
		check_output_note("%zu more prefixes have no route", lost - NAMED_MAX);
	if (lost == 0)
		check_output_ok("there is a route to each of %zu prefixes", file->count);
}

/* --- permissions --------------------------------------------------------------------------- */

static void permission_check(const struct targets *targets, unsigned *missing)
{
	char remedy[128];

	for (unsigned m = 0; m < targets->methods; m++) {
		if (targets->lists[m].method != &probe_icmp)
			continue;
		int error = probe_icmp_permitted();
		snprintf(remedy, sizeof(remedy), "sysctl -w net.ipv4.ping_group_range=\"%u %u\"",
		         (unsigned)getegid(), (unsigned)getegid());
		if (error == 0)
			check_output_ok("icmp probes are permitted");
		else
			check_output_missing(missing, remedy, "icmp probes are not permitted: %s",
			                     strerror(-error));
	}
}

static int rehearsal_run(const void *options)
{
	return prober_sandbox_enter(options);
}

/* --- COMMAND ----------------------------------------------------------------------------- */

static bool is_updater(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strcmp(slash ? slash + 1 : path, "nat64-update") == 0;
}

/* The command line with the option behind its first word; to be freed. */
static char **argv_extend(char **command, char *option)
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
static int reader_run(const char *path, char **command, const struct prefix_set *set)
{
	static char check[] = "--check", dry_run[] = "--dry-run";
	char line[SET_LINE_MAX];
	int status = 0, ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	/* A line fits a pipe that is not read yet. */
	if (set && write(ends[1], line, set_line_format(set, line)) < 0)
		status = -1;
	close(ends[1]);
	fflush(stdout);
	pid_t pid = status == 0 ? fork() : -1;
	if (pid == 0) {
		char **words = argv_extend(command, set ? dry_run : check);
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

	if (reader_run(path, command, &least) == 0 && reader_run(path, command, &most) == 0)
		check_output_ok("%s takes sets of %zu and of %zu of these prefixes", command[0],
		                least.count, most.count);
	else
		check_output_missing(
			missing, "give both programs the same --count, and the same list",
			"%s does not take the sets that would come, and has said why", command[0]);
}

static int reader_check(const struct options *o, const struct prefix_file *file, unsigned *missing)
{
	static char updater[] = "nat64-update";
	char *alone[] = {updater, NULL};
	char **command = o->command ? o->command : alone;
	char *path = command_find(command[0]);

	if (!path) {
		check_output_missing(missing, "install it, or name it with its path",
		                     "no program \"%s\" in PATH, nor beside nat64-monitor",
		                     command[0]);
		return 0;
	}
	if (!is_updater(path)) {
		check_output_note("%s is not nat64-update: it was found, and not checked",
		                  command[0]);
		free(path);
		return 0;
	}
	int status = reader_run(path, command, NULL);
	if (status < 0 || status > 2)
		check_output_missing(missing, "run it by itself with --check", "%s cannot be run",
		                     path);
	else if (status < 2)
		sets_check(o, file, path, command, missing);
	free(path);
	return status;
}

int check_run(const struct options *o, const struct prefix_file *file)
{
	unsigned missing = 0;

	running_print(o, file);
	advice_give(file, o, &missing);
	routes_check(o, file, &missing);
	permission_check(&o->targets, &missing);
	sandbox_check(&missing, rehearsal_run, o);
	int status = reader_check(o, file, &missing);
	if (status == 2)
		return 2;
	return fflush(stdout) == 0 && missing == 0 && status == 0 ? 0 : 1;
}
