/*
 * The prefix file: a NAT64 prefix a line, with "tier=N", "group=NAME" and "drain" behind it.
 * Every error in it is reported; a file with errors is never used in part.
 */
#pragma once

#include "prefix.h"

#include <stddef.h>

/* Bounds that no honest file reaches: prefixes, bytes of a line, bytes in all. */
#define PREFIX_FILE_PREFIXES_MAX 16384
#define PREFIX_FILE_LINE_MAX     1024
#define PREFIX_FILE_BYTES_MAX    (4UL * 1024 * 1024)

/* Errors that are reported one by one; the rest are counted. */
#define PREFIX_FILE_ERRORS_MAX 20

#define PREFIX_FILE_GROUP_MAX 32 /* bytes of a group's name */

struct prefix_entry {
	struct prefix prefix;
	uint8_t tier;                          /* 0 to 9; a lower tier is preferred */
	bool drain;                            /* never chosen, still known */
	char group[PREFIX_FILE_GROUP_MAX + 1]; /* its name; empty: a group of its own */
	uint32_t group_number; /* from 1, the same for each prefix of a group; 0: of its own */
	uint32_t line;         /* where it stands in the file, from 1 */
	uint32_t nth; /* entries[N].nth is the place of the Nth prefix in prefix_compare's order */
};

struct prefix_file {
	struct prefix_entry *entries; /* in the order of the file */
	size_t count;
};

/*
 * Takes the memory for the longest list; its pages are touched only when used. Returns 0, or
 * -ENOMEM after that was logged. To free it, free entries.
 */
int prefix_file_init(struct prefix_file *file);

/*
 * Opens a regular file without ever waiting for it. Returns the descriptor, or a negative errno
 * after the reason was logged.
 */
int prefix_file_open(const char *path);

/*
 * Reads the file from the descriptor's place on, into what prefix_file_init made; the descriptor
 * stays open, name is for messages. It only calls read(): it works behind a sandbox.
 * Returns 0, or a negative errno after the errors were logged as "FILE:LINE: what"; file is then
 * empty. A file without any prefix is an error.
 */
int prefix_file_read(struct prefix_file *file, int fd, const char *name);

/* prefix_file_open, prefix_file_read, and close. */
int prefix_file_load(struct prefix_file *file, const char *path);

/* The place of the prefix in a file that was read; its count if it is not there. */
size_t prefix_file_find(const struct prefix_file *file, const struct prefix *prefix);
