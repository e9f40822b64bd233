/*
 * The prober's sandbox: the network, its set lines, and nothing else.
 */
#ifndef NAT64HEALTH_PROBER_SANDBOX_H
#define NAT64HEALTH_PROBER_SANDBOX_H

#include <stdbool.h>

/*
 * Closes the sandbox, for good. bind tells that probes have a source address. Returns 0, or -1
 * after an error was logged.
 */
int prober_sandbox_enter(bool bind);

#endif
