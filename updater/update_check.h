/*
 * --check: which steps of the installation are missing on BIND's side, and what to do about each.
 */
#ifndef NAT64HEALTH_UPDATE_CHECK_H
#define NAT64HEALTH_UPDATE_CHECK_H

#include "update_options.h"

/*
 * Looks at the files, named, and what it serves, and prints a line for each on standard output. It
 * changes nothing. Returns 0 if nothing is missing, else -1.
 */
int update_check(const struct update_options *o);

#endif
