/*
 * The set line: the contract between nat64-monitor and nat64-update.
 * It judges a line; what is done with a set, and which prefixes are allowed, is the updater's.
 */
#include "set_line.h"

#include <errno.h>
#include <string.h>

int set_size_parse(struct set_size *size, const char *text)
{
	if (strlen(text) != 3 || text[1] != '-')
		return -EINVAL;

	struct set_size parsed = {(unsigned)(text[0] - '0'), (unsigned)(text[2] - '0')};
	if (parsed.min < 1 || parsed.max > SET_PREFIXES_MAX || parsed.min > parsed.max)
		return -EINVAL;
	*size = parsed;
	return 0;
}

static bool is_separator(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_blank(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!is_separator(line[i]))
			return false;
	}
	return true;
}

/* Checks the new prefix at the set's end against those before it. */
static bool is_disjoint(const struct prefix_set *set, struct text *why)
{
	const struct prefix *last = &set->prefixes[set->count - 1];
	char a[PREFIX_STRLEN], b[PREFIX_STRLEN];

	for (size_t i = 0; i + 1 < set->count; i++) {
		if (!prefix_overlaps(&set->prefixes[i], last))
			continue;
		text_add(why, "%s %s %s", prefix_format(last, a),
		         prefix_compare(&set->prefixes[i], last) ? "overlaps" : "repeats",
		         prefix_format(&set->prefixes[i], b));
		return false;
	}
	return true;
}

static bool word_add(struct prefix_set *set, const char *word, size_t length, struct text *why)
{
	char text[PREFIX_STRLEN];

	if (length == 0) {
		text_add(why, "expected prefixes with a single space or tab between");
		return false;
	}
	if (set->count == SET_PREFIXES_MAX) {
		text_add(why, "more than %d prefixes", SET_PREFIXES_MAX);
		return false;
	}
	size_t copied = length < sizeof(text) ? length : sizeof(text) - 1;
	memcpy(text, word, copied);
	text[copied] = '\0';

	enum prefix_error error = PREFIX_NOT_ADDRESS;
	if (copied == length)
		error = prefix_parse(&set->prefixes[set->count], text);
	if (error != PREFIX_OK) {
		text_add(why, "%s: %s", text, prefix_strerror(error));
		return false;
	}
	set->count++;
	return is_disjoint(set, why);
}

enum set_line_verdict set_line_parse(struct prefix_set *set, const char *line, size_t length,
                                     struct set_size size, struct text *why)
{
	struct prefix_set parsed = {.count = 0};

	if (length >= SET_LINE_MAX) {
		text_add(why, "longer than %d bytes", SET_LINE_MAX);
		return SET_LINE_REFUSED;
	}
	if (is_blank(line, length) || line[0] == '#')
		return SET_LINE_IGNORED;
	for (size_t i = 0; i < length; i++) {
		if (!is_separator(line[i]) && (line[i] <= ' ' || line[i] > '~')) {
			text_add(why,
			         "byte 0x%02x at position %zu; expected plain ASCII, and no CR at "
			         "the end",
			         (unsigned)(unsigned char)line[i], i + 1);
			return SET_LINE_REFUSED;
		}
	}
	for (size_t start = 0, end = 0; start <= length; start = end + 1) {
		for (end = start; end < length && !is_separator(line[end]);)
			end++;
		if (!word_add(&parsed, line + start, end - start, why))
			return SET_LINE_REFUSED;
	}
	if (parsed.count < size.min || parsed.count > size.max) {
		text_add(why, "%zu prefix%s; expected %u to %u (see --count)", parsed.count,
		         parsed.count == 1 ? "" : "es", size.min, size.max);
		return SET_LINE_REFUSED;
	}
	*set = parsed;
	return SET_LINE_SET;
}

size_t set_line_format(const struct prefix_set *set, char line[SET_LINE_MAX])
{
	char text[PREFIX_STRLEN];
	size_t used = 0;

	for (size_t i = 0; i < set->count; i++) {
		prefix_format(&set->prefixes[i], text);
		size_t length = strlen(text);
		memcpy(line + used, text, length);
		used += length;
		line[used++] = i + 1 < set->count ? ' ' : '\n';
	}
	line[used] = '\0';
	return used;
}

const char *set_line_say(const struct prefix_set *set, char words[SET_LINE_MAX])
{
	size_t length = set_line_format(set, words);

	if (length == 0)
		return strcpy(words, "none");
	words[length - 1] = '\0';
	return words;
}

bool prefix_set_holds(const struct prefix_set *set, const struct prefix *p)
{
	for (size_t i = 0; i < set->count; i++) {
		if (prefix_compare(&set->prefixes[i], p) == 0)
			return true;
	}
	return false;
}

struct prefix_set prefix_set_without(const struct prefix_set *a, const struct prefix_set *b)
{
	struct prefix_set rest = {.count = 0};

	for (size_t i = 0; i < a->count; i++) {
		if (!prefix_set_holds(b, &a->prefixes[i]))
			rest.prefixes[rest.count++] = a->prefixes[i];
	}
	return rest;
}

bool prefix_set_equal(const struct prefix_set *a, const struct prefix_set *b)
{
	return a->count == b->count && prefix_set_without(a, b).count == 0;
}
