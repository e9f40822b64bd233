/*
 * A path taken apart: the directory, which may be held open, and the name in it.
 */
#ifndef NAT64HEALTH_PATH_H
#define NAT64HEALTH_PATH_H

#include <limits.h>
#include <stdbool.h>

/* Splits path; "." is the directory of a bare name. Returns 0, -EINVAL or -ENAMETOOLONG. */
int path_split(const char *path, char dir[PATH_MAX], char name[NAME_MAX + 1]);

/* True unless the path is known to lead to another directory than the one that fd holds. */
bool path_leads_to(const char *dir, int fd);

#endif
