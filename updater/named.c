/*
 * BIND as a process: found through its pid file, checked to be named, told to reload.
 * It does not know what BIND serves.
 */
#include "named.h"

#include "path.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CONF_DEFAULT "/etc/bind/named.conf"

/* Digits of the largest pid that a kernel gives out (2^22), with room to spare. */
#define PID_DIGITS_MAX 9

/* Opening must neither follow a link, nor wait for a FIFO's writer, nor take a terminal. */
#define READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

/* libc has a function for it from glibc 2.36 on. */
static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

/* Without pidfds, a process that takes over the number of a named that ends could be signalled. */
static int kernel_check(struct log_problem *problem)
{
	int fd = pidfd_of(getpid());

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	int error = -errno;
	log_problem(problem, LOG_ERR,
	            "cannot signal named: pidfd_open: %s; it takes Linux 5.3, and a container that "
	            "permits it: else use --no-signal, and have something else reload BIND",
	            strerror(-error));
	return error;
}

/* Reads a small file whole into text, as a string. Returns its length or a negative errno. */
static ssize_t small_read(int dir_fd, const char *name, char *text, size_t room)
{
	int fd = openat(dir_fd, name, READ_FLAGS);
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
	char text[32];

	if (n->dir_fd < 0) {
		log_problem(problem, LOG_ERR, "no directory %s: is named running? (see --pid-file)",
		            n->dir);
		return -ENOENT;
	}
	ssize_t got = small_read(n->dir_fd, n->name, text, sizeof(text));
	if (got < 0) {
		log_problem(problem, LOG_ERR, "%s: %s%s (see --pid-file)", n->pid_file,
		            strerror((int)-got), got == -ENOENT ? ": is named running?" : "");
		return (pid_t)got;
	}
	size_t digits = strspn(text, "0123456789");
	size_t length = digits + strspn(text + digits, " \t\r\n");
	long pid = digits <= PID_DIGITS_MAX ? strtol(text, NULL, 10) : 0;
	if ((size_t)got == length && pid > 0)
		return (pid_t)pid;
	log_problem(problem, LOG_ERR, "%s does not hold a process id (see --pid-file)",
	            n->pid_file);
	return -EINVAL;
}

static int comm_check(const struct named *n, pid_t pid, struct log_problem *problem)
{
	char path[32], comm[32];

	snprintf(path, sizeof(path), "%d/comm", (int)pid);
	ssize_t got = small_read(n->proc_fd, path, comm, sizeof(comm));
	if (got < 0) {
		log_problem(problem, LOG_ERR,
		            "cannot read /proc/%s: %s; if /proc is mounted with hidepid, BIND's "
		            "user needs its gid=",
		            path, strerror((int)-got));
		return (int)got;
	}
	comm[strcspn(comm, "\n")] = '\0';
	/* The latter is RHEL's. */
	if (strcmp(comm, "named") == 0 || strcmp(comm, "named-pkcs11") == 0)
		return 0;
	log_problem(problem, LOG_ERR, "%s: process %d is \"%s\", not named; it was not signalled",
	            n->pid_file, (int)pid, comm);
	return -EINVAL;
}

static int process_signal(const struct named *n, int fd, pid_t pid, int signal,
                          struct log_problem *problem)
{
	/* Read after the descriptor was opened: it is of the process that has this name. */
	int error = comm_check(n, pid, problem);
	if (error < 0)
		return error;
	if (syscall(SYS_pidfd_send_signal, fd, signal, NULL, 0) == 0)
		return 0;
	error = -errno;
	log_problem(problem, LOG_ERR, "cannot signal named, process %d: %s%s", (int)pid,
	            strerror(-error),
	            error == -EPERM ? "; name the user that named runs as with --user" : "");
	return error;
}

/* Returns the process id, or a negative errno. */
static pid_t named_send(const struct named *n, int signal, struct log_problem *problem)
{
	pid_t pid = pid_read(n, problem);
	if (pid < 0)
		return pid;
	int fd = pidfd_of(pid);
	if (fd < 0) {
		int error = -errno;
		log_problem(problem, LOG_ERR, "%s names process %d: %s; is named running?",
		            n->pid_file, (int)pid, strerror(-error));
		return error;
	}
	int error = process_signal(n, fd, pid, signal, problem);
	close(fd);
	return error < 0 ? error : pid;
}

pid_t named_find(const struct named *n, struct log_problem *problem)
{
	return named_send(n, 0, problem);
}

int named_reload(const struct named *n, struct log_problem *problem)
{
	/* A service manager may remove named's directory when it stops, and make another one. */
	if (n->dir_fd < 0 ? access(n->dir, F_OK) == 0 : !path_leads_to(n->dir, n->dir_fd)) {
		log_problem(problem, LOG_ERR, "directory %s was replaced since the start", n->dir);
		return -ESTALE;
	}
	pid_t pid = named_send(n, SIGHUP, problem);
	return pid < 0 ? (int)pid : 0;
}

/* The value of an option as named takes it: "-c FILE" or "-cFILE". NULL if this word is another. */
static const char *value_of(char option, const char *word, const char *next)
{
	if (word[0] != '-' || word[1] != option)
		return NULL;
	return word[2] != '\0' ? word + 2 : next;
}

static void word_take(char place[PATH_MAX], const char *value)
{
	if (value && value[0] == '/' && value[1] != '\0' && strlen(value) < PATH_MAX)
		strcpy(place, value);
}

static void command_line_learn(struct named *n)
{
	struct log_problem unsaid = {0};
	char path[32], words[8192] = "";

	strcpy(n->conf, CONF_DEFAULT);
	pid_t pid = pid_read(n, &unsaid);
	snprintf(path, sizeof(path), "%d/cmdline", (int)pid);
	ssize_t length = pid > 0 ? small_read(n->proc_fd, path, words, sizeof(words) - 1) : 0;
	for (ssize_t at = 0; at < length; at += (ssize_t)strlen(words + at) + 1) {
		const char *word = words + at, *next = word + strlen(word) + 1;

		word_take(n->conf, value_of('c', word, next));
		word_take(n->root, value_of('t', word, next));
	}
}

int named_open(struct named *n, const char *pid_file, struct log_problem *problem)
{
	*n = (struct named){.pid_file = pid_file, .dir_fd = -1, .proc_fd = -1};
	int error = path_split(pid_file, n->dir, n->name);
	if (error < 0) {
		log_problem(problem, LOG_ERR, "\"%.64s\" %s", pid_file,
		            error == -EINVAL ? "does not name a file" : "... is too long");
		return error;
	}
	error = kernel_check(problem);
	if (error < 0)
		return error;
	n->proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (n->proc_fd < 0) {
		error = -errno;
		log_problem(problem, LOG_ERR,
		            "cannot open /proc: %s; it must be mounted to find named",
		            strerror(-error));
		return error;
	}
	n->dir_fd = open(n->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (n->dir_fd < 0 && errno != ENOENT) {
		error = -errno;
		log_problem(problem, LOG_ERR, "cannot open directory %s: %s (see --pid-file)",
		            n->dir, strerror(-error));
		return error;
	}
	command_line_learn(n);
	return 0;
}

uint64_t named_conf_stamp(const struct named *n)
{
	static const char *const parts[] = {"", ".options", ".local"};
	char path[2 * PATH_MAX + 16], dir[PATH_MAX], name[NAME_MAX + 1];
	uint64_t stamp = 0;
	struct stat st;

	for (size_t i = 0; i <= COUNT(parts); i++) {
		/* A file that an editor replaces changes its directory. */
		bool is_dir = i == COUNT(parts) && path_split(n->conf, dir, name) == 0;
		snprintf(path, sizeof(path), "%s%s%s", n->root, is_dir ? dir : n->conf,
		         is_dir ? "" : parts[i % COUNT(parts)]);
		if (stat(path, &st) == 0)
			stamp += st.st_ino + (uint64_t)st.st_mtim.tv_sec * 1000000007U +
			         (uint64_t)st.st_mtim.tv_nsec;
	}
	return stamp;
}
