/*
 * COMMAND: where it is, and its process group, which begins and ends with it. When it is to run is
 * the supervisor's to decide.
 */
#ifndef NAT64HEALTH_COMMAND_H
#define NAT64HEALTH_COMMAND_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Where the program is: as it is if it has a slash, else in PATH, else in the directory of this
 * program (su leaves sbin out of PATH). Returns a string to be freed, or NULL if it is nowhere.
 */
char *command_find(const char *name);

/*
 * Starts the program in a process group of its own, with input as its standard input and these
 * signals blocked. Returns its pid, which is the group's number, or a negative errno.
 */
pid_t command_start(const char *path, char **words, int input, const sigset_t *blocked);

/*
 * Has the orphans of a group become children of this process, so that command_group_left knows of
 * them. Returns 0, or a negative errno.
 */
int command_adopt_orphans(void);

/* Whether a process of the group is left, if only as a child that was not waited for. */
bool command_group_left(pid_t group);

#endif
