/*
 * BIND as a process: found through its pid file, checked to be named, told to reload. It never
 * signals a process that it has not checked, however stale the pid file is.
 */
#ifndef NAT64HEALTH_NAMED_H
#define NAT64HEALTH_NAMED_H

#include "reason.h"

#include <limits.h>
#include <sys/types.h>

struct named {
	const char *pid_file;
	char dir[PATH_MAX];
	const char *name;
	int dir_fd;  /* -1: the directory was not there at the start */
	int proc_fd; /* of /proc */
};

enum named_result {
	NAMED_SIGNALLED,
	NAMED_FAILED, /* trying again may help */
	NAMED_GONE,   /* pid_file leads to another directory now: only a new start helps */
};

/*
 * Opens the pid file's directory and /proc; named need not run yet. pid_file must outlive *n.
 * Returns 0, or -1 with reason written.
 */
int named_open(struct named *n, const char *pid_file, char reason[REASON_MAX]);

/*
 * Finds named, which could be signalled, and does not signal it. Returns its process id, or -1 with
 * reason written.
 */
pid_t named_find(const struct named *n, char reason[REASON_MAX]);

/* Sends SIGHUP to named. reason is written unless NAMED_SIGNALLED. */
enum named_result named_signal(const struct named *n, char reason[REASON_MAX]);

#endif
