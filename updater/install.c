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

/* Bytes that a name may have, so that ".NAME.lock" is one, too. */
#define NAME_ROOM ((int)(NAME_MAX - sizeof(".lock")))

static int path_split(struct install *in, const char *path, char reason[REASON_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t dir_length = slash ? (size_t)(slash - path) : 0;

	if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return reason_set(reason, "\"%s\" does not name a file", path);
	if (strlen(name) > NAME_ROOM || dir_length >= sizeof(in->dir))
		return reason_set(reason, "%.64s...: the name is too long", path);
	in->path = path;
	strcpy(in->name, name);
	snprintf(in->temp, sizeof(in->temp), ".%.*s.tmp", NAME_ROOM, name);
	if (!slash)
		strcpy(in->dir, ".");
	else if (slash == path)
		strcpy(in->dir, "/");
	else
		snprintf(in->dir, sizeof(in->dir), "%.*s", (int)dir_length, path);
	return 0;
}

static const char *replace_hint(int error)
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

static int dir_open(struct install *in, char reason[REASON_MAX])
{
	struct stat st;

	in->dir_fd = open(in->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (in->dir_fd < 0 || fstat(in->dir_fd, &st) != 0)
		return reason_set(reason,
		                  "cannot open directory %s: %s; create it so that BIND's user can "
		                  "write to it",
		                  in->dir, strerror(errno));
	if (st.st_mode & S_IWOTH)
		return reason_set(reason,
		                  "%s: anybody may write to this directory; expected one that only "
		                  "BIND's user and group may write to",
		                  in->dir);
	return 0;
}

static int lock_take(struct install *in, char reason[REASON_MAX])
{
	char lock[NAME_MAX + 1];

	snprintf(lock, sizeof(lock), ".%.*s.lock", NAME_ROOM, in->name);
	in->lock_fd = openat(in->dir_fd, lock, O_CREAT | INSTALL_READ_FLAGS, INSTALL_MODE);
	if (in->lock_fd < 0)
		return reason_set(reason, "cannot create %s/%s: %s%s", in->dir, lock,
		                  strerror(errno), replace_hint(errno));
	if (flock(in->lock_fd, LOCK_EX | LOCK_NB) != 0)
		return reason_set(reason, "%s: %s", in->path,
		                  errno == EWOULDBLOCK
		                          ? "another nat64-update is at work on this file"
		                          : strerror(errno));
	return 0;
}

/* Returns 0 if a regular file or nothing is there, or a negative errno. */
static int file_open(const struct install *in, int *fd)
{
	struct stat st;

	*fd = openat(in->dir_fd, in->name, INSTALL_READ_FLAGS);
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
	reason_set(reason, "%s: %s", in->path, what);
}

int install_look(struct install *in, const char *path, char reason[REASON_MAX])
{
	int fd;

	*in = (struct install){.dir_fd = -1, .lock_fd = -1};
	if (path_split(in, path, reason) < 0 || dir_open(in, reason) < 0)
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
	/* A read-only disk may hold the right file already. */
	if (unlinkat(in->dir_fd, in->temp, 0) != 0 && errno != ENOENT && errno != EROFS)
		return reason_set(reason, "cannot remove %s/%s, left by an earlier run: %s",
		                  in->dir, in->temp, strerror(errno));
	return 0;
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

	return fstat(fd, &st) == 0 && (st.st_mode & 07777) == INSTALL_MODE &&
	       st.st_uid == geteuid() && content_equal(fd, text, length);
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

/* Returns NULL, or the step that failed, with errno set; then no temporary file is left. */
static const char *file_replace(struct install *in, const char *text, size_t length)
{
	const char *step = NULL;
	int fd = openat(in->dir_fd, in->temp, INSTALL_TEMP_FLAGS, 0600);

	if (fd < 0 && errno == EEXIST && unlinkat(in->dir_fd, in->temp, 0) == 0)
		fd = openat(in->dir_fd, in->temp, INSTALL_TEMP_FLAGS, 0600);
	if (fd < 0)
		return "create";
	if (text_write(fd, text, length) < 0)
		step = "write";
	else if (fchmod(fd, INSTALL_MODE) != 0)
		step = "set the mode of";
	else if (fsync(fd) != 0)
		step = "sync";
	int error = errno;
	/* A network filesystem may only now say that it has no room. */
	if (close(fd) != 0 && !step) {
		step = "close";
		error = errno;
	}
	if (!step && renameat(in->dir_fd, in->temp, in->dir_fd, in->name) != 0) {
		step = "rename";
		error = errno;
	}
	if (step)
		unlinkat(in->dir_fd, in->temp, 0);
	errno = error;
	return step;
}

/* Returns 0 if path still leads there, -ENOENT if it does not, or another negative errno. */
static int dir_check(const struct install *in)
{
	struct stat held, named;

	if (fstat(in->dir_fd, &held) != 0 || stat(in->dir, &named) != 0)
		return -errno;
	return held.st_dev == named.st_dev && held.st_ino == named.st_ino ? 0 : -ENOENT;
}

static void dir_sync(struct install *in, char reason[REASON_MAX])
{
	/* Some filesystems cannot sync a directory, and say EINVAL. */
	if (fsync(in->dir_fd) == 0 || errno == EINVAL) {
		in->dir_unsynced = false;
		return;
	}
	reason_set(reason, "cannot sync directory %s: %s; %s may not survive a crash", in->dir,
	           strerror(errno), in->path);
}

enum install_result install_write(struct install *in, const char *text, size_t length,
                                  char reason[REASON_MAX])
{
	int fd;
	bool same = false;

	reason[0] = '\0';
	int error = dir_check(in);
	if (error == -ENOENT) {
		reason_set(reason, "directory %s is not the one of the start any more", in->dir);
		return INSTALL_GONE;
	}
	if (error < 0) {
		reason_set(reason, "cannot look at directory %s: %s", in->dir, strerror(-error));
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
	const char *failed = same ? NULL : file_replace(in, text, length);
	if (failed) {
		error = errno;
		reason_set(reason, "cannot %s %s/%s: %s%s", failed, in->dir, in->temp,
		           strerror(error), replace_hint(error));
		return INSTALL_FAILED;
	}
	in->dir_unsynced = in->dir_unsynced || !same;
	if (in->dir_unsynced)
		dir_sync(in, reason);
	return same ? INSTALL_SAME : INSTALL_REPLACED;
}
