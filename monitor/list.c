/*
 * The list of prefixes in force: numbers, as the engine has them, to prefixes. How a list is
 * written is known elsewhere.
 */
#include "list.h"

#include "log.h"
#include "units.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* What is shared. */
struct memory {
	struct list list;
	struct engine_entry entries[PREFIX_FILE_PREFIXES_MAX];
	struct prefix_entry file_entries[2][PREFIX_FILE_PREFIXES_MAX];
};

struct list *list_new(void)
{
	struct memory *memory = mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE,
	                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		log_error("out of memory: %s", strerror(errno));
		return NULL;
	}
	memory->list.entries = memory->entries;
	for (size_t i = 0; i < COUNT(memory->list.files); i++)
		memory->list.files[i].entries = memory->file_entries[i];
	return &memory->list;
}

static int list_check(const struct prefix_file *file, const char *name, unsigned set_min)
{
	size_t usable = 0;

	for (size_t i = 0; i < file->count; i++)
		usable += !file->entries[i].drain;
	if (usable >= set_min)
		return 0;
	if (usable == 0)
		log_file_error(name, 0, "all prefixes are drained; a set needs at least %u",
		               set_min);
	else
		log_file_error(name, 0,
		               "%zu prefix%s not drained; a set needs at least %u: list more, or "
		               "give both programs --count %zu-%zu",
		               usable, usable == 1 ? "" : "es", set_min, usable, usable);
	return -EINVAL;
}

static uint32_t place_before(const struct prefix_file *before, const struct prefix *prefix)
{
	size_t place = prefix_file_find(before, prefix);

	return place < before->count ? (uint32_t)place : ENGINE_NO_PREFIX;
}

int list_read(struct list *list, int fd, const char *name, unsigned set_min)
{
	const struct prefix_file *before = &list->files[list->current];
	struct prefix_file *file = &list->files[!list->current];
	int result = prefix_file_read(file, fd, name);

	if (result == 0)
		result = list_check(file, name, set_min);
	if (result < 0)
		return result;
	for (size_t i = 0; i < file->count; i++) {
		const struct prefix_entry *entry = &file->entries[i];
		list->entries[i] = (struct engine_entry){
			.tier = entry->tier,
			.drain = entry->drain,
			.group = entry->group_number,
			.was = place_before(before, &entry->prefix),
		};
	}
	list->current = !list->current;
	return 0;
}

const struct prefix_file *list_file(const struct list *list)
{
	return &list->files[list->current];
}

const struct prefix *list_prefix(const struct list *list, uint32_t number)
{
	return &list_file(list)->entries[number].prefix;
}
