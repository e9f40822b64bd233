/*
 * The supervisor: keeps the prober, and COMMAND if there is one, running, and has the prober's
 * files written. It reads no byte from the network or from the pipe between them, and of the
 * prober's words only which one it is.
 */
#ifndef NAT64HEALTH_SUPERVISOR_H
#define NAT64HEALTH_SUPERVISOR_H

#include "list.h"
#include "options.h"
#include "view/files.h"

#include <signal.h>

/* Blocks the signals that it obeys: one that comes before supervisor_run is not lost, nor deadly.
 */
void supervisor_block_signals(void);

/*
 * Runs until TERM or INT, or until nothing reads the set lines any more. Returns the exit status of
 * the program. The list is the one to begin with; HUP reads it again. inherited is the mask of
 * signals that COMMAND is started with.
 */
int supervisor_run(const struct options *options, struct list *list, struct files *files,
                   const sigset_t *inherited);

#endif
