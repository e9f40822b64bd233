/* The heap of times, against the plainest thing that does the same: an array that is searched. */
#include "unit.h"

#include "rule/heap.h"

#define CAPACITY 64

TEST_THAT(the_earliest_is_what_a_search_finds)
{
	struct heap heap;
	uint64_t times[CAPACITY] = {0};
	uint32_t random = 1;
	assert_int_equal(heap_init(&heap, CAPACITY), 0);

	for (unsigned step = 0; step < 20000; step++) {
		random = random * 1664525 + 1013904223;
		uint32_t id = random >> 16 & (CAPACITY - 1);
		if (random >> 24 & 1) {
			times[id] = 1 + (random >> 8 & 0xff);
			heap_set(&heap, id, times[id]);
		} else {
			times[id] = 0;
			heap_remove(&heap, id);
		}
		uint64_t least = UINT64_MAX;
		for (unsigned i = 0; i < CAPACITY; i++) {
			if (times[i] != 0 && times[i] < least)
				least = times[i];
		}
		const struct heap_item *top = heap_top(&heap);
		assert_true(top ? top->time_us == least && times[top->id] == least
		                : least == UINT64_MAX);
	}

	heap_clear(&heap);
	assert_null(heap_top(&heap));
	heap_free(&heap);
}

RUN_TESTS(NULL, NULL)
