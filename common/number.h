/* Numbers that people write, in options. */
#pragma once

#include <stdint.h>

/* A whole number from 0 to max, in decimal digits. Returns 0, or -EINVAL with *number as it was. */
int number_parse(unsigned *number, const char *text, unsigned max);

/*
 * Seconds within bounds, fractions allowed, as microseconds. Returns 0, or -EINVAL with *us as it
 * was.
 */
int seconds_parse(uint64_t *us, const char *text, double min_s, double max_s);
