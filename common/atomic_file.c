/*
 * A small file that is replaced whole. It knows nothing of what is in it.
 */
#include "atomic_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int path_split(struct atomic_file *r, const char *path, char reason[REASON_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t dir_length = slash ? (size_t)(slash - path) : 0;

	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return reason_set(reason, "\"%s\" does not name a file", path);
	if (strlen(name) > ATOMIC_FILE_NAME_ROOM || dir_length >= sizeof(r->dir))
		return reason_set(reason, "%.64s...: the name is too long", path);
	r->path = path;
	strcpy(r->name, name);
	snprintf(r->temp, sizeof(r->temp), ".%.*s.tmp", ATOMIC_FILE_NAME_ROOM, name);
	if (!slash)
		strcpy(r->dir, ".");
	else if (slash == path)
		strcpy(r->dir, "/");
	else
		snprintf(r->dir, sizeof(r->dir), "%.*s", (int)dir_length, path);
	return 0;
}

const char *atomic_file_hint(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "; BIND's user must be able to write to the directory";
	case EBUSY:
		return "; is the file a mount point? Mount its directory instead";
	default:
		return "";
	}
}

int atomic_file_open(struct atomic_file *r, const char *path, char reason[REASON_MAX])
{
	*r = (struct atomic_file){.dir_fd = -1};
	if (path_split(r, path, reason) < 0)
		return -1;
	r->dir_fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->dir_fd < 0)
		return reason_set(reason,
		                  "cannot open directory %s: %s; create it so that BIND's user can "
		                  "write to it",
		                  r->dir, strerror(errno));
	return 0;
}

int atomic_file_clean(const struct atomic_file *r, char reason[REASON_MAX])
{
	/* A read-only disk may hold the right file already. */
	if (unlinkat(r->dir_fd, r->temp, 0) == 0 || errno == ENOENT || errno == EROFS)
		return 0;
	return reason_set(reason, "cannot remove %s/%s, left by an earlier run: %s", r->dir,
	                  r->temp, strerror(errno));
}

static int text_write(int fd, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t put = write(fd, text, length);
		if (put < 0)
			return -1;
		text += put;
		length -= (size_t)put;
	}
	return 0;
}

static int temp_create(const struct atomic_file *r)
{
	int fd = openat(r->dir_fd, r->temp, ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE);

	if (fd < 0 && errno == EEXIST && unlinkat(r->dir_fd, r->temp, 0) == 0)
		fd = openat(r->dir_fd, r->temp, ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE);
	return fd;
}

/* Returns NULL, or the step that failed, with errno set; then no temporary file is left. */
static const char *file_replace(const struct atomic_file *r, const char *text, size_t length, bool sync)
{
	const char *step = NULL;
	int fd = temp_create(r);

	if (fd < 0)
		return "create";
	if (text_write(fd, text, length) < 0)
		step = "write";
	else if (fchmod(fd, ATOMIC_FILE_MODE) != 0)
		step = "set the mode of";
	else if (sync && fsync(fd) != 0)
		step = "sync";
	int error = errno;
	/* A network filesystem may only now say that it has no room. */
	if (close(fd) != 0 && !step) {
		step = "close";
		error = errno;
	}
	if (!step && renameat(r->dir_fd, r->temp, r->dir_fd, r->name) != 0) {
		step = "rename";
		error = errno;
	}
	if (step)
		unlinkat(r->dir_fd, r->temp, 0);
	errno = error;
	return step;
}

int atomic_file_write(const struct atomic_file *r, const char *text, size_t length, bool sync,
                  char reason[REASON_MAX])
{
	const char *failed = file_replace(r, text, length, sync);

	if (!failed)
		return 0;
	return reason_set(reason, "cannot %s %s/%s: %s%s", failed, r->dir, r->temp, strerror(errno),
	                  atomic_file_hint(errno));
}
