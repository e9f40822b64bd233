/* A path taken apart. It opens nothing. */
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool is_closed(const struct stat *st, bool on_the_way)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return false;
	if (on_the_way && (st->st_mode & S_ISVTX))
		return true;
	if ((st->st_mode & S_IWGRP) && st->st_gid != 0 && st->st_gid != getegid())
		return false;
	return !(st->st_mode & S_IWOTH);
}

/* Each directory from the root to the last one of the path. */
static int way_check(const char *path, struct log_problem *problem)
{
	char part[PATH_MAX];
	struct stat st;

	for (size_t end = 1; end <= strlen(path); end++) {
		if (path[end] != '/' && path[end] != '\0' && end > 1)
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)end, path);
		if (stat(part, &st) != 0)
			return log_failure(problem, -errno, "%s: %s", part, strerror(errno));
		if (!is_closed(&st, strlen(path) > end))
			return log_failure(
				problem, -EPERM,
				"%s: may be written to by others than root, BIND's user and its "
				"group (owner %u, group %u, mode %04o); expected one that may not",
				part, st.st_uid, st.st_gid, st.st_mode & 07777);
	}
	return 0;
}

/* As the path is written, and where links in it lead to. */
int path_check_closed(const char *dir, struct log_problem *problem)
{
	char whole[PATH_MAX];

	if (!realpath(dir, whole))
		return log_failure(problem, -errno, "%s: %s", dir, strerror(errno));
	int error = way_check(whole, problem);
	return error == 0 && dir[0] == '/' ? way_check(dir, problem) : error;
}
