/*
 * BIND as a process: found through its pid file, checked to be named, told to reload. It never
 * signals a process that it has not checked, however stale the pid file is.
 */
#include "named.h"

#include "install.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMM "named"

/* Digits of the largest pid that a kernel gives out (2^22), with room to spare. */
#define PID_DIGITS_MAX 9

int named_open(struct named *n, const char *pid_file, char reason[REASON_MAX])
{
	const char *slash = strrchr(pid_file, '/');
	size_t dir_length = slash && slash > pid_file ? (size_t)(slash - pid_file) : 1;

	*n = (struct named){.pid_file = pid_file, .dir_fd = -1, .proc_fd = -1};
	n->name = slash ? slash + 1 : pid_file;
	if (n->name[0] == '\0')
		return reason_set(reason, "\"%s\" does not name a file", pid_file);
	if (strlen(pid_file) >= sizeof(n->dir))
		return reason_set(reason, "%.64s...: the name is too long", pid_file);
	snprintf(n->dir, sizeof(n->dir), "%.*s", (int)dir_length, slash ? pid_file : ".");

	n->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (n->proc_fd < 0)
		return reason_set(reason, "cannot open /proc: %s; it must be mounted to find named",
		                  strerror(errno));
	n->dir_fd = open(n->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (n->dir_fd < 0 && errno != ENOENT)
		return reason_set(reason, "cannot open directory %s: %s (see --pid-file)", n->dir,
		                  strerror(errno));
	return 0;
}

/* A service manager may remove named's directory when it stops, and make another one. */
static bool dir_is_another(const struct named *n)
{
	struct stat held, there;

	if (stat(n->dir, &there) != 0)
		return false;
	if (n->dir_fd < 0)
		return true;
	return fstat(n->dir_fd, &held) == 0 &&
	       (held.st_dev != there.st_dev || held.st_ino != there.st_ino);
}

/* Reads a small file whole into text, as a string. Returns its length or a negative errno. */
static ssize_t small_read(int dir_fd, const char *name, char *text, size_t room)
{
	int fd = openat(dir_fd, name, INSTALL_READ_FLAGS);
	if (fd < 0)
		return -errno;
	ssize_t got = read(fd, text, room - 1);
	int error = errno;
	close(fd);
	if (got < 0)
		return -error;
	text[got] = '\0';
	return got;
}

static pid_t pid_read(const struct named *n, char reason[REASON_MAX])
{
	char text[32];

	if (n->dir_fd < 0)
		return reason_set(reason, "no directory %s: is named running? (see --pid-file)",
		                  n->dir);
	ssize_t got = small_read(n->dir_fd, n->name, text, sizeof(text));
	if (got < 0)
		return reason_set(reason, "%s: %s%s (see --pid-file)", n->pid_file,
		                  strerror((int)-got), got == -ENOENT ? ": is named running?" : "");
	if (got == 0)
		return reason_set(reason, "%s is empty; expected named's process id", n->pid_file);

	size_t digits = strspn(text, "0123456789");
	size_t length = digits + strspn(text + digits, " \t\r\n");
	long pid = digits <= PID_DIGITS_MAX ? strtol(text, NULL, 10) : 0;
	if ((size_t)got != length || pid <= 0)
		return reason_set(reason, "%s does not hold a process id (see --pid-file)",
		                  n->pid_file);
	return (pid_t)pid;
}

static int comm_check(const struct named *n, pid_t pid, char reason[REASON_MAX])
{
	char path[32], comm[32];

	snprintf(path, sizeof(path), "%d/comm", (int)pid);
	ssize_t got = small_read(n->proc_fd, path, comm, sizeof(comm));
	if (got < 0)
		return reason_set(
			reason,
			"cannot read /proc/%s: %s; if /proc is mounted with hidepid, BIND's "
			"user needs its gid=",
			path, strerror((int)-got));
	if (strcmp(comm, COMM "\n") != 0) {
		comm[strcspn(comm, "\n")] = '\0';
		return reason_set(reason,
		                  "%s: process %d is \"%s\", not named; it was not signalled",
		                  n->pid_file, (int)pid, comm);
	}
	return 0;
}

static int process_signal(const struct named *n, int fd, pid_t pid, int signal,
                          char reason[REASON_MAX])
{
	/* Read after the descriptor was opened: whose name this is gets the signal, or nobody does.
	 */
	if (comm_check(n, pid, reason) < 0)
		return -1;
	if (pidfd_send_signal(fd, signal, NULL, 0) == 0)
		return 0;
	return reason_set(reason, "cannot signal named, process %d: %s%s", (int)pid,
	                  strerror(errno),
	                  errno == EPERM ? "; name the user that named runs as with --user" : "");
}

/* Returns the process id, or -1 with reason written. */
static pid_t named_send(const struct named *n, int signal, char reason[REASON_MAX])
{
	pid_t pid = pid_read(n, reason);
	if (pid < 0)
		return -1;
	int fd = pidfd_open(pid, 0);
	if (fd < 0)
		return reason_set(reason, "%s names process %d: %s; is named running?", n->pid_file,
		                  (int)pid, strerror(errno));
	int result = process_signal(n, fd, pid, signal, reason);
	close(fd);
	return result == 0 ? pid : -1;
}

pid_t named_find(const struct named *n, char reason[REASON_MAX])
{
	return named_send(n, 0, reason);
}

enum named_result named_signal(const struct named *n, char reason[REASON_MAX])
{
	if (dir_is_another(n)) {
		reason_set(reason, "directory %s is not the one of the start any more", n->dir);
		return NAMED_GONE;
	}
	return named_send(n, SIGHUP, reason) > 0 ? NAMED_SIGNALLED : NAMED_FAILED;
}
