/*
 * nat64-update: makes BIND serve the set of NAT64 prefixes that it reads.
 * This file is the order of start: open everything, close the sandbox, then read the first byte.
 */
#include "log.h"
#include "sandbox.h"
#include "update_check.h"
#include "update_options.h"
#include "update_sandbox.h"
#include "updater.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

static bool is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* The directory of a path, to be read from again; -1 if it cannot be opened. */
static int directory_open(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	int length = slash ? (int)(slash - path) : 1;

	if (length >= (int)sizeof(dir))
		return -1;
	snprintf(dir, sizeof(dir), "%.*s/", length, slash ? path : ".");
	return open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int metrics_open(struct updater *u, const char *path, char reason[REASON_MAX])
{
	struct log_problem problem = {0};

	if (atomic_file_open(&u->metrics.file, path, LOG_DEBUG, &problem) < 0)
		return reason_set(reason, "%s", problem.words);
	if (install_collides(&u->install, &u->metrics.file))
		return reason_set(reason, "%s: the metrics need a file of their own", path);
	return 0;
}

static int files_open(struct updater *u, struct update_options *o, char reason[REASON_MAX])
{
	if (o->include && check_include(o->include, reason) < 0)
		return -1;
	if (o->dry_run)
		return 0;
	if (install_open(&u->install, o->output, reason) < 0)
		return -1;
	if (o->metrics && metrics_open(u, o->metrics, reason) < 0)
		return -1;
	if (o->signals && named_open(&u->named, o->pid_file, reason) < 0)
		return -1;
	if (!o->verifies || verify_open(&u->verify, &o->verify, o->verify_name, reason) == 0)
		return 0;
	if (o->verify_required)
		return -1;
	log_warning("%s; it is not asked", reason);
	o->verifies = false;
	return 0;
}

static int sandbox_close(const struct updater *u)
{
	const struct update_options *o = u->options;
	const struct update_sandbox sandbox = {
		.output_fd = o->dry_run ? -1 : u->install.file.dir_fd,
		.metrics_fd = o->metrics ? u->metrics.file.dir_fd : -1,
		.pid_fd = o->signals ? u->named.dir_fd : -1,
		.proc_fd = o->signals ? u->named.proc_fd : -1,
		.allow_fd = o->allow ? directory_open(o->allow) : -1,
		.verify_fd = o->verifies ? u->verify.fd : -1,
		.logs_to_file = is_file(STDERR_FILENO) || is_file(STDOUT_FILENO),
	};

	return update_sandbox_enter(&sandbox);
}

static int update_run(struct updater *u, struct update_options *o)
{
	char reason[REASON_MAX];

	if (o->allow && prefix_file_init(&u->allow) < 0)
		return EXIT_FAILED;
	if (o->allow && prefix_file_load(&u->allow, o->allow) < 0)
		return EXIT_USAGE;
	if (o->check)
		return check_run(o) == 0 ? EXIT_DONE : EXIT_FAILED;
	if (files_open(u, o, reason) < 0) {
		log_error("%s", reason);
		return EXIT_FAILED;
	}
	converge_init(&u->converge, (struct converge_mode){
					    .signals = o->signals,
					    .verifies = o->verifies,
					    .verify_required = o->verify_required,
				    });
	updater_catch_signals(u);
	if (isatty(STDIN_FILENO))
		log_notice("waits for sets on the terminal, PREFIX PREFIX [PREFIX] a line; "
		           "Ctrl-D ends them (see --help)");
	if (sandbox_close(u) < 0)
		return EXIT_FAILED;
	return updater_run(u);
}

int main(int argc, char **argv)
{
	static struct updater updater;        /* too large for the stack */
	static struct update_options options; /* outlives main() with what points to it */
	char reason[REASON_MAX];

	if (sandbox_check_streams() < 0)
		return EXIT_FAILED;
	log_open("nat64-update");
	if (update_options_parse(&options, argc, argv, reason) < 0) {
		log_error("%s", reason);
		return EXIT_USAGE;
	}
	if (options.help || options.version) {
		fputs(options.help ? update_options_help : "nat64-update " VERSION "\n", stdout);
		return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
	}
	if (options.verbose)
		log_set_level(LOG_INFO);
	if (sandbox_become(options.user) < 0)
		return EXIT_USAGE;
	updater.options = &options;
	return update_run(&updater, &options);
}
