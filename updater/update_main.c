/*
 * nat64-update: makes BIND serve the set of NAT64 prefixes that it reads.
 * This file is the order of start: open everything, close the sandbox, then read the first byte.
 */
#include "log.h"
#include "path.h"
#include "sandbox.h"
#include "update_check.h"
#include "update_options.h"
#include "update_sandbox.h"
#include "updater.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static int signals_catch(struct updater *u)
{
	sigset_t blocked;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* EFBIG says it, too */
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	u->signal_fd = signalfd(-1, &blocked, SFD_NONBLOCK | SFD_CLOEXEC);
	if (u->signal_fd < 0)
		log_error("cannot catch signals: %s", strerror(errno));
	return u->signal_fd;
}

/* The output and its temporary file are not to be replaced by numbers. */
static int numbers_open(struct updater *u, const char *path)
{
	struct update_metrics *m = &u->metrics;
	int error = atomic_file_open(&m->file, path, &m->problem);

	m->file.priority = LOG_WARNING;
	if (error == 0 && path_leads_to(m->file.dir, u->install.file.dir_fd))
		error = log_failure(&m->problem, -EEXIST,
		                    "%s: the metrics need another directory than the output", path);
	return error;
}

static int all_open(struct updater *u, const struct update_options *o)
{
	if (o->signals && named_open(&u->named, o->pid_file, &u->problem) < 0)
		return -1;
	/* A BIND that something else has reload may live where the file cannot be seen. */
	if (o->include && named_sees(&u->named, o->include, &u->problem) < 0 && o->signals)
		return -1;
	if (o->dry_run)
		return 0;
	if (install_open(&u->install, o->output, RENDER_MAX, &u->problem) < 0)
		return -1;
	if (o->metrics && numbers_open(u, o->metrics) < 0)
		return -1;
	return o->verifies ? verify_open(&u->verify, &o->verify, o->verify_name, &u->problem) : 0;
}

static int walls_close(const struct updater *u)
{
	const struct update_options *o = u->options;
	const struct update_sandbox sandbox = {
		.output_fd = o->dry_run ? -1 : u->install.file.dir_fd,
		.metrics_fd = o->metrics ? u->metrics.file.dir_fd : -1,
		.pid_dir_fd = o->signals ? u->named.dir_fd : -1,
		.proc_fd = o->signals ? u->named.proc_fd : -1,
		.verify_fd = o->verifies ? u->verify.fd : -1,
	};

	return update_sandbox_enter(&sandbox);
}

static int update_run(struct updater *u, struct update_options *o)
{
	if (o->allow && prefix_file_init(&u->allow) < 0)
		return EXIT_FAILED;
	if (o->allow && prefix_file_load(&u->allow, o->allow) < 0)
		return EXIT_USAGE;
	if (o->check)
		return update_check(o) == 0 ? EXIT_DONE : EXIT_FAILED;
	u->options = o;
	u->feed.size = o->size;
	u->feed.allow = o->allow ? &u->allow : NULL;
	u->feed.allow_name = o->allow;
	if (signals_catch(u) < 0 || all_open(u, o) < 0)
		return EXIT_FAILED;
	if (isatty(STDIN_FILENO))
		log_notice("waits for sets on the terminal, PREFIX PREFIX [PREFIX] a line; "
		           "Ctrl-D ends them (see --help)");
	if (walls_close(u) < 0)
		return EXIT_FAILED;
	return updater_run(u);
}

int main(int argc, char **argv)
{
	static struct updater updater;        /* too large for the stack */
	static struct update_options options; /* outlives main() with what points to it */

	if (sandbox_inherit_streams() < 0)
		return EXIT_FAILED;
	log_open("nat64-update");
	int result = update_options_read(&options, argc, argv);
	if (result > 0)
		return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
	if (result < 0)
		return EXIT_USAGE;
	if (!options.check)
		sandbox_block_signals(NULL);
	if (sandbox_become(options.user) < 0)
		return EXIT_USAGE;
	return update_run(&updater, &options);
}
