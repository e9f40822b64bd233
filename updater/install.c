/* The output file on disk, and what keeps others away from it. What is in it is not known here. */
#include "install.h"

#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Only the owner can open the lock, and so hold it. */
#define LOCK_MODE 0600

/* Returns 1 if a regular file is there, 0 if nothing is, or a negative errno. */
static int file_look(const struct install *in, struct stat *st, struct log_problem *problem)
{
	const char *path = in->file.path;

	if (fstatat(in->file.dir_fd, in->file.name, st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT
		               ? 0
		               : log_failure(problem, -errno, "%s: %s", path, strerror(errno));
	if (S_ISLNK(st->st_mode))
		return log_failure(problem, -ELOOP, "%s: is a symbolic link; name the file itself",
		                   path);
	if (S_ISDIR(st->st_mode))
		return log_failure(problem, -EISDIR, "%s: is a directory; expected a file", path);
	if (!S_ISREG(st->st_mode))
		return log_failure(problem, -EINVAL, "%s: is not a regular file", path);
	return 1;
}

int install_look(struct install *in, const char *path, struct log_problem *problem)
{
	*in = (struct install){.lock_fd = -1};
	int error = atomic_file_open(&in->file, path, problem);
	if (error == 0)
		error = path_check_closed(in->file.dir, problem);
	if (error == 0)
		error = file_look(in, &in->seen, problem);
	return error < 0 ? error : 0;
}

static int lock_take(struct install *in, struct log_problem *problem)
{
	char lock[NAME_MAX + 1];
	struct stat st = {0};

	snprintf(lock, sizeof(lock), ".%.*s.lock", ATOMIC_FILE_NAME_MAX, in->file.name);
	in->lock_fd = openat(in->file.dir_fd, lock, O_CREAT | PATH_READ_FLAGS, LOCK_MODE);
	if (in->lock_fd < 0 || fstat(in->lock_fd, &st) != 0)
		return log_failure(problem, -errno, "cannot create %s/%s: %s%s", in->file.dir, lock,
		                   strerror(errno), atomic_file_hint(errno));
	/* One of an earlier version may be open to others. */
	if (!S_ISREG(st.st_mode) ||
	    ((st.st_mode & 07777) != LOCK_MODE && fchmod(in->lock_fd, LOCK_MODE) != 0))
		return log_failure(problem, -EINVAL,
		                   "%s/%s: is not a lock file of BIND's user; remove it",
		                   in->file.dir, lock);
	if (flock(in->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return log_failure(problem, -errno, "%s: %s", in->file.path,
	                   errno == EWOULDBLOCK ? "another nat64-update is at work on this file"
	                                        : strerror(errno));
}

/* What cannot be read, or is not as we write it, is replaced when the first text comes. */
static void file_read(struct install *in)
{
	int fd = openat(in->file.dir_fd, in->file.name, PATH_READ_FLAGS);
	ssize_t got;

	if (fd < 0)
		return;
	bool ours = fstat(fd, &in->seen) == 0 && in->seen.st_uid == geteuid() &&
	            (in->seen.st_mode & 07777) == ATOMIC_FILE_MODE;
	while ((got = read(fd, in->text + in->length, in->room - in->length)) > 0)
		in->length += (size_t)got;
	if (!ours || (off_t)in->length != in->seen.st_size)
		in->seen.st_size = -1;
	close(fd);
}

int install_open(struct install *in, const char *path, size_t room, struct log_problem *problem)
{
	int error = install_look(in, path, problem);
	if (error == 0)
		error = lock_take(in, problem);
	if (error == 0)
		error = atomic_file_clean(&in->file, problem);
	if (error < 0)
		return error;
	in->room = room;
	in->text = malloc(room);
	if (!in->text)
		return log_failure(problem, -ENOMEM, "%s: %s", path, strerror(ENOMEM));
	file_read(in);
	return 0;
}

/* Whatever is done to a file changes its ctime. */
static bool stat_equal(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

int install_write(struct install *in, const char *text, size_t length, bool anew,
                  struct log_problem *problem)
{
	struct stat st;

	if (!path_leads_to(in->file.dir, in->file.dir_fd))
		return log_failure(problem, -ESTALE, "directory %s was replaced since the start",
		                   in->file.dir);
	int found = file_look(in, &st, problem);
	if (found < 0)
		return found;
	bool same = found == 1 && !anew && stat_equal(&st, &in->seen) && length == in->length &&
	            memcmp(text, in->text, length) == 0;
	if (!same) {
		int error = atomic_file_write(&in->file, text, length, true, problem);
		if (error < 0)
			return error;
		in->unsynced = true;
		in->length = length;
		memcpy(in->text, text, length);
		if (file_look(in, &in->seen, problem) != 1)
			in->seen.st_size = -1;
	}
	/* Some filesystems cannot sync a directory, and say EINVAL. */
	if (in->unsynced && fsync(in->file.dir_fd) != 0 && errno != EINVAL)
		log_failure(problem, 0, "cannot sync directory %s: %s; %s may not survive a crash",
		            in->file.dir, strerror(errno), in->file.path);
	else
		in->unsynced = false;
	return same ? 0 : 1;
}
