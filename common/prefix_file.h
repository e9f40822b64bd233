/*
 * The prefix file: a NAT64 prefix a line, with "tier=N" and "drain" behind it.
 * Every error in it is reported; a file with errors is never used in part.
 */
#ifndef NAT64HEALTH_PREFIX_FILE_H
#define NAT64HEALTH_PREFIX_FILE_H

#include "prefix.h"

#include <stddef.h>

/* Bounds that no honest file reaches: prefixes, bytes of a line, bytes in all. */
#define PREFIX_FILE_PREFIXES_MAX 16384
#define PREFIX_FILE_LINE_MAX     1024
#define PREFIX_FILE_BYTES_MAX    (16L * 1024 * 1024)

struct prefix_entry {
	struct prefix prefix;
	uint8_t tier;  /* 0 to 9; a lower tier is preferred */
	bool drain;    /* never chosen, still known */
	unsigned line; /* where it stands in the file, from 1 */
};

struct prefix_file {
	struct prefix_entry *entries; /* in the order of the file; free with prefix_file_free */
	size_t count;
};

/*
 * Reads the file from an open descriptor, which is closed; name is for messages.
 * Returns 0, or -1 after every error was logged as "FILE:LINE: what"; file is then empty.
 * A file without any prefix is an error.
 */
int prefix_file_read(struct prefix_file *file, int fd, const char *name);

/* Opens path and reads it as prefix_file_read does. */
int prefix_file_load(struct prefix_file *file, const char *path);

void prefix_file_free(struct prefix_file *file);

#endif
