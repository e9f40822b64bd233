/*
 * The text of dns64.conf. Pure: the same set, list and options give the same bytes, so that a
 * file can be compared with what it should be.
 */
#include "render.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HEADER                                                                      \
	"// Written by nat64-update, which overwrites every change made by hand.\n" \
	"// named.conf includes this file inside its options block.\n"

static size_t text_add(char *text, size_t used, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static size_t text_add(char *text, size_t used, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int added = vsnprintf(text + used, RENDER_MAX - used, format, args);
	va_end(args);
	/* RENDER_MAX covers the largest input; a cut text must never look whole. */
	if (added < 0 || (size_t)added >= RENDER_MAX - used)
		__builtin_trap();
	return used + (size_t)added;
}

static bool set_overlaps(const struct prefix_set *set, const struct prefix *p)
{
	for (size_t i = 0; i < set->count; i++) {
		if (prefix_overlaps(&set->prefixes[i], p))
			return true;
	}
	return false;
}

size_t render_config(char text[RENDER_MAX], const struct prefix_set *set,
                     const struct prefix_file *allow, const char *options)
{
	char prefix[PREFIX_STRLEN];
	size_t used = text_add(text, 0, "%s", HEADER);

	for (size_t i = 0; i < set->count; i++) {
		prefix_format(&set->prefixes[i], prefix);
		if (options)
			used = text_add(text, used, "dns64 %s { include \"%s\"; };\n", prefix,
			                options);
		else
			used = text_add(text, used, "dns64 %s { };\n", prefix);
	}
	for (size_t i = 0; allow && i < allow->count; i++) {
		const struct prefix *p = &allow->entries[i].prefix;
		/* BIND refuses to load a prefix twice. */
		if (set_overlaps(set, p))
			continue;
		/* It synthesizes nothing, but keeps the reverse zone for connections still open. */
		used = text_add(text, used, "dns64 %s { clients { none; }; };\n",
		                prefix_format(p, prefix));
	}
	return used;
}

bool render_path_ok(const char *path)
{
	if (path[0] != '/' || strlen(path) >= PATH_MAX)
		return false;
	for (; *path != '\0'; path++) {
		if ((unsigned char)*path < ' ' || *path == 0x7f || *path == '"' || *path == '\\')
			return false;
	}
	return true;
}
