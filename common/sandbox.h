/*
 * What a program gives up at its start: inherited descriptors, root, capabilities, core dumps,
 * resources; and how --check tries the whole sandbox. Landlock and seccomp are in sandbox_landlock
 * and sandbox_seccomp.
 */
#pragma once

#include <signal.h>
#include <sys/resource.h>

/*
 * Call before any descriptor is opened: closes all inherited ones but the standard streams. One of
 * these that is closed becomes /dev/null: the first file or socket would get its number. Returns 0
 * or -1.
 */
int sandbox_inherit_streams(void);

/*
 * Blocks HUP, USR1, TERM and INT until the program can handle them: before, HUP and USR1 would end
 * it. *before is the mask as it was, for a child that is to run another program.
 */
void sandbox_block_signals(sigset_t *before);

/*
 * Started as root: becomes user with its groups, and drops the bounding set where the kernel lets
 * us. Otherwise does nothing. Returns 0, or -1 after an error was logged with a hint.
 */
int sandbox_become(const char *user);

/*
 * No capability, no_new_privs, no core dump, not to be traced by others of the same user.
 * Returns 0, or -1 after an error was logged.
 */
int sandbox_drop_privileges(void);

/*
 * Bounds the number of descriptors that the process may hold, and grants it that many where the
 * system does. Returns 0, or -1 after an error was logged.
 */
int sandbox_limit(rlim_t descriptors);

/*
 * Has a child process run enter(argument), which enters the sandbox, tries it, and logs what is
 * wrong; then says on standard output whether it closes, and what Landlock guards. What is missing
 * is counted.
 */
void sandbox_check(unsigned *missing, int (*enter)(const void *argument), const void *argument);
