/*
 * The routine: a timetable that follows from the clock alone, so that it needs no state and no
 * channel drifts into another's place.
 */
#include "schedule.h"

#include "units.h"

#define NEIGHBOURS 16U
#define DENSE_US   (20 * MS_US) /* between the routine probes of two channels */

static size_t greatest_common_divisor(size_t a, size_t b)
{
	while (b != 0) {
		size_t rest = a % b;
		a = b;
		b = rest;
	}
	return a;
}

/*
 * Targets are dealt out in turn, in the order in which the channels are due. The step from one
 * interval to the next is the number of channels, raised until it is coprime to the number of
 * targets, so that every channel visits every target.
 */
static unsigned step_of(size_t channels, unsigned targets)
{
	size_t step = channels;

	while (greatest_common_divisor(step, targets) != 1)
		step++;
	return (unsigned)(step % targets);
}

void schedule_init(struct schedule *s, uint64_t interval_us, size_t prefixes, unsigned methods,
                   const unsigned *targets)
{
	*s = (struct schedule){
		.interval_us = interval_us,
		.prefixes = prefixes,
		.channels = prefixes * methods,
	};
	for (unsigned m = 0; m < methods; m++) {
		s->targets[m] = targets[m];
		s->steps[m] = step_of(s->channels, targets[m]);
	}
}

/*
 * Each channel has its own place in the interval, and a prefix's methods are far apart in it. Where
 * it gets dense, two neighbours share one: to wake up costs more than to probe.
 */
static uint64_t phase_us(const struct schedule *s, uint32_t prefix, unsigned method)
{
	uint64_t place = method * s->prefixes + prefix;

	if (s->interval_us / s->channels < DENSE_US)
		place -= place % 2;
	return s->interval_us * place / s->channels;
}

uint64_t schedule_next_us(const struct schedule *s, uint32_t prefix, unsigned method,
                          uint64_t now_us)
{
	uint64_t phase = phase_us(s, prefix, method);

	if (now_us < phase)
		return phase;
	return phase + ((now_us - phase) / s->interval_us + 1) * s->interval_us;
}

bool schedule_is_routine(const struct schedule *s, uint32_t prefix, unsigned method,
                         uint64_t due_us)
{
	uint64_t phase = phase_us(s, prefix, method);

	return due_us >= phase && (due_us - phase) % s->interval_us == 0;
}

unsigned schedule_target(const struct schedule *s, uint32_t prefix, unsigned method,
                         uint64_t due_us)
{
	uint64_t place = method * s->prefixes + prefix;

	return (unsigned)((due_us / s->interval_us * s->steps[method] + place) %
	                  s->targets[method]);
}

/*
 * Latencies that were measured at different targets cannot be compared, and the first set is chosen
 * after a probe or two: so neighbours begin with the same target, and groups of them are spread.
 */
unsigned schedule_first_target(const struct schedule *s, uint32_t prefix, unsigned method)
{
	return (unsigned)(prefix / NEIGHBOURS % s->targets[method]);
}
