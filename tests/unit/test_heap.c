/* The heap of times: order, moves, removals. */
#include "unit.h"

#include "rule/heap.h"

#define CAPACITY 64

static struct heap heap;

static int heap_open(void **state)
{
	return heap_init(&heap, CAPACITY);
}

static int heap_close(void **state)
{
	heap_free(&heap);
	return 0;
}

static uint32_t pop(void)
{
	uint32_t id = heap_top(&heap)->id;

	heap_remove(&heap, id);
	return id;
}

static void an_empty_heap_has_no_top(void **state)
{
	assert_null(heap_top(&heap));
}

static void the_earliest_comes_first(void **state)
{
	heap_set(&heap, 1, 30);
	heap_set(&heap, 2, 10);
	heap_set(&heap, 3, 20);

	assert_int_equal(pop(), 2);
	assert_int_equal(pop(), 3);
	assert_int_equal(pop(), 1);
	assert_null(heap_top(&heap));
}

static void what_is_set_again_moves(void **state)
{
	heap_set(&heap, 1, 10);
	heap_set(&heap, 2, 20);

	heap_set(&heap, 1, 30);
	assert_int_equal(heap_top(&heap)->id, 2);
	heap_set(&heap, 1, 5);
	assert_int_equal(heap_top(&heap)->id, 1);
	assert_int_equal(heap.count, 2);
}

static void removing_what_is_not_there_does_nothing(void **state)
{
	heap_set(&heap, 1, 10);

	heap_remove(&heap, 2);
	heap_remove(&heap, 1);
	heap_remove(&heap, 1);

	assert_null(heap_top(&heap));
}

/* Against the plainest thing that does the same: an array that is searched. */
static void it_agrees_with_a_search(void **state)
{
	uint64_t times[CAPACITY] = {0};
	uint32_t random = 1;

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
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_heap_has_no_top, heap_open, heap_close),
		cmocka_unit_test_setup_teardown(the_earliest_comes_first, heap_open, heap_close),
		cmocka_unit_test_setup_teardown(what_is_set_again_moves, heap_open, heap_close),
		cmocka_unit_test_setup_teardown(removing_what_is_not_there_does_nothing, heap_open,
	                                        heap_close),
		cmocka_unit_test_setup_teardown(it_agrees_with_a_search, heap_open, heap_close),
	};

	return cmocka_run_group_tests_name("heap", tests, NULL, NULL);
}
