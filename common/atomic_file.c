/* A small file that is replaced whole. It knows nothing of what is in it. */
#include "atomic_file.h"

#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int atomic_file_open(struct atomic_file *file, const char *path, struct log_problem *problem)
{
	*file = (struct atomic_file){.path = path, .priority = LOG_ERR, .dir_fd = -1};
	int error = path_split(path, file->dir, file->name);
	if (error == -EINVAL)
		return log_failure(problem, error, "\"%s\" does not name a file", path);
	if (error < 0 || strlen(file->name) > ATOMIC_FILE_NAME_MAX)
		return log_failure(problem, -ENAMETOOLONG, "%.64s...: the name is too long", path);
	snprintf(file->temp, sizeof(file->temp), ".%.*s.tmp", ATOMIC_FILE_NAME_MAX, file->name);
	file->dir_fd = open(file->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file->dir_fd >= 0)
		return 0;
	return log_failure(
		problem, -errno,
		"cannot open directory %s: %s; create it so that BIND's user can write to it",
		file->dir, strerror(errno));
}

int atomic_file_clean(const struct atomic_file *file, struct log_problem *problem)
{
	/* A read-only disk may hold the right file already. */
	if (unlinkat(file->dir_fd, file->temp, 0) == 0 || errno == ENOENT || errno == EROFS)
		return 0;
	return log_failure(problem, -errno, "cannot remove %s/%s, left by an earlier run: %s",
	                   file->dir, file->temp, strerror(errno));
}

static int bytes_put(int fd, const char *text, size_t length)
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

static int temp_create(const struct atomic_file *file)
{
	int fd = openat(file->dir_fd, file->temp, ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE);

	if (fd < 0 && errno == EEXIST && unlinkat(file->dir_fd, file->temp, 0) == 0)
		fd = openat(file->dir_fd, file->temp, ATOMIC_FILE_TEMP_FLAGS,
		            ATOMIC_FILE_TEMP_MODE);
	return fd;
}

/* Returns NULL, or the step that failed, with errno set; then no temporary file is left. */
static const char *file_replace(const struct atomic_file *file, const char *text, size_t length,
                                bool sync)
{
	const char *step = NULL;
	int fd = temp_create(file);

	if (fd < 0)
		return "create";
	if (bytes_put(fd, text, length) < 0)
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
	if (!step && renameat(file->dir_fd, file->temp, file->dir_fd, file->name) != 0) {
		step = "rename";
		error = errno;
	}
	if (step)
		unlinkat(file->dir_fd, file->temp, 0);
	errno = error;
	return step;
}

int atomic_file_write(const struct atomic_file *file, const char *text, size_t length, bool sync,
                      struct log_problem *problem)
{
	const char *failed = file_replace(file, text, length, sync);

	if (!failed)
		return 0;
	int error = -errno;
	log_problem(problem, file->priority, "cannot %s %s/%s: %s; the old file stays%s", failed,
	            file->dir, file->temp, strerror(-error), atomic_file_hint(-error));
	return error;
}
