/*
 * Flap damping, as routers do with routes (RFC 2439), but with a run of answers for a penalty: the
 * prefix itself shows when it is steady again.
 */
#include "damping.h"

#define HOUR_US     3600000000ULL
#define RUN_BASE    5U
#define RUN_MOST_US 600000000ULL

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

uint32_t damping_run(const struct damping *damping, uint64_t interval_us, uint64_t now_us)
{
	uint64_t most = RUN_MOST_US / interval_us;
	unsigned flaps = damping_flaps(damping, now_us);
	uint64_t run = RUN_BASE;

	if (flaps > 1)
		run <<= flaps - 1;
	if (run > most)
		run = most > RUN_BASE ? most : RUN_BASE;
	return (uint32_t)run;
}
