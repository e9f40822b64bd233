/*
 * What the updater may still do once its input begins. Every allowed call stands here, by what it
 * is for; the walls themselves are common/sandbox's.
 */
#include "update_sandbox.h"

#include "path.h"
#include "sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

/* Standard streams, directories, lock, sockets, and the few that are open at a time. */
#define DESCRIPTORS_MAX 24

/* clang-format off */
#define OPEN(flags) {SCMP_SYS(openat), 1, {SANDBOX_EQUAL(2, flags)}}

/* Wait, read lines and answers, say something, end. */
static const struct sandbox_call always_calls[] = {
	SANDBOX_CALL(ppoll),
	SANDBOX_CALL(rt_sigreturn),
	SANDBOX_CALL(clock_gettime), /* where the vDSO cannot tell the time */
	SANDBOX_CALL(read),
	SANDBOX_CALL(write),
	SANDBOX_CALL(close),
	SANDBOX_CALL(exit_group),
};

/* Look at a file: the output, the pid file, /proc/PID/comm. */
static const struct sandbox_call look_calls[] = {
	OPEN(PATH_READ_FLAGS),
	SANDBOX_CALL(newfstatat),
	SANDBOX_CALL(fstat), /* what fstat() is in newer versions of glibc */
};

/* Replace the output, besides what any file that is replaced needs. */
static const struct sandbox_call install_calls[] = {
	SANDBOX_CALL(fsync),
};

/* Tell named to reload, and nobody anything else. */
static const struct sandbox_call signal_calls[] = {
	SANDBOX_CALL(pidfd_open),
	{SCMP_SYS(pidfd_send_signal), 1, {SANDBOX_EQUAL(1, SIGHUP)}},
};

/* A question's random id. */
static const struct sandbox_call verify_calls[] = {
	SANDBOX_CALL(getrandom),
};

/* clang-format on */

static int landlock_enter(const struct update_sandbox *s)
{
	const struct sandbox_path all[] = {
		{s->output_fd, SANDBOX_REPLACE},
		{s->metrics_fd, SANDBOX_REPLACE},
		{s->pid_fd, SANDBOX_READ},
		{s->proc_fd, SANDBOX_READ},
	};
	struct sandbox_path paths[sizeof(all) / sizeof(all[0])];
	size_t count = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].fd >= 0)
			paths[count++] = all[i];
	}
	return sandbox_landlock(paths, count, s->proc_fd >= 0);
}

int update_sandbox_enter(const struct update_sandbox *s)
{
	const struct sandbox_group groups[] = {
		SANDBOX_GROUP(always_calls),
		SANDBOX_GROUP_IF(s->output_fd >= 0 || s->proc_fd >= 0, look_calls),
		SANDBOX_GROUP_IF(s->output_fd >= 0 || s->metrics_fd >= 0, sandbox_replace_calls),
		SANDBOX_GROUP_IF(s->output_fd >= 0, install_calls),
		SANDBOX_GROUP_IF(s->proc_fd >= 0, signal_calls),
		SANDBOX_GROUP_IF(s->verify_fd >= 0, verify_calls),
	};

	if (sandbox_drop_privileges() < 0 || sandbox_limit(RLIM_INFINITY, DESCRIPTORS_MAX) < 0 ||
	    landlock_enter(s) < 0)
		return -1;
	return sandbox_seccomp(groups, sizeof(groups) / sizeof(groups[0]));
}
