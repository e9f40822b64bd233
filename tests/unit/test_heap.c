/* The heap of times: order, moves, removals. */
#include "unit.h"

#include "rule/heap.h"

#define CAPACITY 64

/* Against the plainest thing that does the same: an array that is searched. */
static void it_agrees_with_a_search(void **state)
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
	heap_free(&heap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(it_agrees_with_a_search)};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
