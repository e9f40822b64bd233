/*
 * The prefix file: a NAT64 prefix a line, with "tier=N" and "drain" behind it.
 * What the words mean to the choice of a set is not known here.
 */
#include "prefix_file.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
	FILE *stream;
	const char *name;
	long bytes;
	unsigned line;
	unsigned errors;
};

/* Reads a line without its end (LF or CRLF). Returns 1, 0 at the end of the file, -1 if refused. */
static int line_read(struct reader *r, char text[PREFIX_FILE_LINE_MAX])
{
	size_t length = 0;
	bool nul = false;
	int c;

	while ((c = getc_unlocked(r->stream)) != EOF && ++r->bytes <= PREFIX_FILE_BYTES_MAX) {
		if (c == '\n')
			break;
		nul = nul || c == '\0';
		if (length < PREFIX_FILE_LINE_MAX)
			text[length] = (char)c;
		length++;
	}
	if (c == EOF && length == 0)
		return 0;
	r->line++;
	if (length >= PREFIX_FILE_LINE_MAX) {
		log_file_error(r->name, r->line, "line is longer than %d bytes",
		               PREFIX_FILE_LINE_MAX - 1);
		return -1;
	}
	if (nul) {
		log_file_error(r->name, r->line, "NUL byte in the line; expected text");
		return -1;
	}
	if (r->line == 1 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		log_file_error(r->name, r->line,
		               "begins with a byte order mark; save the file as text without it");
		return -1;
	}
	if (length > 0 && text[length - 1] == '\r')
		length--;
	text[length] = '\0';
	return 1;
}

/* Returns NULL, or what is wrong with the word. */
static const char *word_parse(struct prefix_entry *entry, const char *word, bool *tier_seen)
{
	if (strcmp(word, "drain") == 0) {
		if (entry->drain)
			return "is given twice";
		entry->drain = true;
		return NULL;
	}
	if (strncmp(word, "tier=", 5) == 0) {
		if (*tier_seen)
			return "is a second tier";
		if (word[5] < '0' || word[5] > '9' || word[6] != '\0')
			return "is not a tier; expected tier=0 to tier=9";
		entry->tier = (uint8_t)(word[5] - '0');
		*tier_seen = true;
		return NULL;
	}
	return "is not known here; expected tier=N or drain, and each prefix on its own line";
}

/* Returns 1 if the line holds a prefix, 0 if it is blank or a comment, -1 after an error. */
static int line_parse(struct reader *r, char *text, struct prefix_entry *entry)
{
	bool tier_seen = false;
	char *rest = NULL;

	text[strcspn(text, "#")] = '\0';
	char *word = strtok_r(text, " \t", &rest);
	if (!word)
		return 0;

	*entry = (struct prefix_entry){.line = r->line};
	enum prefix_error error = prefix_parse(&entry->prefix, word);
	if (error != PREFIX_OK) {
		log_file_error(r->name, r->line, "%s: %s", word, prefix_strerror(error));
		return -1;
	}
	while ((word = strtok_r(NULL, " \t", &rest))) {
		const char *wrong = word_parse(entry, word, &tier_seen);
		if (wrong) {
			log_file_error(r->name, r->line, "\"%s\" %s", word, wrong);
			return -1;
		}
	}
	return 1;
}

static int entry_add(struct reader *r, struct prefix_file *file, const struct prefix_entry *entry)
{
	if (file->count >= PREFIX_FILE_PREFIXES_MAX) {
		log_file_error(r->name, r->line, "more than %d prefixes", PREFIX_FILE_PREFIXES_MAX);
		return -E2BIG;
	}
	if (file->count % 64 == 0) {
		size_t room = (file->count + 64) * sizeof(*file->entries);
		struct prefix_entry *grown = realloc(file->entries, room);
		if (!grown) {
			log_file_error(r->name, r->line, "out of memory");
			return -ENOMEM;
		}
		file->entries = grown;
	}
	file->entries[file->count++] = *entry;
	return 0;
}

static int entry_compare(const void *a, const void *b)
{
	const struct prefix_entry *const *x = a, *const *y = b;
	int order = prefix_compare(&(*x)->prefix, &(*y)->prefix);

	return order != 0 ? order : ((*x)->line > (*y)->line) - ((*x)->line < (*y)->line);
}

static void overlap_report(struct reader *r, const struct prefix_entry *a,
                           const struct prefix_entry *b)
{
	const struct prefix_entry *first = a->line < b->line ? a : b;
	const struct prefix_entry *second = a->line < b->line ? b : a;
	char first_text[PREFIX_STRLEN], second_text[PREFIX_STRLEN];

	log_file_error(r->name, second->line, "%s %s %s of line %u",
	               prefix_format(&second->prefix, second_text),
	               prefix_compare(&first->prefix, &second->prefix) ? "overlaps" : "repeats",
	               prefix_format(&first->prefix, first_text), first->line);
	r->errors++;
}

/*
 * Two prefixes are disjoint or one covers the other, so in sorted order it is enough to look at the
 * one before, and at the last that was not covered itself.
 */
static void overlaps_report(struct reader *r, const struct prefix_file *file)
{
	const struct prefix_entry **sorted = calloc(file->count, sizeof(struct prefix_entry *));

	if (!sorted) {
		log_file_error(r->name, 0, "out of memory");
		r->errors++;
		return;
	}
	for (size_t i = 0; i < file->count; i++)
		sorted[i] = &file->entries[i];
	qsort(sorted, file->count, sizeof(struct prefix_entry *), entry_compare);

	const struct prefix_entry *cover = sorted[0];
	for (size_t i = 1; i < file->count; i++) {
		if (prefix_compare(&sorted[i - 1]->prefix, &sorted[i]->prefix) == 0)
			overlap_report(r, sorted[i - 1], sorted[i]);
		else if (prefix_overlaps(&cover->prefix, &sorted[i]->prefix))
			overlap_report(r, cover, sorted[i]);
		else
			cover = sorted[i];
	}
	free(sorted);
}

static void entries_read(struct reader *r, struct prefix_file *file)
{
	char text[PREFIX_FILE_LINE_MAX];
	struct prefix_entry entry;
	int got;

	while ((got = line_read(r, text)) != 0) {
		if (got > 0)
			got = line_parse(r, text, &entry);
		if (r->bytes > PREFIX_FILE_BYTES_MAX) {
			log_file_error(r->name, 0, "longer than %ld bytes", PREFIX_FILE_BYTES_MAX);
			r->errors++;
			return;
		}
		if (got > 0 && entry_add(r, file, &entry) < 0) {
			r->errors++;
			return;
		}
		if (got < 0)
			r->errors++;
	}
	if (ferror(r->stream)) {
		log_file_error(r->name, 0, "cannot read: %s", strerror(errno));
		r->errors++;
		return;
	}
	if (file->count == 0 && r->errors == 0) {
		log_file_error(r->name, 0, "no prefix in the file; expected one a line");
		r->errors++;
	}
}

int prefix_file_read(struct prefix_file *file, int fd, const char *name)
{
	struct reader r = {.stream = fdopen(fd, "r"), .name = name};

	*file = (struct prefix_file){0};
	if (!r.stream) {
		log_file_error(name, 0, "cannot read: %s", strerror(errno));
		close(fd);
		return -1;
	}
	entries_read(&r, file);
	if (file->count > 0)
		overlaps_report(&r, file);
	fclose(r.stream);
	if (r.errors > 0) {
		prefix_file_free(file);
		return -1;
	}
	return 0;
}

int prefix_file_load(struct prefix_file *file, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	*file = (struct prefix_file){0};
	if (fd < 0) {
		log_file_error(path, 0,
		               "cannot open: %s; expected a file that BIND's user can read",
		               strerror(errno));
		return -1;
	}
	return prefix_file_read(file, fd, path);
}

void prefix_file_free(struct prefix_file *file)
{
	free(file->entries);
	*file = (struct prefix_file){0};
}
