/*
 * The probes under way: an array, a list of the free numbers and a list for each target.
 */
#include "state.h"

/* Returns the probe's number, PENDING_NONE if the table is full. */
uint32_t pending_open(struct pending *pending, const struct pending_probe *probe)
{
	uint32_t *first = &pending->first[probe->channel->method][probe->target];
	uint32_t id = pending->free;

	if (id != PENDING_NONE)
		pending->free = pending->probes[id].next;
	else if (pending->used < pending->max)
		id = (uint32_t)pending->used++;
	else
		return PENDING_NONE;
	struct pending_probe *p = &pending->probes[id];
	*p = *probe;
	p->previous = PENDING_NONE;
	p->next = *first;
	if (*first != PENDING_NONE)
		pending->probes[*first].previous = id;
	*first = id;
	return id;
}

/* The number may be given to another from now on. */
void pending_close(struct pending *pending, uint32_t id)
{
	struct pending_probe *p = &pending->probes[id];

	if (p->next != PENDING_NONE)
		pending->probes[p->next].previous = p->previous;
	if (p->previous != PENDING_NONE)
		pending->probes[p->previous].next = p->next;
	else
		pending->first[p->channel->method][p->target] = p->next;
	p->next = pending->free;
	pending->free = id;
}
