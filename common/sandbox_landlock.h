/*
 * Landlock: which files a process may open, which TCP ports it may connect to, and whether it may
 * signal. What the kernel's ABI lacks is left out; sandbox_landlock_describe() says what that is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a process may do below a directory. */
enum sandbox_access {
	SANDBOX_NOTHING, /* an entry without a directory */
	SANDBOX_READ,    /* open files for reading */
	SANDBOX_REPLACE, /* create, write, rename and remove regular files; not read them */
};

struct sandbox_path {
	int fd; /* of the directory, O_PATH is enough; -1: left out */
	enum sandbox_access access;
};

#define SANDBOX_PATHS_MAX 4
#define SANDBOX_PORTS_MAX 64

struct sandbox_landlock {
	struct sandbox_path paths[SANDBOX_PATHS_MAX];
	uint16_t tcp_ports[SANDBOX_PORTS_MAX]; /* that it may connect to */
	size_t port_count;
	bool binds;   /* it may bind to a TCP port of the kernel's choice */
	bool signals; /* it may signal processes outside */
	bool quiet;   /* another process tells that Landlock is missing */
};

/* Returns the kernel's ABI, from 1 on, or a negative errno where Landlock is missing or denied. */
int sandbox_landlock_abi(void);

#define SANDBOX_LANDLOCK_WORDS 160

/* What this ABI guards and what it lacks, in words for a message; returns words. */
const char *sandbox_landlock_describe(int abi, char words[SANDBOX_LANDLOCK_WORDS]);

/*
 * Restricts the process, for good. Where Landlock is missing or denied, a notice says so.
 * Returns 0, or -1 after an error was logged.
 */
int sandbox_landlock_enter(const struct sandbox_landlock *rules);
