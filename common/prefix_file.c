/*
 * The prefix file: a NAT64 prefix a line, with "tier=N", "group=NAME" and "drain" behind it.
 * What the words mean to the choice of a set is not known here.
 */
#include "prefix_file.h"

#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORD_SHOWN 64 /* bytes of a word in a message; the rest may be a megabyte */

enum { END_OF_FILE = -1, LINE_REFUSED = -1 };

struct reader {
	int fd;
	const char *name;
	uint32_t line;
	unsigned errors;
	bool stopped; /* nothing more is read */
	size_t bytes; /* of the file, so far */
	char buf[4096];
	size_t at, filled;
};

static void __attribute__((format(printf, 3, 4)))
reader_error(struct reader *r, uint32_t line, const char *format, ...)
{
	char message[LOG_MESSAGE_MAX];
	va_list args;

	if (++r->errors > PREFIX_FILE_ERRORS_MAX)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	log_file_error(r->name, line, "%s", message);
}

/* An error after which there is no sense in reading on. */
#define READER_STOP(r, ...) ((r)->stopped = true, reader_error(r, __VA_ARGS__))

static void buffer_fill(struct reader *r)
{
	ssize_t got;

	do
		got = read(r->fd, r->buf, sizeof(r->buf));
	while (got < 0 && errno == EINTR);
	r->at = 0;
	r->filled = got > 0 ? (size_t)got : 0;
	r->bytes += r->filled;
	if (got < 0)
		READER_STOP(r, 0, "cannot read: %s", strerror(errno));
	if (r->bytes <= PREFIX_FILE_BYTES_MAX)
		return;
	READER_STOP(r, 0, "longer than %lu bytes", PREFIX_FILE_BYTES_MAX);
	r->filled = 0;
}

static int byte_read(struct reader *r)
{
	if (r->at == r->filled && !r->stopped)
		buffer_fill(r);
	return r->at < r->filled ? (unsigned char)r->buf[r->at++] : END_OF_FILE;
}

/* Reads a line without its end (LF or CRLF). Returns 1, 0 at the end of the file, or LINE_REFUSED.
 */
static int line_read(struct reader *r, char text[PREFIX_FILE_LINE_MAX])
{
	size_t length = 0;
	bool nul = false;
	int c;

	while ((c = byte_read(r)) != END_OF_FILE && c != '\n') {
		nul = nul || c == '\0';
		if (length < PREFIX_FILE_LINE_MAX)
			text[length] = (char)c;
		length++;
	}
	if (r->stopped || (c == END_OF_FILE && length == 0))
		return 0;
	r->line++;
	if (length >= PREFIX_FILE_LINE_MAX)
		reader_error(r, r->line, "line is longer than %d bytes", PREFIX_FILE_LINE_MAX - 1);
	else if (nul)
		reader_error(r, r->line, "NUL byte in the line; expected text");
	else if (r->line == 1 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		reader_error(r, r->line,
		             "begins with a byte order mark; save the file as text without it");
	else {
		if (length > 0 && text[length - 1] == '\r')
			length--;
		text[length] = '\0';
		return 1;
	}
	return LINE_REFUSED;
}

static const char *tier_parse(struct prefix_entry *entry, const char *value, bool *seen)
{
	if (*seen)
		return "is a second tier";
	if (value[0] < '0' || value[0] > '9' || value[1] != '\0')
		return "is not a tier; expected tier=0 to tier=9";
	entry->tier = (uint8_t)(value[0] - '0');
	*seen = true;
	return NULL;
}

static const char *group_parse(struct prefix_entry *entry, const char *value)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t length = strlen(value);

	if (entry->group[0] != '\0')
		return "is a second group";
	if (length < 1 || length > PREFIX_FILE_GROUP_MAX || strspn(value, letters) != length)
		return "is not a group; expected group=NAME, a name of 1 to 32 letters, digits, "
		       "dots, underscores and hyphens";
	memcpy(entry->group, value, length + 1);
	return NULL;
}

/* Returns NULL, or what is wrong with the word. */
static const char *word_parse(struct prefix_entry *entry, const char *word, bool *tier_seen)
{
	if (strncmp(word, "tier=", 5) == 0)
		return tier_parse(entry, word + 5, tier_seen);
	if (strncmp(word, "group=", 6) == 0)
		return group_parse(entry, word + 6);
	if (strcmp(word, "drain") != 0)
		return "is not known here; expected tier=N, group=NAME or drain, and each prefix "
		       "on its own line; comments begin with #";
	if (entry->drain)
		return "is given twice";
	entry->drain = true;
	return NULL;
}

static void entry_refuse(struct reader *r, const char *word, enum prefix_error error)
{
	struct prefix guess;
	char text[PREFIX_STRLEN];

	if (prefix_guess(&guess, word))
		reader_error(r, r->line, "%.*s: %s; did you mean %s?", WORD_SHOWN, word,
		             prefix_strerror(error), prefix_format(&guess, text));
	else
		reader_error(r, r->line, "%.*s: %s%s", WORD_SHOWN, word, prefix_strerror(error),
		             error == PREFIX_NOT_ADDRESS
		                     ? ", then tier=N, group=NAME or drain; comments begin with #"
		                     : "");
}

/* Returns true if the line holds a prefix. */
static bool line_parse(struct reader *r, char *text, struct prefix_entry *entry)
{
	bool tier_seen = false;
	char *rest = NULL;

	text[strcspn(text, "#")] = '\0';
	char *word = strtok_r(text, " \t", &rest);
	if (!word)
		return false;

	*entry = (struct prefix_entry){.line = r->line};
	enum prefix_error error = prefix_parse(&entry->prefix, word);
	if (error != PREFIX_OK) {
		entry_refuse(r, word, error);
		return false;
	}
	while ((word = strtok_r(NULL, " \t", &rest))) {
		const char *wrong = word_parse(entry, word, &tier_seen);
		if (wrong) {
			reader_error(r, r->line, "\"%.*s\" %s", WORD_SHOWN, word, wrong);
			return false;
		}
	}
	return true;
}

static void entries_read(struct reader *r, struct prefix_file *file)
{
	char text[PREFIX_FILE_LINE_MAX];
	struct prefix_entry entry;
	int got;

	while ((got = line_read(r, text)) != 0) {
		if (got == LINE_REFUSED || !line_parse(r, text, &entry))
			continue;
		if (file->count < PREFIX_FILE_PREFIXES_MAX)
			file->entries[file->count++] = entry;
		else
			READER_STOP(r, r->line, "more than %d prefixes", PREFIX_FILE_PREFIXES_MAX);
	}
	if (file->count == 0 && r->errors == 0)
		reader_error(r, 0, "no prefix in the file; expected one a line");
}

typedef int entry_order(const struct prefix_entry *a, const struct prefix_entry *b);

static int entry_compare_prefixes(const struct prefix_entry *a, const struct prefix_entry *b)
{
	int order = prefix_compare(&a->prefix, &b->prefix);

	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static int entry_compare_groups(const struct prefix_entry *a, const struct prefix_entry *b)
{
	return strcmp(a->group, b->group);
}

static const struct prefix_entry *nth_entry(const struct prefix_file *file, size_t n)
{
	return &file->entries[file->entries[n].nth];
}

/* The entry at root is moved down until none below it comes later in the order. */
static void order_sift(struct prefix_file *file, size_t root, size_t count, entry_order *order)
{
	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		if (child + 1 < count &&
		    order(nth_entry(file, child), nth_entry(file, child + 1)) < 0)
			child++;
		if (order(nth_entry(file, root), nth_entry(file, child)) >= 0)
			return;
		uint32_t moved = file->entries[root].nth;
		file->entries[root].nth = file->entries[child].nth;
		file->entries[child].nth = moved;
	}
}

/* Fills nth. A heapsort, since qsort() may allocate, and ask the system how much there is. */
static void entries_sort(struct prefix_file *file, entry_order *order)
{
	for (size_t i = 0; i < file->count; i++)
		file->entries[i].nth = (uint32_t)i;
	for (size_t root = file->count / 2; root-- > 0;)
		order_sift(file, root, file->count, order);
	for (size_t last = file->count; last-- > 1;) {
		uint32_t largest = file->entries[0].nth;
		file->entries[0].nth = file->entries[last].nth;
		file->entries[last].nth = largest;
		order_sift(file, 0, last, order);
	}
}

static void groups_number(struct prefix_file *file)
{
	const char *name = "";
	uint32_t number = 0;

	entries_sort(file, entry_compare_groups);
	for (size_t i = 0; i < file->count; i++) {
		struct prefix_entry *entry = &file->entries[file->entries[i].nth];
		number += strcmp(entry->group, name) != 0;
		name = entry->group;
		entry->group_number = number;
	}
}

static void overlap_report(struct reader *r, const struct prefix_entry *a,
                           const struct prefix_entry *b)
{
	const struct prefix_entry *first = a->line < b->line ? a : b;
	const struct prefix_entry *second = a->line < b->line ? b : a;
	char first_text[PREFIX_STRLEN], second_text[PREFIX_STRLEN];

	reader_error(r, second->line, "%s %s %s of line %u",
	             prefix_format(&second->prefix, second_text),
	             prefix_compare(&first->prefix, &second->prefix) ? "overlaps" : "repeats",
	             prefix_format(&first->prefix, first_text), first->line);
}

/*
 * Two prefixes are disjoint or one covers the other, so in sorted order it is enough to look at the
 * one before, and at the last that was not covered itself.
 */
static void overlaps_report(struct reader *r, const struct prefix_file *file)
{
	const struct prefix_entry *cover = nth_entry(file, 0);

	for (size_t i = 1; i < file->count; i++) {
		const struct prefix_entry *before = nth_entry(file, i - 1);
		const struct prefix_entry *entry = nth_entry(file, i);
		if (prefix_compare(&before->prefix, &entry->prefix) == 0)
			overlap_report(r, before, entry);
		else if (prefix_overlaps(&cover->prefix, &entry->prefix))
			overlap_report(r, cover, entry);
		else
			cover = entry;
	}
}

int prefix_file_read(struct prefix_file *file, int fd, const char *name)
{
	struct reader r = {.fd = fd, .name = name};

	file->count = 0;
	entries_read(&r, file);
	if (file->count > 0) {
		groups_number(file);
		entries_sort(file, entry_compare_prefixes);
		overlaps_report(&r, file);
	}
	if (r.errors > PREFIX_FILE_ERRORS_MAX)
		log_file_error(name, 0, "and %u more error%s", r.errors - PREFIX_FILE_ERRORS_MAX,
		               r.errors == PREFIX_FILE_ERRORS_MAX + 1 ? "" : "s");
	if (r.errors == 0)
		return 0;
	file->count = 0;
	return -EINVAL;
}

int prefix_file_open(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		int error = errno;
		log_file_error(path, 0,
		               "cannot open: %s; expected a file that BIND's user can read",
		               strerror(error));
		return -error;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	log_file_error(path, 0, "is not a regular file; expected a file with a prefix a line");
	close(fd);
	return -EINVAL;
}

int prefix_file_load(struct prefix_file *file, const char *path)
{
	int fd = prefix_file_open(path);

	file->count = 0;
	if (fd < 0)
		return fd;
	int result = prefix_file_read(file, fd, path);
	close(fd);
	return result;
}

int prefix_file_init(struct prefix_file *file)
{
	*file = (struct prefix_file){
		.entries = calloc(PREFIX_FILE_PREFIXES_MAX, sizeof(*file->entries))};
	if (file->entries)
		return 0;
	log_error("out of memory");
	return -ENOMEM;
}

size_t prefix_file_find(const struct prefix_file *file, const struct prefix *prefix)
{
	size_t low = 0, high = file->count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = prefix_compare(&nth_entry(file, middle)->prefix, prefix);
		if (order == 0)
			return file->entries[middle].nth;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return file->count;
}
