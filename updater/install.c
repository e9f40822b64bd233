/*
 * The output file on disk, and what keeps others away from it. It knows nothing of what is in it.
 */
#include "install.h"

#include "path.h"
#include "units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* Opening must neither follow a link, nor wait for a FIFO's writer, nor take a terminal. */
#define READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* Only the owner can open the lock, and so hold it. */
#define LOCK_MODE 0600

static int problem_say(struct log_problem *problem, const char *path, const char *what, int error)
{
	log_problem(problem, LOG_ERR, "%s: %s", path, what ? what : strerror(-error));
	return error;
}

/* In a sticky directory on the way, others can make files, and not touch those of root or ours. */
static bool is_closed(const struct stat *st, bool on_the_way)
{
	bool sticky = on_the_way && (st->st_mode & S_ISVTX);

	if (st->st_uid != 0 && st->st_uid != geteuid())
		return false;
	if (!sticky && (st->st_mode & S_IWGRP) && st->st_gid != 0 && st->st_gid != getegid())
		return false;
	return sticky || !(st->st_mode & S_IWOTH);
}

/* Each directory from the root to the last one of the path. */
static int way_check(const char *path, struct log_problem *problem)
{
	char part[PATH_MAX];
	struct stat st;

	for (size_t end = 1; end <= strlen(path); end++) {
		if (path[end] != '/' && path[end] != '\0' && end > 1)
			continue;
		memcpy(part, path, end);
		part[end] = '\0';
		if (stat(part, &st) != 0)
			return problem_say(problem, part, NULL, -errno);
		if (is_closed(&st, strlen(path) > end))
			continue;
		log_problem(problem, LOG_ERR,
		            "%s: may be written to by others than root, BIND's user and its group "
		            "(owner %u, group %u, mode %04o); expected a directory that may not",
		            part, st.st_uid, st.st_gid, st.st_mode & 07777);
		return -EPERM;
	}
	return 0;
}

/* As the path is written, and where links in it lead to. */
static int dir_check(const struct atomic_file *file, struct log_problem *problem)
{
	char whole[PATH_MAX];

	if (!realpath(file->dir, whole))
		return problem_say(problem, file->dir, NULL, -errno);
	int error = way_check(whole, problem);
	return error == 0 && file->dir[0] == '/' ? way_check(file->dir, problem) : error;
}

/* Returns 1 if a regular file is there, 0 if nothing is, or a negative errno. */
static int file_look(const struct install *in, struct stat *st, struct log_problem *problem)
{
	if (fstatat(in->file.dir_fd, in->file.name, st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : problem_say(problem, in->file.path, NULL, -errno);
	if (S_ISREG(st->st_mode))
		return 1;
	return problem_say(problem, in->file.path,
	                   S_ISLNK(st->st_mode)   ? "is a symbolic link; name the file itself"
	                   : S_ISDIR(st->st_mode) ? "is a directory; expected a file"
	                                          : "is not a regular file",
	                   -EINVAL);
}

int install_look(struct install *in, const char *path, struct log_problem *problem)
{
	*in = (struct install){.lock_fd = -1};
	int error = atomic_file_open(&in->file, path, LOG_ERR, problem);
	if (error == 0)
		error = dir_check(&in->file, problem);
	if (error < 0)
		return error;
	int found = file_look(in, &in->seen, problem);
	return found < 0 ? found : 0;
}

static void lock_name(const struct install *in, char lock[NAME_MAX + 1])
{
	snprintf(lock, NAME_MAX + 1, ".%.*s.lock", ATOMIC_FILE_NAME_MAX, in->file.name);
}

static int lock_take(struct install *in, struct log_problem *problem)
{
	char lock[NAME_MAX + 1];
	struct stat st;

	lock_name(in, lock);
	in->lock_fd = openat(in->file.dir_fd, lock, O_CREAT | READ_FLAGS, LOCK_MODE);
	if (in->lock_fd < 0 || fstat(in->lock_fd, &st) != 0) {
		int error = -errno;
		log_problem(problem, LOG_ERR, "cannot create %s/%s: %s%s", in->file.dir, lock,
		            strerror(-error), atomic_file_hint(-error));
		return error;
	}
	/* One of an earlier version may be open to others. */
	if (!S_ISREG(st.st_mode) ||
	    ((st.st_mode & 07777) != LOCK_MODE && fchmod(in->lock_fd, LOCK_MODE) != 0)) {
		log_problem(problem, LOG_ERR, "%s/%s: is not a lock file of BIND's user; remove it",
		            in->file.dir, lock);
		return -EINVAL;
	}
	if (flock(in->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return problem_say(problem, in->file.path,
	                   errno == EWOULDBLOCK ? "another nat64-update is at work on this file"
	                                        : NULL,
	                   -errno);
}

/* What cannot be read, or is not as we write it, is replaced when the first text comes. */
static void file_read(struct install *in)
{
	int fd = openat(in->file.dir_fd, in->file.name, READ_FLAGS);
	ssize_t got = 0;

	if (fd < 0)
		return;
	if (fstat(fd, &in->seen) != 0 || (in->seen.st_mode & 07777) != ATOMIC_FILE_MODE ||
	    in->seen.st_uid != geteuid() || in->seen.st_size > (off_t)in->room)
		in->seen.st_size = -1;
	while (in->length < in->room &&
	       (got = read(fd, in->text + in->length, in->room - in->length)) > 0)
		in->length += (size_t)got;
	if (got < 0)
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
		return problem_say(problem, path, NULL, -ENOMEM);
	file_read(in);
	return 0;
}

bool install_collides(const struct install *in, const struct atomic_file *other)
{
	char lock[NAME_MAX + 1];
	const char *const ours[] = {in->file.name, in->file.temp, lock};
	struct stat here, there;

	if (fstat(in->file.dir_fd, &here) != 0 || fstat(other->dir_fd, &there) != 0 ||
	    here.st_dev != there.st_dev || here.st_ino != there.st_ino)
		return false;
	lock_name(in, lock);
	for (size_t i = 0; i < COUNT(ours); i++) {
		if (strcmp(other->name, ours[i]) == 0 || strcmp(other->temp, ours[i]) == 0)
			return true;
	}
	return false;
}

static bool time_equal(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool stat_equal(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       time_equal(a->st_mtim, b->st_mtim) && time_equal(a->st_ctim, b->st_ctim);
}

static void dir_sync(struct install *in, struct log_problem *problem)
{
	/* Some filesystems cannot sync a directory, and say EINVAL. */
	in->unsynced = fsync(in->file.dir_fd) != 0 && errno != EINVAL;
	if (in->unsynced)
		log_problem(problem, LOG_ERR,
		            "cannot sync directory %s: %s; %s may not survive a crash",
		            in->file.dir, strerror(errno), in->file.path);
}

int install_write(struct install *in, const char *text, size_t length, bool anew,
                  struct log_problem *problem)
{
	struct stat st;

	if (!path_leads_to(in->file.dir, in->file.dir_fd)) {
		log_problem(problem, LOG_ERR, "directory %s was replaced since the start",
		            in->file.dir);
		return -ESTALE;
	}
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
	if (in->unsynced)
		dir_sync(in, problem);
	return same ? 0 : 1;
}
