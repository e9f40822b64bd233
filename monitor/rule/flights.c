/*
 * The probes under way: an array, a list of the free ones and a list for each target.
 */
#include "flights.h"

#include <errno.h>
#include <stdlib.h>

int flights_init(struct flights *f, size_t count)
{
	*f = (struct flights){.all = calloc(count, sizeof(*f->all)), .count = count};
	if (!f->all)
		return -ENOMEM;
	flights_clear(f);
	return 0;
}

void flights_clear(struct flights *f)
{
	f->used = 0;
	f->free = FLIGHTS_NONE;
	for (unsigned m = 0; m < HEALTH_METHODS_MAX; m++) {
		for (unsigned t = 0; t < HEALTH_TARGETS_MAX; t++)
			f->first[m][t] = FLIGHTS_NONE;
	}
}

void flights_free(struct flights *f)
{
	free(f->all);
	*f = (struct flights){0};
}

uint32_t flights_open(struct flights *f, const struct flight *flight)
{
	uint32_t *first = &f->first[flight->method][flight->target];
	uint32_t id = f->free;

	if (id != FLIGHTS_NONE)
		f->free = f->all[id].next;
	else if (f->used < f->count)
		id = (uint32_t)f->used++;
	else
		return FLIGHTS_NONE;
	f->all[id] = *flight;
	f->all[id].state = FLIGHT_WAITING;
	f->all[id].previous = FLIGHTS_NONE;
	f->all[id].next = *first;
	if (*first != FLIGHTS_NONE)
		f->all[*first].previous = id;
	*first = id;
	return id;
}

void flights_close(struct flights *f, uint32_t id)
{
	struct flight *flight = &f->all[id];

	if (flight->next != FLIGHTS_NONE)
		f->all[flight->next].previous = flight->previous;
	if (flight->previous != FLIGHTS_NONE)
		f->all[flight->previous].next = flight->next;
	else
		f->first[flight->method][flight->target] = flight->next;
	flight->state = FLIGHT_FREE;
	flight->next = f->free;
	f->free = id;
}
