/*
 * --check: which steps of the installation are missing, and what to do about each.
 */
#pragma once

#include "options.h"
#include "prefix_file.h"

/*
 * Looks at the list, for routes to the prefixes, and for permissions; prints a line for each on
 * standard output; then has COMMAND, or without one nat64-update, look at its own side.
 * Returns the exit status of the program: 0 if nothing is missing.
 */
int check_run(const struct options *o, const struct prefix_file *file);
