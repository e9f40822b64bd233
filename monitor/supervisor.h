/*
 * The supervisor: keeps the prober, and COMMAND if there is one, running. It never reads a byte
 * from the network or from the pipe between them.
 */
#ifndef NAT64HEALTH_SUPERVISOR_H
#define NAT64HEALTH_SUPERVISOR_H

#include "options.h"
#include "prefix_file.h"

#include <signal.h>

/*
 * Runs until TERM or INT, or until nobody reads the set lines any more. Returns the exit status of
 * the program. file is the list to begin with; HUP reads it again. inherited
 * is the mask of signals that COMMAND is started with.
 */
int supervisor_run(const struct options *options, struct prefix_file *file,
                   const sigset_t *inherited);

/*
 * Where to find COMMAND: as it is if it has a slash, else in PATH, else in the directory of this
 * program (su leaves sbin out of PATH). Returns a string to be freed, or NULL if it is nowhere.
 */
char *supervisor_find_command(const char *name);

#endif
