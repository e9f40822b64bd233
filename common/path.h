/* A path taken apart: the directory, which may be held open, and the name in it. */
#pragma once

#include "log.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>

/* To read a file: opening follows no link, waits for no FIFO's writer, and takes no terminal. */
#define PATH_READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Splits path; "." is the directory of a bare name. Returns 0, -EINVAL or -ENAMETOOLONG. */
int path_split(const char *path, char dir[PATH_MAX], char name[NAME_MAX + 1]);

/*
 * Can none but root, this process's user and its group write to the directory, or to one on the way
 * to it? In a sticky one on the way, others can make files, and not touch those of root or ours.
 * Returns 0, or a negative errno after it was logged which one is open to others.
 */
int path_check_closed(const char *dir, struct log_problem *problem);

/* True unless the path is known to lead to another directory than the one that fd holds. */
bool path_leads_to(const char *dir, int fd);
