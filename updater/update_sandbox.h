/*
 * What the updater may still do once its input begins: directories to write in, SIGHUP to processes
 * of its own user, one address to ask.
 */
#pragma once

#include "sandbox_seccomp.h"

struct update_sandbox {
	int output_fd;  /* directory of the output file; -1: nothing is written */
	int metrics_fd; /* directory of the metrics file; -1: there is none */
	int pid_dir_fd; /* directory of the pid file; -1: there is none */
	int proc_fd;    /* /proc; -1: nothing is signalled */
	int verify_fd;  /* socket to BIND; -1: BIND is not asked */
};

/* The calls that it allows, and those that it kills at. */
struct sandbox_list update_sandbox_list(const struct update_sandbox *s);

/*
 * Closes the sandbox, for good, and tries it. Returns 0, or -1 after an error was logged; then the
 * process must end.
 */
int update_sandbox_enter(const struct update_sandbox *s);

/* The same for --check, with all that an updater may do. argument is not used. */
int update_sandbox_rehearse(const void *argument);
