/*
 * The routine: a timetable that follows from the time alone, so that no channel drifts into
 * another's place. A prefix's methods are far apart in the interval. It keeps no state.
 */
#include "state.h"

#define DENSE_US (20 * MS_US) /* between the routine probes of two channels */

static bool is_coprime(size_t a, size_t b)
{
	while (b != 0) {
		size_t rest = a % b;
		a = b;
		b = rest;
	}
	return a == 1;
}

/*
 * Targets are dealt out in turn, in the order in which the channels are due. The step from one
 * interval to the next is the number of channels, raised until it is coprime to the number of
 * targets, so that every channel visits every target.
 */
void schedule_init(struct engine *e)
{
	for (unsigned m = 0; m < e->config.methods; m++) {
		size_t step = e->count * e->config.methods;
		while (!is_coprime(step, e->config.targets[m]))
			step++;
		e->steps[m] = (unsigned)(step % e->config.targets[m]);
	}
}

static uint64_t place_of(const struct engine *e, const struct channel *c)
{
	return c->method * e->count + c->prefix;
}

/* Where it gets dense, two neighbours share a moment: to wake up costs more than to probe. */
static uint64_t phase_us(const struct engine *e, const struct channel *c)
{
	uint64_t channels = e->count * e->config.methods, place = place_of(e, c);

	place -= e->config.interval_us / channels < DENSE_US ? place % 2 : 0;
	return e->config.interval_us * place / channels;
}

/* The channel's next routine probe after now. */
uint64_t schedule_next_us(const struct engine *e, const struct channel *c, uint64_t now_us)
{
	uint64_t phase = phase_us(e, c), interval = e->config.interval_us;

	return now_us < phase ? phase : phase + ((now_us - phase) / interval + 1) * interval;
}

bool schedule_is_routine(const struct engine *e, const struct channel *c, uint64_t due_us)
{
	uint64_t phase = phase_us(e, c);

	return due_us >= phase && (due_us - phase) % e->config.interval_us == 0;
}

/* Each of the method's targets once in as many intervals. */
unsigned schedule_target(const struct engine *e, const struct channel *c, uint64_t due_us)
{
	uint64_t round = due_us / e->config.interval_us;

	return (unsigned)((round * e->steps[c->method] + place_of(e, c)) %
	                  e->config.targets[c->method]);
}
