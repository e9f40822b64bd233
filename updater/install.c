/*
 * The output file on disk: compared, and replaced so that at any moment a whole old or a whole new
 * one is there. It knows nothing of what is in it.
 */
#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int dir_check_mode(const struct atomic_file *file, char reason[REASON_MAX])
{
	struct stat st;

	if (fstat(file->dir_fd, &st) != 0)
		return reason_set(reason, "cannot look at directory %s: %s", file->dir,
		                  strerror(errno));
	if (st.st_mode & S_IWOTH)
		return reason_set(reason,
		                  "%s: anybody may write to this directory; expected one that only "
		                  "BIND's user and group may write to",
		                  file->dir);
	return 0;
}

static void lock_name(const struct install *in, char lock[NAME_MAX + 1])
{
	snprintf(lock, NAME_MAX + 1, ".%.*s.lock", ATOMIC_FILE_NAME_MAX, in->file.name);
}

static int lock_take(struct install *in, char reason[REASON_MAX])
{
	char lock[NAME_MAX + 1];

	lock_name(in, lock);
	in->lock_fd = openat(in->file.dir_fd, lock, O_CREAT | INSTALL_READ_FLAGS, ATOMIC_FILE_MODE);
	if (in->lock_fd < 0)
		return reason_set(reason, "cannot create %s/%s: %s%s", in->file.dir, lock,
		                  strerror(errno), atomic_file_hint(errno));
	if (flock(in->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return reason_set(reason, "%s: %s", in->file.path,
		                  errno == EWOULDBLOCK
		                          ? "another nat64-update is at work on this file"
		                          : strerror(errno));
	return 0;
}

/* Returns 0 if a regular file or nothing is there, or a negative errno. */
static int file_open(const struct install *in, int *fd)
{
	struct stat st;

	*fd = openat(in->file.dir_fd, in->file.name, INSTALL_READ_FLAGS);
	if (*fd < 0)
		return errno == ENOENT || errno == EACCES ? 0 : -errno;
	int error = fstat(*fd, &st) != 0  ? -errno
	            : S_ISREG(st.st_mode) ? 0
	            : S_ISDIR(st.st_mode) ? -EISDIR
	                                  : -EINVAL;
	if (error < 0) {
		close(*fd);
		*fd = -1;
	}
	return error;
}

static void file_blame(const struct install *in, int error, char reason[REASON_MAX])
{
	const char *what = strerror(-error);

	if (error == -ELOOP)
		what = "is a symbolic link; name the file itself";
	else if (error == -EISDIR)
		what = "is a directory; expected a file";
	else if (error == -EINVAL || error == -ENXIO)
		what = "is not a regular file";
	reason_set(reason, "%s: %s", in->file.path, what);
}

int install_look(struct install *in, const char *path, char reason[REASON_MAX])
{
	int fd;

	struct log_problem problem = {0};

	*in = (struct install){.lock_fd = -1};
	if (atomic_file_open(&in->file, path, LOG_DEBUG, &problem) < 0)
		return reason_set(reason, "%s", problem.words);
	if (dir_check_mode(&in->file, reason) < 0)
		return -1;
	int error = file_open(in, &fd);
	if (error < 0) {
		file_blame(in, error, reason);
		return -1;
	}
	if (fd >= 0)
		close(fd);
	return 0;
}

int install_open(struct install *in, const char *path, char reason[REASON_MAX])
{
	if (install_look(in, path, reason) < 0 || lock_take(in, reason) < 0)
		return -1;
	struct log_problem problem = {0};

	return atomic_file_clean(&in->file, &problem) == 0 ? 0 : reason_set(reason, "%s", problem.words);
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
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (strcmp(other->name, ours[i]) == 0 || strcmp(other->temp, ours[i]) == 0)
			return true;
	}
	return false;
}

/* Reads in pieces: a file of any size is compared in bounded memory. */
static bool content_equal(int fd, const char *text, size_t length)
{
	char piece[4096];
	size_t at = 0;
	ssize_t got;

	while ((got = read(fd, piece, sizeof(piece))) > 0) {
		if ((size_t)got > length - at || memcmp(piece, text + at, (size_t)got) != 0)
			return false;
		at += (size_t)got;
	}
	return got == 0 && at == length;
}

static bool file_matches(int fd, const char *text, size_t length)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_mode & 07777) == ATOMIC_FILE_MODE &&
	       st.st_uid == geteuid() && content_equal(fd, text, length);
}

/* Returns 0 if path still leads there, -ENOENT if it does not, or another negative errno. */
static int dir_check(const struct install *in)
{
	struct stat held, named;

	if (fstat(in->file.dir_fd, &held) != 0 || stat(in->file.dir, &named) != 0)
		return -errno;
	return held.st_dev == named.st_dev && held.st_ino == named.st_ino ? 0 : -ENOENT;
}

static void dir_sync(struct install *in, char reason[REASON_MAX])
{
	/* Some filesystems cannot sync a directory, and say EINVAL. */
	if (fsync(in->file.dir_fd) == 0 || errno == EINVAL) {
		in->dir_unsynced = false;
		return;
	}
	reason_set(reason, "cannot sync directory %s: %s; %s may not survive a crash", in->file.dir,
	           strerror(errno), in->file.path);
}

enum install_result install_write(struct install *in, const char *text, size_t length,
                                  char reason[REASON_MAX])
{
	int fd;
	bool same = false;

	reason[0] = '\0';
	int error = dir_check(in);
	if (error == -ENOENT) {
		reason_set(reason, "directory %s is not the one of the start any more",
		           in->file.dir);
		return INSTALL_GONE;
	}
	if (error < 0) {
		reason_set(reason, "cannot look at directory %s: %s", in->file.dir,
		           strerror(-error));
		return INSTALL_FAILED;
	}
	error = file_open(in, &fd);
	if (error < 0) {
		file_blame(in, error, reason);
		return INSTALL_FAILED;
	}
	if (fd >= 0) {
		same = file_matches(fd, text, length);
		close(fd);
	}
	struct log_problem problem = {0};
	if (!same && atomic_file_write(&in->file, text, length, true, &problem) < 0) {
		reason_set(reason, "%s", problem.words);
		return INSTALL_FAILED;
	}
	in->dir_unsynced = in->dir_unsynced || !same;
	if (in->dir_unsynced)
		dir_sync(in, reason);
	return same ? INSTALL_SAME : INSTALL_REPLACED;
}
