/*
 * Any bytes as a prefix file: an accepted list has no overlapping pair, every entry prints and
 * parses again to the same, and the list written out anew is read as the same list.
 */
#include "fuzz.h"
#include "prefix_file.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAIRS_MAX = 256 }; /* entries whose pairs are all compared: more would be slow */

static int bytes_read(struct prefix_file *file, const void *data, size_t size)
{
	int fd = memfd_create("prefixes", MFD_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(write(fd, data, size) == (ssize_t)size);
	CHECK(lseek(fd, 0, SEEK_SET) == 0);
	CHECK(prefix_file_init(file) == 0);
	int result = prefix_file_read(file, fd, "prefixes");
	CHECK(close(fd) == 0);
	return result;
}

static void pair_check(const struct prefix_entry *a, const struct prefix_entry *b)
{
	CHECK(!fuzz_overlap(&a->prefix, &b->prefix));
	CHECK((strcmp(a->group, b->group) == 0) == (a->group_number == b->group_number));
}

static void entries_check(const struct prefix_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		const struct prefix_entry *entry = &file->entries[i];
		CHECK(entry->tier <= 9);
		CHECK(entry->line > (i > 0 ? file->entries[i - 1].line : 0));
		fuzz_check_form(&entry->prefix);
		CHECK(strlen(entry->group) <= PREFIX_FILE_GROUP_MAX);
		CHECK((entry->group[0] == '\0') == (entry->group_number == 0));
		CHECK(prefix_file_find(file, &entry->prefix) == i);
		fuzz_check_round_trip(&entry->prefix);
		for (size_t j = 0; file->count <= PAIRS_MAX && j < i; j++)
			pair_check(entry, &file->entries[j]);
	}
}

static char *list_print(const struct prefix_file *file, size_t *size)
{
	char *text = NULL, prefix[PREFIX_STRLEN];
	FILE *out = open_memstream(&text, size);

	CHECK(out);
	for (size_t i = 0; i < file->count; i++) {
		const struct prefix_entry *entry = &file->entries[i];
		fprintf(out, "%s\ttier=%u %s%s%s\r\n", prefix_format(&entry->prefix, prefix),
		        entry->tier, entry->group[0] ? "group=" : "", entry->group,
		        entry->drain ? " drain # this one" : "");
	}
	CHECK(fclose(out) == 0);
	return text;
}

static void list_check_round_trip(const struct prefix_file *file)
{
	struct prefix_file again;
	size_t size;
	char *text = list_print(file, &size);

	CHECK(bytes_read(&again, text, size) == 0);
	CHECK(again.count == file->count);
	for (size_t i = 0; i < file->count; i++) {
		CHECK(fuzz_same(&again.entries[i].prefix, &file->entries[i].prefix));
		CHECK(again.entries[i].tier == file->entries[i].tier);
		CHECK(again.entries[i].drain == file->entries[i].drain);
		CHECK(strcmp(again.entries[i].group, file->entries[i].group) == 0);
		CHECK(again.entries[i].group_number == file->entries[i].group_number);
	}
	free(again.entries);
	free(text);
}

/* The same list with its first prefix once more at the end must be refused. */
static void repetition_check(const struct prefix_file *file)
{
	char prefix[PREFIX_STRLEN];
	struct prefix_file again;
	size_t size;
	char *text = list_print(file, &size);

	prefix_format(&file->entries[0].prefix, prefix);
	size_t more = strlen(prefix);
	char *longer = realloc(text, size + more);
	CHECK(longer);
	text = longer;
	memcpy(text + size, prefix, more);
	CHECK(bytes_read(&again, text, size + more) < 0);
	CHECK(again.count == 0);
	free(again.entries);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prefix_file file;

	if (bytes_read(&file, data, size) != 0) {
		CHECK(file.count == 0);
		free(file.entries);
		return 0;
	}
	CHECK(file.count >= 1 && file.count <= PREFIX_FILE_PREFIXES_MAX);
	entries_check(&file);
	list_check_round_trip(&file);
	repetition_check(&file);
	free(file.entries);
	return 0;
}
