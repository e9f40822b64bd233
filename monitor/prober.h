/*
 * The prober: the one process that talks to the network. Sends what the engine asks for, tells it
 * what came back, and writes the set lines.
 */
#pragma once

#include "list.h"
#include "options.h"
#include "view/files.h"

/*
 * Enters the sandbox and probes; control is the supervisor's socket, or -1 with --once. Set lines
 * go to standard output. Returns the exit status: 0 once the supervisor is gone or --once is done,
 * 1 after an error was logged, or when nothing reads the set lines any more.
 */
int prober_run(const struct options *options, struct list *list, struct files *files, int control);
