/*
 * Lists and options that are no errors, and yet keep the monitor from doing its job.
 */
#pragma once

#include "options.h"
#include "prefix_file.h"

/*
 * Logs a warning for each. With missing it is --check that says it, on standard output: what is
 * only odd as a note, and what will not be healed as missing, which is counted.
 */
void advice_give(const struct prefix_file *file, const struct options *options, unsigned *missing);
