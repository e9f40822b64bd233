/*
 * The writer's sandbox: it replaces files in two directories, and reads none.
 */
#ifndef NAT64HEALTH_WRITER_SANDBOX_H
#define NAT64HEALTH_WRITER_SANDBOX_H

#include "sandbox_seccomp.h"

/* The calls that it allows, and those that it kills at. */
struct sandbox_list writer_sandbox_list(void);

/*
 * Closes the sandbox, for good, and tries it. The descriptors are the directories of the status and
 * the metrics file, -1 where there is none. Returns 0, or -1 after an error was logged; then the
 * process must end.
 */
int writer_sandbox_enter(int status_fd, int metrics_fd);

#endif
