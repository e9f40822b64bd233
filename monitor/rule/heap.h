/*
 * A binary heap of times: which of many numbered things is due first. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct heap_item {
	uint64_t time_us;
	uint32_t id;
};

struct heap {
	struct heap_item *items;
	uint32_t *places; /* of each id, counted from 1; 0 when it is not in the heap */
	uint32_t count;
};

/* Makes room for ids below capacity; nothing is allocated after that. Returns 0 or -ENOMEM. */
int heap_init(struct heap *heap, size_t capacity);
void heap_free(struct heap *heap);

/* Puts id in at a time, or moves it there; takes it out; takes all out. */
void heap_set(struct heap *heap, uint32_t id, uint64_t time_us);
void heap_remove(struct heap *heap, uint32_t id);
void heap_clear(struct heap *heap);

/* The earliest, or NULL when empty; valid until the next change. */
const struct heap_item *heap_top(const struct heap *heap);
