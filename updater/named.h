/*
 * BIND as a process: found through its pid file, checked to be named, told to reload. It never
 * signals a process that it has not checked, however stale the pid file is.
 */
#pragma once

#include "log.h"

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

struct named {
	const char *pid_file;
	char dir[PATH_MAX], name[NAME_MAX + 1]; /* of the pid file */
	int dir_fd;                             /* -1: the directory was not there at the start */
	int proc_fd;                            /* of /proc */
	char root[PATH_MAX]; /* what BIND sees as its root; "" for the real one */
	char conf[PATH_MAX]; /* its configuration, from there; "" for Debian's */
};

/*
 * Opens the pid file's directory and /proc; named need not run yet. If it runs, its root and its
 * configuration are taken from its command line, and else are Debian's. pid_file must outlive *n.
 * Returns 0, or a negative errno after what is wrong was logged, here and in the functions below.
 */
int named_open(struct named *n, const char *pid_file, struct log_problem *problem);

/* Sends named the signal; 0: only finds out whether it could. Returns its process id. */
pid_t named_signal(const struct named *n, int signal, struct log_problem *problem);

/*
 * Sends SIGHUP to named. -ESTALE: pid_file leads to another directory now, only a new start helps.
 */
int named_reload(const struct named *n, struct log_problem *problem);

/*
 * Is path, from the root that named has, a file that can be read? *n is zero where named is not
 * looked for.
 */
int named_sees(const struct named *n, const char *path, struct log_problem *problem);

/* Another number after the configuration, or one of Debian's parts of it, was edited. */
uint64_t named_conf_stamp(const struct named *n);
