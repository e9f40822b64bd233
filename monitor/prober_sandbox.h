/*
 * The prober's sandbox: the network, its set lines, and nothing else.
 */
#pragma once

#include "options.h"
#include "sandbox_seccomp.h"

/* The calls that it allows, and those that it kills at. */
struct sandbox_list prober_sandbox_list(const struct options *o);

/*
 * Closes the sandbox, for good, and tries it. Returns 0, or -1 after an error was logged; then the
 * process must end.
 */
int prober_sandbox_enter(const struct options *o);
