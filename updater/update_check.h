/*
 * --check: which steps of the installation are missing on BIND's side, and what to do about each.
 */
#pragma once

#include "update_options.h"

/*
 * Looks at the files, named, and what it serves, and prints a line for each on standard output. It
 * changes nothing. Returns 0 if nothing is missing, else -1.
 */
int update_check(const struct update_options *o);
