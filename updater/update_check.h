/*
 * --check: which steps of the installation are missing on BIND's side, and what to do about each.
 */
#ifndef NAT64HEALTH_UPDATE_CHECK_H
#define NAT64HEALTH_UPDATE_CHECK_H

#include "update_options.h"

/*
 * Looks at the output, named, its configuration and what it serves, and prints a line for each on
 * standard output. It changes nothing. Returns 0 if nothing is missing, else -1.
 */
int check_run(const struct update_options *o);

/* Can BIND include the file that --options names? Returns 0, or -1 with reason written. */
int check_include(const char *path, char reason[REASON_MAX]);

#endif
