/*
 * The command line of nat64-monitor: read, checked, and turned into numbers.
 */
#pragma once

#include "probe/targets.h"
#include "set_line.h"

enum options_mode {
	MODE_RUN,
	MODE_ONCE,
	MODE_CHECK,
	MODE_END, /* --help or --version: it was printed, there is nothing left to do */
};

struct options {
	enum options_mode mode;
	const char *prefixes; /* path of the prefix file */
	char **command;       /* NULL, or COMMAND and its arguments, ended by NULL */
	const char *user;
	const char *metrics; /* NULL, or path of the metrics file */
	const char *status;  /* NULL, or path of the status file */
	struct targets targets;
	uint64_t interval_us;
	uint64_t heartbeat_us;
	uint32_t slack_us;
	struct set_size size;
	struct sockaddr_in6 source; /* sin6_family 0: the system's choice */
};

/*
 * Returns 0, or -EINVAL after the wrong word was logged with what would be right. -v takes effect
 * at once.
 */
int options_parse(struct options *o, int argc, char **argv);
