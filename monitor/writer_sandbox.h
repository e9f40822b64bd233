/*
 * The writer's sandbox: it replaces files in two directories, and reads none.
 */
#pragma once

#include "sandbox_seccomp.h"

struct writer_sandbox {
	int status_fd;  /* directory of the status file; -1: there is none */
	int metrics_fd; /* directory of the metrics file; -1: there is none */
};

/* The calls that it allows, and those that it kills at. */
struct sandbox_list writer_sandbox_list(void);

/*
 * Closes the sandbox, for good, and tries it. Returns 0, or -1 after an error was logged; then the
 * process must end.
 */
int writer_sandbox_enter(const struct writer_sandbox *s);
