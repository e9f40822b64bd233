/*
 * A small file that is replaced whole: at any moment a whole old or a whole new one is there. Its
 * directory is opened at the start and held, so that a sandbox may close around it.
 */
#pragma once

#include "log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Neither a link nor another's file may stand in the temporary file's place. */
#define ATOMIC_FILE_TEMP_FLAGS (O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC)
#define ATOMIC_FILE_TEMP_MODE  0600
#define ATOMIC_FILE_MODE       0644 /* of the file: anybody may read it */

/* Bytes that a name may have, so that ".NAME.lock" and ".NAME.tmp" are names, too. */
#define ATOMIC_FILE_NAME_MAX ((int)(NAME_MAX - sizeof(".lock")))

struct atomic_file {
	const char *path;
	char dir[PATH_MAX];
	char name[NAME_MAX + 1];
	char temp[NAME_MAX + 1];
	int priority; /* of what is logged about a write that failed: LOG_ERR unless changed */
	int dir_fd;   /* -1: not open */
};

/*
 * Opens the directory of path, which must outlive *file. Returns 0, or a negative errno after what
 * is wrong was logged, here and in the functions below.
 */
int atomic_file_open(struct atomic_file *file, const char *path, struct log_problem *problem);

/* Removes what a killed run left. Returns as atomic_file_open does. */
int atomic_file_clean(const struct atomic_file *file, struct log_problem *problem);

/*
 * Replaces the file, with its bytes on the disk before it gets its name if sync is set. Returns 0,
 * or a negative errno; then the old file is there as it was. What is wrong may last: the same words
 * are logged once, until log_problem_over().
 */
int atomic_file_write(const struct atomic_file *file, const char *text, size_t length, bool sync,
                      struct log_problem *problem);

/* What to do about an error of creating a file in the directory, or "". */
const char *atomic_file_hint(int error);
