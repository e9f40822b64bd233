/*
 * The prober: the one process that talks to the network. Sends what the health rule asks for, tells
 * it what came back, and writes the set lines.
 */
#ifndef NAT64HEALTH_PROBER_H
#define NAT64HEALTH_PROBER_H

#include "options.h"
#include "prefix_file.h"

/* What the supervisor may say, one byte a message, on a SOCK_SEQPACKET socket. */
enum prober_word {
	PROBER_RELOAD = 'R',  /* with the descriptor of the prefix file */
	PROBER_REFUSED = 'F', /* the prefix file was to be read again, and is a bad one */
	PROBER_REPEAT = 'S',  /* write the set in force again: COMMAND is a new one */
	PROBER_TABLE = 'T',   /* log the table */
};

/* How a prober ends by itself, as an exit status. */
enum prober_end {
	PROBER_ENDED,       /* as asked: the supervisor is gone, or --once is done */
	PROBER_FAILED,      /* an error was logged; --once: fewer than MIN are healthy */
	PROBER_READER_GONE, /* nobody reads the set lines any more */
};

/*
 * Enters the sandbox and probes; control is the supervisor's socket, or -1 with --once. Set lines
 * go to standard output. file is taken over.
 */
enum prober_end prober_run(const struct options *options, struct prefix_file *file, int control);

/* Logs what keeps the file from ever giving a set, as "NAME: what"; returns 0 or -1. */
int prober_check_file(const struct prefix_file *file, const char *name, struct set_size size);

#endif
