/*
 * The updater's command line: words in, a struct out. It opens and prints nothing.
 */
#ifndef NAT64HEALTH_UPDATE_OPTIONS_H
#define NAT64HEALTH_UPDATE_OPTIONS_H

#include "reason.h"
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
	bool verifies;        /* asks BIND what it serves */
	bool verify_required; /* asked for explicitly: a BIND that does not tell is an error */
	bool signals;
	bool dry_run;
	bool check; /* looks at the installation, and does nothing */
	bool verbose;
	bool help;
	bool version;
};

extern const char update_options_help[];

/*
 * Reads the command line; the strings of *o point into argv. Returns 0, or -1 with reason saying
 * what is wrong and what would be right.
 */
int update_options_parse(struct update_options *o, int argc, char **argv, char reason[REASON_MAX]);

#endif
