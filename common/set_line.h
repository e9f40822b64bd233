/*
 * The set line: the contract between nat64-monitor and nat64-update. "PREFIX PREFIX [PREFIX]\n",
 * ASCII, single spaces or tabs; every line is a whole set and replaces the one before.
 */
#pragma once

#include "prefix.h"
#include "text.h"

#include <stddef.h>

/* Bytes of the longest line, its newline included. */
#define SET_LINE_MAX 1024

/* Prefixes of the largest set: more would not fit a DNS answer for a name with one address. */
#define SET_PREFIXES_MAX 8

struct prefix_set {
	struct prefix prefixes[SET_PREFIXES_MAX];
	size_t count;
};

/* How many prefixes a set may hold: 1 <= min <= max <= SET_PREFIXES_MAX. */
struct set_size {
	unsigned min;
	unsigned max;
};

enum set_line_verdict {
	SET_LINE_SET,     /* *set was written */
	SET_LINE_IGNORED, /* blank, or a comment */
	SET_LINE_REFUSED, /* *why was added to; *set is as it was */
};

/* Reads "MIN-MAX". Returns 0, or -EINVAL with *size as it was. */
int set_size_parse(struct set_size *size, const char *text);

/* Judges a line of length bytes, its newline not included; the bytes may be anything. */
enum set_line_verdict set_line_parse(struct prefix_set *set, const char *line, size_t length,
                                     struct set_size size, struct text *why);

/* Writes the line with its newline and a final NUL; returns its length in bytes. */
size_t set_line_format(const struct prefix_set *set, char line[SET_LINE_MAX]);

/* Writes the prefixes with spaces between, or "none", and returns words. */
const char *set_line_say(const struct prefix_set *set, char words[SET_LINE_MAX]);

/* Those of a that b does not hold. */
struct prefix_set prefix_set_without(const struct prefix_set *a, const struct prefix_set *b);

bool prefix_set_holds(const struct prefix_set *set, const struct prefix *p);

/* True if both hold the same prefixes, in whatever order. */
bool prefix_set_equal(const struct prefix_set *a, const struct prefix_set *b);
