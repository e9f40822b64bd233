/*
 * Flap damping, as routers do with routes (RFC 2439), but with a run of answers for a penalty: the
 * prefix itself shows when it is steady again.
 */
#include "damping.h"

#include "units.h"

#define RUN_MIN    5U
#define RUN_MAX_US (10 * MINUTE_US)

void damping_add(struct damping *damping, uint64_t now_us)
{
	damping->flaps_us[damping->next] = now_us;
	damping->next = (uint8_t)((damping->next + 1) % DAMPING_FLAPS);
}

unsigned damping_flaps(const struct damping *damping, uint64_t now_us)
{
	unsigned flaps = 0;

	for (unsigned i = 0; i < DAMPING_FLAPS; i++) {
		uint64_t at = damping->flaps_us[i];
		flaps += at != 0 && now_us - at < HOUR_US;
	}
	return flaps;
}

uint32_t damping_run(const struct damping *damping, uint32_t run, uint64_t interval_us,
                     uint64_t now_us)
{
	uint64_t max = RUN_MAX_US / interval_us;
	unsigned flaps = damping_flaps(damping, now_us);
	uint64_t doubled = (uint64_t)run << (flaps > 1 ? flaps - 1 : 0);

	if (max < RUN_MIN)
		max = RUN_MIN;
	return (uint32_t)(doubled < max ? doubled : max);
}
