/*
 * Units of time, which is unsigned microseconds everywhere, and the length of an array.
 */
#pragma once

#define MS_US     1000ULL
#define SECOND_US 1000000ULL
#define MINUTE_US (60 * SECOND_US)
#define HOUR_US   (60 * MINUTE_US)

#define SOONER(a_us, b_us) ((a_us) < (b_us) ? (a_us) : (b_us))
#define LATER(a_us, b_us)  ((a_us) > (b_us) ? (a_us) : (b_us))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
