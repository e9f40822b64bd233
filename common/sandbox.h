/*
 * The walls around both programs: identity, capabilities, limits, Landlock, seccomp. Each is set up
 * once and cannot be taken down again. What a program may do is its own table, given by the caller.
 */
#ifndef NAT64HEALTH_SANDBOX_H
#define NAT64HEALTH_SANDBOX_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

/*
 * Opens /dev/null in the place of a standard stream that is closed: the first file or socket would
 * get its number. Returns 0 or -1.
 */
int sandbox_check_streams(void);

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
 * Bounds what the process may hold: bytes of a file that it writes, and descriptors.
 * Returns 0, or -1 after an error was logged.
 */
int sandbox_limit(rlim_t file_bytes, rlim_t descriptors);

/* What a program may do below a directory, or with a file. */
enum sandbox_access {
	SANDBOX_READ = 1,    /* open files for reading */
	SANDBOX_REPLACE = 2, /* create, write, rename and remove files; read them, too */
};

struct sandbox_path {
	int fd; /* of the directory; O_PATH is enough */
	enum sandbox_access access;
};

/*
 * Landlock, as far as this kernel knows it: no other file may be opened, and no process outside may
 * be signalled unless may_signal. Returns 0, also where the kernel has none of it (logged at debug
 * level), or -1 after an error was logged.
 */
int sandbox_landlock(const struct sandbox_path *paths, size_t count, bool may_signal);

/* One allowed system call; each of the args that are given must match. */
struct sandbox_call {
	int nr; /* SCMP_SYS(name) */
	unsigned arg_count;
	struct scmp_arg_cmp args[3];
};

/* The call with any arguments. */
#define SANDBOX_CALL(name)           \
	{                            \
		.nr = SCMP_SYS(name) \
	}

/* A condition on argument n (from 0), fit for a constant table, as libseccomp's own are not. */
#define SANDBOX_EQUAL(n, value)          \
	{                                \
		n, SCMP_CMP_EQ, value, 0 \
	}
#define SANDBOX_MASKED(n, mask, value)             \
	{                                          \
		n, SCMP_CMP_MASKED_EQ, mask, value \
	}

/* Calls that belong together; a group may be left out where a program has no use for it. */
struct sandbox_group {
	const struct sandbox_call *calls;
	size_t count;
};

#define SANDBOX_GROUP(array)                              \
	{                                                 \
		array, sizeof(array) / sizeof((array)[0]) \
	}
#define SANDBOX_GROUP_IF(need, array)                                  \
	{                                                              \
		array, (need) ? sizeof(array) / sizeof((array)[0]) : 0 \
	}

/* What atomic_file_write() needs besides write() and close(), and fsync() if it is to sync. */
extern const struct sandbox_call sandbox_replace_calls[5];

/*
 * From here on, any call that is in none of the groups kills the process (SIGSYS).
 * Returns 0, or -1 after an error was logged.
 */
int sandbox_seccomp(const struct sandbox_group *groups, size_t count);

#endif
