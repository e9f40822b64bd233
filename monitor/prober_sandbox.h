/*
 * The prober's sandbox: the network, its set lines, and nothing else.
 */
#ifndef NAT64HEALTH_PROBER_SANDBOX_H
#define NAT64HEALTH_PROBER_SANDBOX_H

#include "probe/targets.h"
#include "sandbox_seccomp.h"

struct prober_sandbox {
	const struct targets *targets;
	bool binds; /* probes have a source address */
};

/* The calls that it allows, and those that it kills at. */
struct sandbox_list prober_sandbox_list(const struct prober_sandbox *s);

/*
 * Closes the sandbox, for good, and tries it. Returns 0, or -1 after an error was logged; then the
 * process must end.
 */
int prober_sandbox_enter(const struct prober_sandbox *s);

/* The same for --check; argument is a struct prober_sandbox. */
int prober_sandbox_rehearse(const void *argument);

#endif
