/*
 * The prober's sandbox: the network, its set lines, a file of metrics, and nothing else.
 */
#ifndef NAT64HEALTH_PROBER_SANDBOX_H
#define NAT64HEALTH_PROBER_SANDBOX_H

#include <stdbool.h>

/*
 * Closes the sandbox, for good. bind tells that probes have a source address; metrics_fd is the one
 * directory where a file may be replaced, or -1. Returns 0, or -1 after an error was logged.
 */
int prober_sandbox_enter(bool bind, int metrics_fd);

#endif
