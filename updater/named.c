/* BIND as a process. What it serves is not known here. */
#include "named.h"

#include "path.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Digits of the largest pid that a kernel gives out (2^22), with room to spare. */
#define PID_DIGITS_MAX 9

/* libc has a function for it from glibc 2.36 on. */
static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Without pidfds, a process that takes over the number of a named that ends could be signalled. */
static int kernel_check(struct log_problem *problem)
{
	int fd = pidfd_of(getpid());

	if (fd < 0)
		return log_failure(problem, -errno,
		                   "cannot signal named: pidfd_open: %s; it takes Linux 5.3, in a "
		                   "container that permits it: or --no-signal, and something else "
		                   "that has BIND reload",
		                   strerror(errno));
	close(fd);
	return 0;
}

/* Reads a small file whole into text, as a string. Returns its length or a negative errno. */
static ssize_t small_read(int dir_fd, const char *name, char *text, size_t room)
{
	int fd = openat(dir_fd, name, PATH_READ_FLAGS);
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

/* Returns the process id, or a negative errno. */
static pid_t pid_read(const struct named *n, struct log_problem *problem)
{
	char text[32] = "";

	if (n->dir_fd < 0)
		return log_failure(problem, -ENOENT,
		                   "no directory %s: is named running? (see --pid-file)", n->dir);
	ssize_t got = small_read(n->dir_fd, n->name, text, sizeof(text));
	if (got < 0)
		return log_failure(problem, (int)got, "%s: %s%s (see --pid-file)", n->pid_file,
		                   strerror((int)-got),
		                   got == -ENOENT ? ": is named running?" : "");
	size_t digits = strspn(text, "0123456789");
	size_t length = digits + strspn(text + digits, " \t\r\n");
	long pid = digits <= PID_DIGITS_MAX ? strtol(text, NULL, 10) : 0;
	if ((size_t)got == length && pid > 0)
		return (pid_t)pid;
	return log_failure(problem, -EINVAL, "%s does not hold a process id (see --pid-file)",
	                   n->pid_file);
}

static int comm_check(const struct named *n, pid_t pid, struct log_problem *problem)
{
	char path[32], comm[32];

	snprintf(path, sizeof(path), "%d/comm", (int)pid);
	ssize_t got = small_read(n->proc_fd, path, comm, sizeof(comm));
	if (got < 0)
		return log_failure(problem, (int)got,
		                   "cannot read /proc/%s: %s; if /proc is mounted with hidepid, "
		                   "BIND's user needs its gid=",
		                   path, strerror((int)-got));
	comm[strcspn(comm, "\n")] = '\0';
	/* The latter is RHEL's. */
	if (strcmp(comm, "named") == 0 || strcmp(comm, "named-pkcs11") == 0)
		return 0;
	return log_failure(problem, -EINVAL,
	                   "%s: process %d is \"%s\", not named; it was not signalled", n->pid_file,
	                   (int)pid, comm);
}

pid_t named_signal(const struct named *n, int signal, struct log_problem *problem)
{
	pid_t pid = pid_read(n, problem);
	if (pid < 0)
		return pid;
	int fd = pidfd_of(pid);
	if (fd < 0)
		return log_failure(problem, -errno, "%s names process %d: %s; is named running?",
		                   n->pid_file, (int)pid, strerror(errno));
	/* Read after the descriptor was opened: it is of the process that has this name. */
	pid_t result = comm_check(n, pid, problem);
	if (result == 0 && syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0)
		result = pid;
	else if (result == 0)
		result = log_failure(
			problem, -errno, "cannot signal named, process %d: %s%s", (int)pid,
			strerror(errno),
			errno == EPERM ? "; name the user that named runs as with --user" : "");
	close(fd);
	return result;
}

int named_reload(const struct named *n, struct log_problem *problem)
{
	struct stat st;

	/* A service manager may remove named's directory when it stops, and make another one. */
	if (n->dir_fd < 0 ? stat(n->dir, &st) == 0 : !path_leads_to(n->dir, n->dir_fd))
		return log_failure(problem, -ESTALE, "directory %s was replaced since the start",
		                   n->dir);
	pid_t pid = named_signal(n, SIGHUP, problem);
	return pid < 0 ? (int)pid : 0;
}

/* "-c FILE" and "-t DIRECTORY", with a space or without. */
static void cmdline_learn(struct named *n, struct log_problem *problem)
{
	char path[32], words[8192] = "";
	pid_t pid = pid_read(n, problem);

	snprintf(path, sizeof(path), "%d/cmdline", (int)pid);
	ssize_t length = pid > 0 ? small_read(n->proc_fd, path, words, sizeof(words)) : 0;
	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(words + at) + 1) {
		const char *word = words + at, *value = word + (strlen(word) > 2 ? 2 : 3);
		char *place = strncmp(word, "-c", 2) == 0   ? n->conf
		              : strncmp(word, "-t", 2) == 0 ? n->root
		                                            : NULL;
		if (place && value < words + length && value[0] == '/' && value[1] != '\0')
			snprintf(place, PATH_MAX, "%s", value);
	}
}

int named_open(struct named *n, const char *pid_file, struct log_problem *problem)
{
	*n = (struct named){.pid_file = pid_file, .dir_fd = -1, .proc_fd = -1};
	int error = path_split(pid_file, n->dir, n->name);
	if (error < 0)
		return log_failure(problem, error, "\"%.64s\" %s", pid_file,
		                   error == -EINVAL ? "does not name a file" : "... is too long");
	error = kernel_check(problem);
	if (error < 0)
		return error;
	n->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (n->proc_fd < 0)
		return log_failure(problem, -errno,
		                   "cannot open /proc: %s; it must be mounted to find named",
		                   strerror(errno));
	n->dir_fd = open(n->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (n->dir_fd < 0 && errno != ENOENT)
		return log_failure(problem, -errno, "cannot open directory %s: %s (see --pid-file)",
		                   n->dir, strerror(errno));
	cmdline_learn(n, problem);
	return 0;
}

int named_sees(const struct named *n, const char *path, struct log_problem *problem)
{
	char whole[2 * PATH_MAX];
	struct stat st = {.st_mode = S_IFREG};

	snprintf(whole, sizeof(whole), "%s%s", n->root, path);
	if (stat(whole, &st) == 0 && S_ISREG(st.st_mode) && access(whole, R_OK) == 0)
		return 0;
	return log_failure(problem, -ENOENT,
	                   "%s: %s; --options names a file as BIND sees it, which BIND can read",
	                   whole, S_ISREG(st.st_mode) ? strerror(errno) : "is not a regular file");
}

static uint64_t file_stamp(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	return st.st_ino + (uint64_t)st.st_mtim.tv_sec * 1000000007U + (uint64_t)st.st_mtim.tv_nsec;
}

uint64_t named_conf_stamp(const struct named *n)
{
	static const char *const parts[] = {"", ".options", ".local"};
	const char *conf = n->conf[0] ? n->conf : DEFAULT_NAMED_CONF;
	char path[2 * PATH_MAX + 16];
	uint64_t stamp = 0;

	for (size_t i = 0; i < COUNT(parts); i++) {
		snprintf(path, sizeof(path), "%s%s%s", n->root, conf, parts[i]);
		stamp += file_stamp(path);
	}
	/* A file that an editor replaces changes its directory. */
	return stamp + file_stamp(dirname(path));
}
