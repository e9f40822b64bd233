/*
 * The routine: a timetable that follows from the clock alone, so that it needs no state and no
 * channel drifts into another's place.
 */
#include "schedule.h"

#define GROUP 16U

/* Each channel has its own place in the interval, and a prefix's methods are far apart in it. */
static uint64_t phase_us(const struct schedule *s, uint32_t channel)
{
	return s->interval_us * channel / s->channels;
}

uint64_t schedule_next_us(const struct schedule *s, uint32_t channel, uint64_t now_us)
{
	uint64_t phase = phase_us(s, channel);

	if (now_us < phase)
		return phase;
	return phase + ((now_us - phase) / s->interval_us + 1) * s->interval_us;
}

bool schedule_is_routine(const struct schedule *s, uint32_t channel, uint64_t due_us)
{
	uint64_t phase = phase_us(s, channel);

	return due_us >= phase && (due_us - phase) % s->interval_us == 0;
}

unsigned schedule_first_target(const struct schedule *s, uint32_t channel, unsigned targets)
{
	return (unsigned)(channel % s->prefixes / GROUP % targets);
}

/*
 * Neighbours ask the same target in the same interval, so that their latencies can be compared;
 * groups of them are spread over the targets.
 */
unsigned schedule_target(const struct schedule *s, uint32_t channel, uint64_t due_us,
                         unsigned targets)
{
	return (unsigned)((due_us / s->interval_us + channel % s->prefixes / GROUP) % targets);
}
