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
	if (!heap->items || !heap->places) {
		heap_free(heap);
		return -ENOMEM;
	}
	return 0;
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

static void item_rise(struct heap *heap, uint32_t place, struct heap_item item)
{
	for (; place > 1 && heap->items[place / 2].time_us > item.time_us; place /= 2)
		item_put(heap, place, heap->items[place / 2]);
	item_put(heap, place, item);
}

static void item_sink(struct heap *heap, uint32_t place, struct heap_item item)
{
	for (uint32_t child; (child = place * 2) <= heap->count; place = child) {
		if (child < heap->count &&
		    heap->items[child + 1].time_us < heap->items[child].time_us)
			child++;
		if (heap->items[child].time_us >= item.time_us)
			break;
		item_put(heap, place, heap->items[child]);
	}
	item_put(heap, place, item);
}

static void item_settle(struct heap *heap, uint32_t place, struct heap_item item)
{
	if (place > 1 && heap->items[place / 2].time_us > item.time_us)
		item_rise(heap, place, item);
	else
		item_sink(heap, place, item);
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
