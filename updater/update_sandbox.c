/*
 * What the updater may still do once its input begins. Its calls stand here by purpose, with those
 * of common/sandbox_calls; how they are enforced is common/sandbox_seccomp's.
 */
#include "update_sandbox.h"

#include "path.h"
#include "sandbox.h"
#include "sandbox_calls.h"
#include "sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Standard streams, directories, lock, sockets, and the few that are open at a time. */
#define DESCRIPTORS_MAX 24

/* clang-format off */
/* The pid file, /proc/PID/comm. */
SANDBOX_TRY(open, openat(-1, "x", PATH_READ_FLAGS))
static SANDBOX_PURPOSE(opens, "open a file to read", try_open,
	SANDBOX_IF(openat, SANDBOX_INT_BUT(2, O_LARGEFILE, PATH_READ_FLAGS)));

/* Nothing but a reload, and processes of the same user only. */
SANDBOX_TRY(signal, SANDBOX_BOTH(syscall(SYS_pidfd_open, -1, 0),
				 syscall(SYS_pidfd_send_signal, -1, SIGHUP, NULL, 0)))
static SANDBOX_PURPOSE(signals, "have named reload", try_signal,
	SANDBOX_CALL(pidfd_open),
	SANDBOX_IF(pidfd_send_signal, SANDBOX_INT(1, SIGHUP), SANDBOX_NULL(2), SANDBOX_INT(3, 0)));

struct sandbox_list update_sandbox_list(const struct update_sandbox *s)
{
	bool writes = s->output_fd >= 0, replaces = writes || s->metrics_fd >= 0;
	bool tells = s->proc_fd >= 0;

	return (struct sandbox_list){
		.allowed = {
			/* lines, answers, time, messages */
			&sandbox_poll, &sandbox_clock, &sandbox_read,
			&sandbox_write, &sandbox_send, &sandbox_close, &sandbox_exit,
			/* the output and the metrics */
			replaces ? &sandbox_create : NULL, replaces ? &sandbox_mode : NULL,
			replaces ? &sandbox_rename : NULL, replaces ? &sandbox_remove : NULL,
			writes ? &sandbox_sync : NULL, writes || tells ? &sandbox_stat : NULL,
			/* named */
			tells ? &opens : NULL, tells ? &signals : NULL,
			s->verify_fd >= 0 ? &sandbox_random : NULL,
		},
		.killed = {
			&sandbox_attack, &sandbox_attack_network,
			tells ? NULL : &sandbox_attack_pidfd,
		},
	};
}
/* clang-format on */

int update_sandbox_enter(const struct update_sandbox *s)
{
	const struct sandbox_list list = update_sandbox_list(s);
	const struct sandbox_landlock rules = {
		.paths = {{s->output_fd, SANDBOX_REPLACE},
	                  {s->metrics_fd, SANDBOX_REPLACE},
	                  {s->pid_dir_fd, SANDBOX_READ},
	                  {s->proc_fd, SANDBOX_READ}},
		.signals = s->proc_fd >= 0,
	};

	if (sandbox_drop_privileges() < 0 || sandbox_limit(DESCRIPTORS_MAX) < 0 ||
	    sandbox_landlock_enter(&rules) < 0)
		return -1;
	return sandbox_seccomp_enter(&list);
}

int update_sandbox_rehearse(const void *argument)
{
	int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct update_sandbox all = {fd, fd, fd, fd, fd};

	(void)argument;
	return update_sandbox_enter(&all);
}
