/*
 * How long things took: many times, of which a share is asked for.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Each bucket is 1% longer than the one before, from 10 ms on. */
#define TIMES_BUCKETS 1600

struct times {
	uint64_t buckets[TIMES_BUCKETS];
	uint64_t count;
	uint64_t never; /* it did not happen, while it could have */
};

void times_add(struct times *times, double seconds);
void times_merge(struct times *sum, const struct times *part);

/* The time within which the share of all happened; infinite if it did not. */
double times_within(const struct times *times, double share);

/* The share that happened within so many seconds. */
double times_share(const struct times *times, double seconds);

/* How many of the moments, 0 for none, were within the last hour. */
unsigned times_last_hour(const uint64_t *moments_us, size_t count, uint64_t now_us);
