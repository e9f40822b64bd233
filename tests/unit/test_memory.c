/* Memory that is not granted: each allocation of a module fails once, and is said or returned. */
#include "unit.h"

#include "capture.h"
#include "prefix_file.h"
#include "rule/engine.h"
#include "view/history.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* How many allocations are granted before one is not; the linker puts these in the place of libc's
 * (see the Makefile). */
static unsigned granted = UINT_MAX;
static unsigned refused;
static struct capture capture;

static bool is_granted(void)
{
	if (granted-- > 0)
		return true;
	granted = UINT_MAX;
	refused++;
	errno = ENOMEM;
	return false;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	return is_granted() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_granted() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *old, size_t size)
{
	return is_granted() ? __real_realloc(old, size) : NULL;
}

static int all_granted(void **state)
{
	granted = UINT_MAX;
	refused = 0;
	return 0;
}

/* A list of so many prefixes, read from a file. */
static int file_read(struct prefix_file *file, unsigned count)
{
	FILE *list = tmpfile();

	assert_non_null(list);
	for (unsigned i = 0; i < count; i++)
		fprintf(list, "2001:db8:64:%x::\n", i);
	rewind(list);
	int result = prefix_file_init(file);
	if (result == 0)
		result = prefix_file_read(file, fileno(list), "list");
	fclose(list);
	return result;
}

TEST_THAT(engine_without_memory_is_none)
{
	const struct engine_config config = {
		.methods = 2,
		.targets = {3, 3},
		.interval_us = 2000000,
		.set_min = 2,
		.set_max = 3,
		.prefixes_max = 4,
		.probes_max = 64,
	};
	struct engine *engine;
	unsigned n = 0;

	for (;; n++) {
		granted = n;
		engine = engine_new(&config);
		if (refused == n) /* all was granted */
			break;
		assert_null(engine);
	}
	granted = UINT_MAX;
	assert_non_null(engine);
	assert_true(n >= 9);
	engine_free(engine);
}

TEST_THAT(list_without_memory_is_refused)
{
	struct prefix_file file;

	capture_begin(&capture);
	granted = 0;
	int result = file_read(&file, 65);
	granted = UINT_MAX;
	assert_string_equal(capture_end(&capture), "nat64health: out of memory\n");
	assert_int_equal(result, -ENOMEM);
	assert_null(file.entries);
	assert_int_equal(refused, 1);
}

TEST_THAT(reading_a_list_takes_no_memory)
{
	struct prefix_file file;
	FILE *list = tmpfile();

	assert_int_equal(prefix_file_init(&file), 0);
	for (unsigned i = 0; i < PREFIX_FILE_PREFIXES_MAX; i++)
		fprintf(list, "2001:db8:64:%x:: group=g%u\n", i, i % 1000);
	rewind(list);
	granted = 0;
	int result = prefix_file_read(&file, fileno(list), "list");
	granted = UINT_MAX;
	assert_int_equal(result, 0);
	assert_int_equal(refused, 0);
	assert_int_equal(file.count, PREFIX_FILE_PREFIXES_MAX);
	fclose(list);
	free(file.entries);
}

TEST_THAT(history_without_memory_is_none)
{
	struct history history;

	for (unsigned n = 0; n < 2; n++) {
		granted = n;
		assert_int_equal(history_init(&history), -ENOMEM);
		granted = UINT_MAX;
		free(history.prefixes);
		free(history.spare);
	}
	assert_int_equal(refused, 2);
}

RUN_TESTS(all_granted, NULL)
