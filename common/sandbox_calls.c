/*
 * System calls by purpose. C libraries and machines differ in the variant that they make: 64-bit
 * time on 32-bit machines, the newer call where a machine never had the older one. No #ifdef:
 * libseccomp leaves out what a machine has not.
 */
#include "sandbox_calls.h"

#include "atomic_file.h"
#include "random.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NO_FD (-1) /* for what must fail, but not for want of the call */

int sandbox_tried(long result)
{
	return result < 0 && errno == ENOSYS ? -errno : 0;
}

/* --- to allow ------------------------------------------------------------------------------ */

static const struct sandbox_call clock_calls[] = {
	SANDBOX_CALL(clock_gettime),
	SANDBOX_CALL(clock_gettime64),
	SANDBOX_CALL(gettimeofday),
};

static int clock_try(void)
{
	struct timespec now;

	/* A clock that the vDSO does not know: on some machines it knows none. */
	return sandbox_tried(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now));
}

const struct sandbox_purpose sandbox_clock =
	SANDBOX_PURPOSE("tell the time", clock_calls, clock_try);

static const struct sandbox_call random_calls[] = {SANDBOX_CALL(getrandom)};

static int random_try(void)
{
	char byte;

	return random_fill(&byte, 1) == -ENOSYS ? -ENOSYS : 0;
}

const struct sandbox_purpose sandbox_random =
	SANDBOX_PURPOSE("draw a random number", random_calls, random_try);

/* restart_syscall: what the kernel makes of a wait that was stopped and continued. */
static const struct sandbox_call poll_calls[] = {
	SANDBOX_CALL(poll),
	SANDBOX_CALL(ppoll),
	SANDBOX_CALL(ppoll_time64),
	SANDBOX_CALL(restart_syscall),
};

static int poll_try(void)
{
	const struct timespec none = {0};
	int result = sandbox_tried(poll(NULL, 0, 0));

	return result != 0 ? result : sandbox_tried(ppoll(NULL, 0, &none, NULL));
}

const struct sandbox_purpose sandbox_poll = SANDBOX_PURPOSE("wait by poll", poll_calls, poll_try);

static const struct sandbox_call epoll_calls[] = {
	SANDBOX_CALL(epoll_wait),
	SANDBOX_CALL(epoll_pwait),
	SANDBOX_CALL(epoll_ctl),
};

static int epoll_try(void)
{
	struct epoll_event event;
	int result = sandbox_tried(epoll_wait(NO_FD, &event, 1, 0));

	return result != 0 ? result : sandbox_tried(epoll_ctl(NO_FD, EPOLL_CTL_DEL, NO_FD, NULL));
}

const struct sandbox_purpose sandbox_epoll =
	SANDBOX_PURPOSE("wait by epoll", epoll_calls, epoll_try);

static const struct sandbox_call signals_calls[] = {
	SANDBOX_CALL(rt_sigreturn),
	SANDBOX_CALL(sigreturn),
};

const struct sandbox_purpose sandbox_signals =
	SANDBOX_PURPOSE("return from a signal handler", signals_calls, NULL);

static const struct sandbox_call read_calls[] = {SANDBOX_CALL(read)};

static int read_try(void)
{
	char byte;

	return sandbox_tried(read(NO_FD, &byte, 1));
}

const struct sandbox_purpose sandbox_read = SANDBOX_PURPOSE("read", read_calls, read_try);

static const struct sandbox_call write_calls[] = {SANDBOX_CALL(write)};

static int write_try(void)
{
	return sandbox_tried(write(NO_FD, "", 1));
}

const struct sandbox_purpose sandbox_write = SANDBOX_PURPOSE("write", write_calls, write_try);

/* send() is a call of its own on some machines; with no address, sendto() is the same on all. */
static const struct sandbox_call send_calls[] = {
	SANDBOX_CALL_IF(sendto, SANDBOX_NULL(4), SANDBOX_INT(5, 0)),
	SANDBOX_CALL(send),
};

static int send_try(void)
{
	return sandbox_tried(sendto(NO_FD, "", 1, MSG_NOSIGNAL, NULL, 0));
}

const struct sandbox_purpose sandbox_send =
	SANDBOX_PURPOSE("send to a connected socket", send_calls, send_try);

static const struct sandbox_call receive_calls[] = {
	SANDBOX_CALL(recvfrom),
	SANDBOX_CALL(recv),
};

static int receive_try(void)
{
	char byte;

	return sandbox_tried(recvfrom(NO_FD, &byte, 1, 0, NULL, NULL));
}

const struct sandbox_purpose sandbox_receive =
	SANDBOX_PURPOSE("receive", receive_calls, receive_try);

static const struct sandbox_call close_calls[] = {SANDBOX_CALL(close)};

static int close_try(void)
{
	return sandbox_tried(close(NO_FD));
}

const struct sandbox_purpose sandbox_close = SANDBOX_PURPOSE("close", close_calls, close_try);

/* By path or descriptor: it is Landlock that guards what is in files. */
static const struct sandbox_call stat_calls[] = {
	SANDBOX_CALL(fstat),     SANDBOX_CALL(fstat64), SANDBOX_CALL(newfstatat),
	SANDBOX_CALL(fstatat64), SANDBOX_CALL(stat),    SANDBOX_CALL(stat64),
	SANDBOX_CALL(statx),
};

static int stat_try(void)
{
	struct stat st;
	int result = sandbox_tried(fstat(STDERR_FILENO, &st));

	return result != 0 ? result : sandbox_tried(stat("/", &st));
}

const struct sandbox_purpose sandbox_stat = SANDBOX_PURPOSE("look at a file", stat_calls, stat_try);

static const struct sandbox_call exit_calls[] = {SANDBOX_CALL(exit_group)};

const struct sandbox_purpose sandbox_exit = SANDBOX_PURPOSE("end", exit_calls, NULL);

/* --- a file is replaced -------------------------------------------------------------------- */

/* O_LARGEFILE is what a 32-bit C library adds. */
static const struct sandbox_call create_calls[] = {
	SANDBOX_CALL_IF(openat, SANDBOX_INT_BUT(2, O_LARGEFILE, ATOMIC_FILE_TEMP_FLAGS),
                        SANDBOX_INT(3, ATOMIC_FILE_TEMP_MODE)),
};

static int create_try(void)
{
	return sandbox_tried(openat(NO_FD, "x", ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE));
}

const struct sandbox_purpose sandbox_create =
	SANDBOX_PURPOSE("create a file", create_calls, create_try);

static const struct sandbox_call mode_calls[] = {
	SANDBOX_CALL_IF(fchmod, SANDBOX_INT(1, ATOMIC_FILE_MODE)),
};

/* Not tried: with no valid descriptor, musl asks whether it is one, by a call of another kind. */
const struct sandbox_purpose sandbox_mode = SANDBOX_PURPOSE("set a file's mode", mode_calls, NULL);

static const struct sandbox_call rename_calls[] = {
	SANDBOX_CALL(renameat),
	SANDBOX_CALL_IF(renameat2, SANDBOX_INT(4, 0)),
};

static int rename_try(void)
{
	return sandbox_tried(renameat(NO_FD, "x", NO_FD, "y"));
}

const struct sandbox_purpose sandbox_rename =
	SANDBOX_PURPOSE("rename a file", rename_calls, rename_try);

static const struct sandbox_call remove_calls[] = {
	SANDBOX_CALL_IF(unlinkat, SANDBOX_INT(2, 0)),
};

static int remove_try(void)
{
	return sandbox_tried(unlinkat(NO_FD, "x", 0));
}

const struct sandbox_purpose sandbox_remove =
	SANDBOX_PURPOSE("remove a file", remove_calls, remove_try);

static const struct sandbox_call sync_calls[] = {SANDBOX_CALL(fsync)};

static int sync_try(void)
{
	return sandbox_tried(fsync(NO_FD));
}

const struct sandbox_purpose sandbox_sync = SANDBOX_PURPOSE("sync a file", sync_calls, sync_try);

/* --- memory and stdio ---------------------------------------------------------------------- */

static const struct sandbox_call memory_calls[] = {
	SANDBOX_CALL(brk),
	SANDBOX_CALL_IF(mmap, SANDBOX_BITS(2, PROT_EXEC, 0)),
	SANDBOX_CALL_IF(mmap2, SANDBOX_BITS(2, PROT_EXEC, 0)),
	SANDBOX_CALL(munmap),
	SANDBOX_CALL(mremap),
	SANDBOX_CALL(madvise),
	SANDBOX_CALL(sysinfo), /* qsort() asks for the size of the memory */
};

const struct sandbox_purpose sandbox_memory = SANDBOX_PURPOSE("allocate", memory_calls, NULL);

static const struct sandbox_call stdio_calls[] = {
	SANDBOX_CALL_IF(fcntl, SANDBOX_INT(1, F_GETFL)),
	SANDBOX_CALL_IF(fcntl64, SANDBOX_INT(1, F_GETFL)),
	SANDBOX_CALL(lseek),
	SANDBOX_CALL(_llseek),
};

const struct sandbox_purpose sandbox_stdio = SANDBOX_PURPOSE("read by stdio", stdio_calls, NULL);

/* --- to kill at ---------------------------------------------------------------------------- */

static const struct sandbox_call attack_calls[] = {
	/* programs and processes */
	SANDBOX_CALL(execve),
	SANDBOX_CALL(execveat),
	SANDBOX_CALL(fork),
	SANDBOX_CALL(vfork),
	SANDBOX_CALL(clone),
	SANDBOX_CALL(clone3),
	/* other processes */
	SANDBOX_CALL(ptrace),
	SANDBOX_CALL(process_vm_readv),
	SANDBOX_CALL(process_vm_writev),
	SANDBOX_CALL(pidfd_getfd),
	SANDBOX_CALL(kill),
	SANDBOX_CALL(tkill),
	SANDBOX_CALL(tgkill),
	SANDBOX_CALL(rt_sigqueueinfo),
	SANDBOX_CALL(rt_tgsigqueueinfo),
	SANDBOX_CALL_IF(pidfd_send_signal, SANDBOX_NOT(1, SIGHUP)),
	SANDBOX_CALL_IF(pidfd_send_signal, SANDBOX_NOT(3, 0)), /* a whole process group */
	/* executable memory */
	SANDBOX_CALL_IF(mmap, SANDBOX_BITS(2, PROT_EXEC, PROT_EXEC)),
	SANDBOX_CALL_IF(mmap2, SANDBOX_BITS(2, PROT_EXEC, PROT_EXEC)),
	SANDBOX_CALL_IF(mprotect, SANDBOX_BITS(2, PROT_EXEC, PROT_EXEC)),
	SANDBOX_CALL_IF(pkey_mprotect, SANDBOX_BITS(2, PROT_EXEC, PROT_EXEC)),
	SANDBOX_CALL(memfd_create),
	SANDBOX_CALL(personality),
	/* sockets: other peers than the connected one, and descriptors passed on */
	SANDBOX_CALL_IF(sendto, SANDBOX_NOT(4, 0)),
	SANDBOX_CALL(sendmsg),
	SANDBOX_CALL(sendmmsg),
	SANDBOX_CALL(listen),
	SANDBOX_CALL(accept),
	SANDBOX_CALL(accept4),
	SANDBOX_CALL(socketpair),
	/* mounts and namespaces */
	SANDBOX_CALL(mount),
	SANDBOX_CALL(umount),
	SANDBOX_CALL(umount2),
	SANDBOX_CALL(pivot_root),
	SANDBOX_CALL(chroot),
	SANDBOX_CALL(open_tree),
	SANDBOX_CALL(move_mount),
	SANDBOX_CALL(fsopen),
	SANDBOX_CALL(fsconfig),
	SANDBOX_CALL(fsmount),
	SANDBOX_CALL(fspick),
	SANDBOX_CALL(unshare),
	SANDBOX_CALL(setns),
	/* files by other ways, and other owners */
	SANDBOX_CALL(open_by_handle_at),
	SANDBOX_CALL(mknod),
	SANDBOX_CALL(mknodat),
	SANDBOX_CALL(link),
	SANDBOX_CALL(linkat),
	SANDBOX_CALL(symlink),
	SANDBOX_CALL(symlinkat),
	SANDBOX_CALL(chown),
	SANDBOX_CALL(lchown),
	SANDBOX_CALL(fchown),
	SANDBOX_CALL(fchownat),
	/* other identities */
	SANDBOX_CALL(setuid),
	SANDBOX_CALL(setgid),
	SANDBOX_CALL(setreuid),
	SANDBOX_CALL(setregid),
	SANDBOX_CALL(setresuid),
	SANDBOX_CALL(setresgid),
	SANDBOX_CALL(setgroups),
	SANDBOX_CALL(capset),
	/* large parts of the kernel */
	SANDBOX_CALL(io_uring_setup),
	SANDBOX_CALL(io_uring_enter),
	SANDBOX_CALL(io_uring_register),
	SANDBOX_CALL(io_setup),
	SANDBOX_CALL(bpf),
	SANDBOX_CALL(perf_event_open),
	SANDBOX_CALL(userfaultfd),
	SANDBOX_CALL(keyctl),
	SANDBOX_CALL(add_key),
	SANDBOX_CALL(request_key),
	SANDBOX_CALL(init_module),
	SANDBOX_CALL(finit_module),
	SANDBOX_CALL(kexec_load),
	SANDBOX_CALL(kexec_file_load),
	SANDBOX_CALL(modify_ldt),
	SANDBOX_CALL(iopl),
	SANDBOX_CALL(ioperm),
};

const struct sandbox_purpose sandbox_attack = SANDBOX_PURPOSE("attack", attack_calls, NULL);

static const struct sandbox_call network_calls[] = {
	SANDBOX_CALL(socket),
	SANDBOX_CALL(connect),
	SANDBOX_CALL(bind),
};

const struct sandbox_purpose sandbox_attack_network =
	SANDBOX_PURPOSE("open a socket", network_calls, NULL);

static const struct sandbox_call bind_calls[] = {SANDBOX_CALL(bind)};

const struct sandbox_purpose sandbox_attack_bind = SANDBOX_PURPOSE("bind", bind_calls, NULL);

static const struct sandbox_call pidfd_calls[] = {
	SANDBOX_CALL(pidfd_open),
	SANDBOX_CALL(pidfd_send_signal),
};

const struct sandbox_purpose sandbox_attack_pidfd =
	SANDBOX_PURPOSE("signal by a pidfd", pidfd_calls, NULL);
