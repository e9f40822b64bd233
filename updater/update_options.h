/*
 * The updater's command line: words in, a struct out. It opens nothing.
 */
#pragma once

#include "set_line.h"

#include <stdbool.h>
#include <sys/socket.h>

struct update_options {
	const char *output;
	const char *pid_file;
	const char *allow;   /* NULL: every prefix may be in a set */
	const char *include; /* NULL: nothing is included in the blocks */
	const char *metrics; /* NULL: none are written */
	const char *user;
	const char *verify_name; /* as given, for messages */
	struct sockaddr_storage verify;
	struct set_size size;
	unsigned timeout_s; /* at the end of input */
	bool verifies;      /* asks BIND what it serves */
	bool signals;       /* has it reload; else something else does */
	bool dry_run;
	bool check; /* looks at the installation, and does nothing */
};

/*
 * Reads the command line; the strings of *o point into argv. Returns 0, 1 after --help or --version
 * was printed, or -EINVAL after it was logged what is wrong.
 */
int update_options_read(struct update_options *o, int argc, char **argv);
