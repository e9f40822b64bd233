/*
 * The text of dns64.conf. Pure: the same set, list and options give the same bytes, so that a
 * file can be compared with what it should be.
 */
#pragma once

#include "prefix_file.h"
#include "set_line.h"

#include <limits.h>

/* Room for the largest text: every active block with the longest path, every listed prefix. */
#define RENDER_BLOCK_MAX (PREFIX_STRLEN + 32)
#define RENDER_MAX                                                \
	(256 + SET_PREFIXES_MAX * (RENDER_BLOCK_MAX + PATH_MAX) + \
	 PREFIX_FILE_PREFIXES_MAX * RENDER_BLOCK_MAX)

/*
 * Writes the text and a final NUL, and returns its length in bytes. An active block a prefix of
 * the set, in its order, with an include of options unless that is NULL; then a reverse-only block
 * for each prefix of allow (may be NULL) that does not overlap the set, in the order of its file.
 */
size_t render_config(char buf[RENDER_MAX], const struct prefix_set *set,
                     const struct prefix_file *allow, const char *options);

/*
 * True if BIND can include path: absolute, for BIND has a working directory of its own, and
 * without bytes that would end or change a quoted string.
 */
bool render_path_ok(const char *path);
