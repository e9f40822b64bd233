/*
 * A binary heap of times, with the place of each id, so that one can be moved or taken out.
 */
#include "heap.h"

#include <errno.h>
#include <stdlib.h>

int heap_init(struct heap *heap, size_t capacity)
{
	*heap = (struct heap){
		.items = calloc(capacity + 1, sizeof(*heap->items)),
		.places = calloc(capacity, sizeof(*heap->places)),
	};
	return heap->items && heap->places ? 0 : -ENOMEM;
}

void heap_free(struct heap *heap)
{
	free(heap->items);
	free(heap->places);
	*heap = (struct heap){0};
}

void heap_clear(struct heap *heap)
{
	for (uint32_t i = 1; i <= heap->count; i++)
		heap->places[heap->items[i].id] = 0;
	heap->count = 0;
}

static void item_put(struct heap *heap, uint32_t place, struct heap_item item)
{
	heap->items[place] = item;
	heap->places[item.id] = place;
}

/* From a free place the item rises, or sinks, to where it belongs. */
static void item_settle(struct heap *heap, uint32_t place, struct heap_item item)
{
	const struct heap_item *items = heap->items;

	for (; place > 1 && items[place / 2].time_us > item.time_us; place /= 2)
		item_put(heap, place, items[place / 2]);
	for (uint32_t child; (child = place * 2) <= heap->count; place = child) {
		child += child < heap->count && items[child + 1].time_us < items[child].time_us;
		if (items[child].time_us >= item.time_us)
			break;
		item_put(heap, place, items[child]);
	}
	item_put(heap, place, item);
}

void heap_set(struct heap *heap, uint32_t id, uint64_t time_us)
{
	uint32_t place = heap->places[id] ? heap->places[id] : ++heap->count;

	item_settle(heap, place, (struct heap_item){.time_us = time_us, .id = id});
}

void heap_remove(struct heap *heap, uint32_t id)
{
	uint32_t place = heap->places[id];

	if (place == 0)
		return;
	heap->places[id] = 0;
	struct heap_item last = heap->items[heap->count--];
	if (last.id != id)
		item_settle(heap, place, last);
}

const struct heap_item *heap_top(const struct heap *heap)
{
	return heap->count > 0 ? &heap->items[1] : NULL;
}
