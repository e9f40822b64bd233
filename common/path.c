/*
 * A path taken apart: the directory, which may be held open, and the name in it.
 */
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int path_split(const char *path, char dir[PATH_MAX], char name[NAME_MAX + 1])
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	size_t length = slash ? (size_t)(slash - path) : 0;

	if (*last == '\0' || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return -EINVAL;
	if (strlen(last) > NAME_MAX || length >= PATH_MAX)
		return -ENAMETOOLONG;
	strcpy(name, last);
	if (length == 0)
		strcpy(dir, slash ? "/" : ".");
	else
		snprintf(dir, PATH_MAX, "%.*s", (int)length, path);
	return 0;
}

bool path_leads_to(const char *dir, int fd)
{
	struct stat held, there;

	if (stat(dir, &there) != 0)
		return errno != ENOENT;
	return fstat(fd, &held) != 0 ||
	       (held.st_dev == there.st_dev && held.st_ino == there.st_ino);
}
