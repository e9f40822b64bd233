/*
 * The supervisor: keeps the prober, and the writer and COMMAND if there are any, running. It reads
 * no byte from the network or from the pipe between them, and takes a byte from the prober only for
 * a yes or a no.
 */
#ifndef NAT64HEALTH_SUPERVISOR_H
#define NAT64HEALTH_SUPERVISOR_H

#include "list.h"
#include "options.h"
#include "view/writer.h"

#include <signal.h>

/* The signals that it obeys, blocked since the start, and what was blocked before. */
struct supervisor_signals {
	sigset_t handled, inherited;
};

/* Blocks them: one that comes before supervisor_run is not lost, and does not kill. */
void supervisor_block_signals(struct supervisor_signals *signals);

/*
 * Runs until TERM or INT, or until nothing reads the set lines any more. Returns the exit status of
 * the program. The list is the one to begin with; HUP reads it again. writer is NULL if there is no
 * file to write.
 */
int supervisor_run(const struct options *options, struct list *list, struct writer *writer,
                   const struct supervisor_signals *signals);

#endif
