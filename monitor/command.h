/*
 * COMMAND: where it is, and its process group, which begins and ends with it. When it is to run is
 * the supervisor's to decide.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define COMMAND_FAREWELL_US 5000000ULL /* from TERM to KILL */
#define COMMAND_KILL_US     1000000ULL /* from one KILL to the next */

struct command {
	char *path; /* NULL: there is none */
	char **words;
	int pipe[2];             /* its standard input; both ends stay open while it is away */
	const sigset_t *blocked; /* signals, when it starts */
	pid_t group;             /* 0: no process of it is left */
	uint64_t kill_us;        /* it is to end: when to KILL what goes on; 0: it may run */
};

/*
 * Where the program is: as it is if it has a slash, else in PATH, else in the directory of this
 * program (su leaves sbin out of PATH). Returns a string to be freed, or NULL if it is nowhere.
 */
char *command_find(const char *name);

/* Returns 0, or the exit status of the program after an error was logged. */
int command_open(struct command *c, char **words, const sigset_t *blocked);

/* Starts it in a process group of its own. Returns its pid, or a negative errno. */
pid_t command_start(struct command *c);

/* Ends its processes: two readers would share the pipe. */
void command_end(struct command *c, uint64_t now_us);

/* Looks whether one of them is left, and ends it if it is time. */
void command_review(struct command *c, uint64_t now_us);

/* Closes both ends of its input. */
void command_close(const struct command *c);
