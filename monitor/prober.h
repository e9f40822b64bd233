/*
 * The prober: the one process that talks to the network. Sends what the engine asks for, tells it
 * what came back, and writes the set lines.
 */
#ifndef NAT64HEALTH_PROBER_H
#define NAT64HEALTH_PROBER_H

#include "list.h"
#include "options.h"
#include "view/files.h"

/* How a prober ends by itself, as an exit status. */
enum prober_end {
	PROBER_ENDED,       /* as asked: the supervisor is gone, or --once is done */
	PROBER_FAILED,      /* an error was logged; --once: fewer than MIN are healthy */
	PROBER_READER_GONE, /* nothing reads the set lines any more */
};

/*
 * Enters the sandbox and probes; control is the supervisor's socket, or -1 with --once. Set lines
 * go to standard output.
 */
enum prober_end prober_run(const struct options *options, struct list *list, struct files *files,
                           int control);

#endif
