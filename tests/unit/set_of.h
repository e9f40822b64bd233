/* A set from its words, for tests. */
#pragma once

#include "set_line.h"

#include <string.h>

static inline struct prefix_set set_of(const char *line)
{
	char buf[256];
	struct text why = text_in(buf, sizeof(buf));
	struct prefix_set set;

	if (set_line_parse(&set, line, strlen(line), (struct set_size){1, SET_PREFIXES_MAX},
	                   &why) != SET_LINE_SET)
		fail_msg("\"%s\" is no set: %s", line, buf);
	return set;
}
