/*
 * A histogram of times, with buckets of equal ratio.
 */
#include "times.h"

#include "units.h"

#include <math.h>

static unsigned bucket_of(double seconds)
{
	double bucket = log(fmax(seconds, 0.01) / 0.01) / log(1.01);

	return bucket >= TIMES_BUCKETS ? TIMES_BUCKETS - 1 : (unsigned)bucket;
}

void times_add(struct times *times, double seconds)
{
	times->buckets[bucket_of(seconds)]++;
	times->count++;
}

void times_merge(struct times *sum, const struct times *part)
{
	for (unsigned i = 0; i < TIMES_BUCKETS; i++)
		sum->buckets[i] += part->buckets[i];
	sum->count += part->count;
	sum->never += part->never;
}

double times_within(const struct times *times, double share)
{
	double wanted = ceil(share * (double)(times->count + times->never));
	uint64_t seen = 0;

	for (unsigned i = 0; i < TIMES_BUCKETS; i++) {
		seen += times->buckets[i];
		if ((double)seen >= wanted)
			return 0.01 * pow(1.01, i + 1);
	}
	return INFINITY;
}

double times_share(const struct times *times, double seconds)
{
	uint64_t all = times->count + times->never, seen = 0;

	for (unsigned i = 0; i < bucket_of(seconds); i++)
		seen += times->buckets[i];
	return all > 0 ? (double)seen / (double)all : 1;
}

unsigned times_last_hour(const uint64_t *moments_us, size_t count, uint64_t now_us)
{
	unsigned last = 0;

	for (size_t i = 0; i < count; i++)
		last += moments_us[i] != 0 && now_us - moments_us[i] < HOUR_US;
	return last;
}
