/*
 * The supervisor: keeps the prober, and the writer and COMMAND if there are any, running. It reads
 * no byte from the network or from the pipe to COMMAND, and hears from the prober only whether it
 * took a list.
 */
#pragma once

#include "list.h"
#include "options.h"
#include "view/files.h"

#include <signal.h>

/*
 * Runs until TERM or INT, or until nothing reads the set lines any more. Returns the exit status of
 * the program. The list is the one to begin with; HUP reads it again. Its signals are
 * blocked already; inherited is the mask that COMMAND is started with.
 */
int supervisor_run(const struct options *options, struct list *list, struct files *files,
                   const sigset_t *inherited);
