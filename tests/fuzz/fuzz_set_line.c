/*
 * The first line is a set line, the words behind it are an allow list. A set that is accepted has
 * an allowed size and no overlap, prints and parses again to the same, and is rendered as one dns64
 * block a prefix.
 */
#include "fuzz.h"
#include "render.h"
#include "set_line.h"

#include <stdio.h>

enum { ALLOW_MAX = 32, WHY_MAX = 192 };

static char text[RENDER_MAX];

static void set_check(const struct prefix_set *set)
{
	CHECK(set->count >= 1 && set->count <= SET_PREFIXES_MAX);
	for (size_t i = 0; i < set->count; i++) {
		fuzz_check_form(&set->prefixes[i]);
		fuzz_check_round_trip(&set->prefixes[i]);
		for (size_t j = 0; j < i; j++)
			CHECK(!fuzz_overlap(&set->prefixes[i], &set->prefixes[j]));
	}
}

static void set_check_round_trip(const struct prefix_set *set)
{
	const struct set_size any = {1, SET_PREFIXES_MAX};
	struct prefix_set again, reversed = {.count = set->count};
	char line[SET_LINE_MAX], words[SET_LINE_MAX], buf[WHY_MAX];
	struct text why = text_in(buf, sizeof(buf));
	size_t length = set_line_format(set, line);

	CHECK(length == strlen(line) && length < SET_LINE_MAX && line[length - 1] == '\n');
	CHECK(set_line_parse(&again, line, length - 1, any, &why) == SET_LINE_SET);
	CHECK(again.count == set->count);
	for (size_t i = 0; i < set->count; i++) {
		CHECK(fuzz_same(&again.prefixes[i], &set->prefixes[i]));
		reversed.prefixes[i] = set->prefixes[set->count - 1 - i];
	}
	CHECK(strncmp(set_line_say(set, words), line, length - 1) == 0 &&
	      strlen(words) == length - 1);
	CHECK(prefix_set_equal(set, &again) && prefix_set_equal(set, &reversed));
	CHECK(prefix_set_without(set, &reversed).count == 0);
	again.prefixes[0].addr.s6_addr[3] ^= 1;
	CHECK(!prefix_set_equal(set, &again));
	again = *set;
	again.count--;
	CHECK(!prefix_set_equal(set, &again) && !prefix_set_equal(&again, set));
}

/* Every other pair of sizes accepts the line exactly if the set is within them. */
static void sizes_check(const struct prefix_set *set, const char *line, size_t length)
{
	for (unsigned min = 1; min <= SET_PREFIXES_MAX; min++) {
		for (unsigned max = min; max <= SET_PREFIXES_MAX; max++) {
			struct prefix_set other;
			char buf[WHY_MAX];
			struct text why = text_in(buf, sizeof(buf));
			bool fits = set->count >= min && set->count <= max;
			CHECK(set_line_parse(&other, line, length, (struct set_size){min, max},
			                     &why) == (fits ? SET_LINE_SET : SET_LINE_REFUSED));
		}
	}
}

static size_t count(const char *needle)
{
	size_t found = 0;

	for (const char *at = text; (at = strstr(at, needle)); at += strlen(needle))
		found++;
	return found;
}

/* Each prefix of the set has one block with this body, and there are as many blocks as expected. */
static void render_check(const struct prefix_set *set, const struct prefix_file *allow,
                         const char *options, const char *body, size_t reverse_only)
{
	char prefix[PREFIX_STRLEN], block[256];
	size_t length = render_config(text, set, allow, options);

	CHECK(length == strlen(text) && text[length - 1] == '\n');
	CHECK(count("\ndns64 ") == set->count + reverse_only);
	CHECK(count("clients { none; };") == reverse_only);
	for (size_t i = 0; i < set->count; i++) {
		snprintf(block, sizeof(block), "\ndns64 %s {",
		         prefix_format(&set->prefixes[i], prefix));
		CHECK(count(block) == 1);
		snprintf(block, sizeof(block), "\ndns64 %s {%s };\n", prefix, body);
		CHECK(count(block) == 1);
	}
}

static bool overlaps_any(const struct prefix *p, const struct prefix_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		if (fuzz_overlap(p, &set->prefixes[i]))
			return true;
	}
	return false;
}

/* Words as entries, but for those that overlap one before. Returns how many are not of the set. */
static size_t allow_read(struct prefix_file *allow, char *words, const struct prefix_set *set)
{
	size_t others = 0;
	char *rest = NULL;

	for (char *word = strtok_r(words, " \t\r\n", &rest); word && allow->count < ALLOW_MAX;
	     word = strtok_r(NULL, " \t\r\n", &rest)) {
		struct prefix p;
		bool again = false;
		if (prefix_parse(&p, word) != PREFIX_OK)
			continue;
		for (size_t i = 0; i < allow->count; i++)
			again = again || fuzz_overlap(&p, &allow->entries[i].prefix);
		if (again)
			continue;
		others += !overlaps_any(&p, set);
		allow->entries[allow->count++] = (struct prefix_entry){.prefix = p};
	}
	return others;
}

static void accepted_check(const struct prefix_set *set, const char *line, size_t length,
                           char *words)
{
	struct prefix_entry entries[ALLOW_MAX];
	struct prefix_file allow = {.entries = entries};

	set_check(set);
	set_check_round_trip(set);
	sizes_check(set, line, length);
	size_t others = allow_read(&allow, words, set);
	render_check(set, NULL, NULL, "", 0);
	render_check(set, &allow, NULL, "", others);
	render_check(set, &allow, "/etc/bind/dns64-options",
	             " include \"/etc/bind/dns64-options\";", others);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct set_size any = {1, SET_PREFIXES_MAX};
	const uint8_t *newline = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t length = newline ? (size_t)(newline - data) : size;
	/* Exactly as long as the line, so that a byte read behind it is found. */
	char *line = malloc(length), *words = malloc(size - length + 1);
	char buf[WHY_MAX];
	struct text why = text_in(buf, sizeof(buf));
	struct prefix_set set, before;

	CHECK((line || length == 0) && words);
	if (length > 0)
		memcpy(line, data, length);
	if (size > length)
		memcpy(words, data + length, size - length);
	words[size - length] = '\0';
	memset(&before, 0xa5, sizeof(before));
	memcpy(&set, &before, sizeof(set));

	switch (set_line_parse(&set, line, length, any, &why)) {
	case SET_LINE_SET:
		accepted_check(&set, line, length, words);
		break;
	case SET_LINE_REFUSED:
		CHECK(why.used > 0 && !why.cut && buf[why.used] == '\0');
		CHECK(memcmp(&set, &before, sizeof(set)) == 0);
		break;
	case SET_LINE_IGNORED:
		CHECK(length < SET_LINE_MAX);
		CHECK(length == 0 || line[0] == '#' || line[0] == ' ' || line[0] == '\t');
		CHECK(memcmp(&set, &before, sizeof(set)) == 0);
		break;
	}
	free(words);
	free(line);
	return 0;
}
