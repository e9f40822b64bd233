/* The text of dns64.conf. No file is opened here. */
#include "render.h"

#include "text.h"

#include <string.h>

#define HEADER                                                                      \
	"// Written by nat64-update, which overwrites every change made by hand.\n" \
	"// named.conf includes this file inside its options block.\n"

static bool set_overlaps(const struct prefix_set *set, const struct prefix *p)
{
	for (size_t i = 0; i < set->count; i++) {
		if (prefix_overlaps(&set->prefixes[i], p))
			return true;
	}
	return false;
}

size_t render_config(char buf[RENDER_MAX], const struct prefix_set *set,
                     const struct prefix_file *allow, const char *options)
{
	char prefix[PREFIX_STRLEN];
	struct text text = text_in(buf, RENDER_MAX);

	text_add(&text, "%s", HEADER);
	for (size_t i = 0; i < set->count; i++) {
		prefix_format(&set->prefixes[i], prefix);
		if (options)
			text_add(&text, "dns64 %s { include \"%s\"; };\n", prefix, options);
		else
			text_add(&text, "dns64 %s { };\n", prefix);
	}
	for (size_t i = 0; allow && i < allow->count; i++) {
		const struct prefix *p = &allow->entries[i].prefix;
		/* BIND refuses to load a prefix twice. */
		if (set_overlaps(set, p))
			continue;
		/* It synthesizes nothing, but keeps the reverse zone for connections still open. */
		text_add(&text, "dns64 %s { clients { none; }; };\n", prefix_format(p, prefix));
	}
	/* RENDER_MAX covers the largest input; a cut text must never look whole. */
	if (text.cut)
		__builtin_trap();
	return text.used;
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
