/*
 * nat64-monitor: watches NAT64 prefixes, and says which of them are the best.
 * This file is the order of start; the work is done in the prober, under the supervisor.
 */
#include "advice.h"
#include "check.h"
#include "log.h"
#include "options.h"
#include "prober.h"
#include "sandbox.h"
#include "supervisor.h"
#include "view/files.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_ENDED = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int permission_need(const struct targets *targets)
{
	for (unsigned i = 0; i < targets->methods; i++) {
		if (targets->lists[i].method != &probe_icmp)
			continue;
		int result = probe_icmp_permitted();
		unsigned group = getegid();
		if (result == 0)
			return 0;
		log_error(
			"icmp probes are not permitted (%s): let group %u in with "
			"sysctl -w net.ipv4.ping_group_range=\"%u %u\", or use dns or tcp targets",
			strerror(-result), group, group, group);
		return -1;
	}
	return 0;
}

/* Reads the list to begin with; its errors are ours. */
static int prefixes_load(struct list *list, const struct options *o)
{
	int fd = prefix_file_open(o->prefixes);

	if (fd < 0)
		return fd;
	int result = list_read(list, fd, o->prefixes, o->size.min);
	close(fd);
	return result;
}

static int monitor_run(const struct options *o, struct list *list, const sigset_t *inherited)
{
	struct files files;

	if (prefixes_load(list, o) < 0 || files_open(&files, o->status, o->metrics) < 0)
		return EXIT_USAGE;
	if (o->mode == MODE_CHECK)
		return sandbox_drop_privileges() < 0 ? EXIT_FAILED : check_run(o, list_file(list));
	advice_give(list_file(list), o, NULL);
	if (permission_need(&o->targets) < 0)
		return EXIT_FAILED;
	if (o->mode == MODE_ONCE)
		return prober_run(o, list, NULL, -1);
	if (sandbox_drop_privileges() < 0)
		return EXIT_FAILED;
	return supervisor_run(o, list, &files, inherited);
}

int main(int argc, char **argv)
{
	struct options options;
	sigset_t inherited;

	if (sandbox_inherit_streams() < 0)
		return EXIT_FAILED;
	signal(SIGXFSZ, SIG_IGN); /* a log that is full must not end us */
	log_open("nat64-monitor");
	if (options_parse(&options, argc, argv) < 0)
		return EXIT_USAGE;
	if (options.mode == MODE_END)
		return fflush(stdout) == 0 ? EXIT_ENDED : EXIT_FAILED;
	if (options.mode == MODE_RUN)
		sandbox_block_signals(&inherited);
	if (sandbox_become(options.user) < 0)
		return EXIT_USAGE;
	struct list *list = list_new();
	return list ? monitor_run(&options, list, &inherited) : EXIT_FAILED;
}
