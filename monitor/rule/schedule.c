/*
 * The routine: a timetable that follows from the clock alone, so that it needs no state and no
 * channel drifts into another's place.
 */
#include "schedule.h"

#define GROUP    16U
#define DENSE_US 20000U /* between the routine probes of two channels */

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
 * Targets are dealt out in turn, in the order in which the channels are due. From one interval to
 * the next, a channel so moves on by as many targets as there are channels; a few more, where it
 * would else never come to some of them.
 */
static unsigned step_of(size_t channels, unsigned targets)
{
	size_t step = channels;

	while (greatest_common_divisor(step, targets) != 1)
		step++;
	return (unsigned)(step % targets);
}

void schedule_init(struct schedule *s, const struct health_config *config)
{
	*s = (struct schedule){
		.interval_us = config->interval_us,
		.prefixes = config->prefixes,
		.channels = config->prefixes * config->methods,
	};
	for (unsigned m = 0; m < config->methods; m++) {
		s->targets[m] = config->targets[m];
		s->steps[m] = step_of(s->channels, config->targets[m]);
	}
}

/*
 * Each channel has its own place in the interval, and a prefix's methods are far apart in it. Where
 * it gets dense, two neighbours share one: to wake up costs more than to probe.
 */
static uint64_t phase_us(const struct schedule *s, uint32_t channel)
{
	if (s->interval_us / s->channels < DENSE_US)
		channel -= channel % 2;
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

unsigned schedule_target(const struct schedule *s, uint32_t channel, uint64_t due_us)
{
	unsigned method = (unsigned)(channel / s->prefixes);

	return (unsigned)((due_us / s->interval_us * s->steps[method] + channel) %
	                  s->targets[method]);
}

/*
 * Latencies that were measured at different targets cannot be compared, and the first set is chosen
 * after a probe or two: so neighbours begin with the same target, and groups of them are spread.
 */
unsigned schedule_first_target(const struct schedule *s, uint32_t channel)
{
	return (unsigned)(channel % s->prefixes / GROUP % s->targets[channel / s->prefixes]);
}
