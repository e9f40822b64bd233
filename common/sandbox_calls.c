/*
 * System calls by purpose. C libraries and machines differ in the variant that they make: 64-bit
 * time on 32-bit machines, the newer call where a machine never had the older one. No #ifdef:
 * libseccomp leaves out what a machine has not.
 */
#include "sandbox_calls.h"

#include "atomic_file.h"
#include "random.h"

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

/* clang-format off */
#define PURPOSE SANDBOX_PURPOSE
#define CALL    SANDBOX_CALL
#define IF      SANDBOX_IF
#define BOTH    SANDBOX_BOTH

/* A purpose with how it is tried. */
#define TRIED(variable, words, attempt, ...)                                                \
	SANDBOX_TRY(variable, attempt) PURPOSE(variable, words, try_##variable, __VA_ARGS__)

#define NO_FD (-1) /* for what must fail, but not for want of the call */

static char byte;
static struct stat st;
static struct timespec now;
static struct epoll_event event;

/* --- to allow ------------------------------------------------------------------------------ */

/* A clock that the vDSO does not know: on some machines it knows none. */
TRIED(sandbox_clock, "tell the time", clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now),
	CALL(clock_gettime), CALL(clock_gettime64), CALL(gettimeofday));

TRIED(sandbox_random, "draw a random number", random_fill(&byte, 1), CALL(getrandom));

/* restart_syscall is what the kernel makes of a wait that was stopped and continued. */
TRIED(sandbox_poll, "wait by poll",
	BOTH(poll(NULL, 0, 0), ppoll(NULL, 0, &(struct timespec){0}, NULL)),
	CALL(poll), CALL(ppoll), CALL(ppoll_time64), CALL(restart_syscall));

TRIED(sandbox_epoll, "wait by epoll",
	BOTH(epoll_wait(NO_FD, &event, 1, 0), epoll_ctl(NO_FD, EPOLL_CTL_DEL, NO_FD, NULL)),
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_ctl));

TRIED(sandbox_read, "read", read(NO_FD, &byte, 1), CALL(read));

TRIED(sandbox_write, "write", write(NO_FD, &byte, 1), CALL(write), CALL(writev));

/* send() is a call of its own on some machines; with no address, sendto() is the same on all. */
TRIED(sandbox_send, "send to a connected socket", sendto(NO_FD, &byte, 1, MSG_NOSIGNAL, NULL, 0),
	IF(sendto, SANDBOX_NULL(4), SANDBOX_INT(5, 0)), CALL(send));

TRIED(sandbox_receive, "receive", recvfrom(NO_FD, &byte, 1, 0, NULL, NULL),
	CALL(recvfrom), CALL(recv));

TRIED(sandbox_close, "close", close(NO_FD), CALL(close));

/* By path or descriptor: it is Landlock that guards what is in files. */
TRIED(sandbox_stat, "look at a file", BOTH(fstat(STDERR_FILENO, &st), stat("/", &st)),
	CALL(fstat), CALL(fstat64), CALL(newfstatat), CALL(fstatat64),
	CALL(stat), CALL(stat64), CALL(statx));

PURPOSE(sandbox_exit, "end", NULL, CALL(exit_group));

/* --- a file is replaced; O_LARGEFILE is what a C library may add --------------------------- */

TRIED(sandbox_create, "create a file",
	openat(NO_FD, "x", ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE),
	IF(openat, SANDBOX_INT_BUT(2, O_LARGEFILE, ATOMIC_FILE_TEMP_FLAGS),
	   SANDBOX_INT(3, ATOMIC_FILE_TEMP_MODE)));

/* Not tried: with no valid descriptor, musl asks whether it is one, by a call of another kind. */
PURPOSE(sandbox_mode, "set a file's mode", NULL, IF(fchmod, SANDBOX_INT(1, ATOMIC_FILE_MODE)));

TRIED(sandbox_rename, "rename a file", renameat(NO_FD, "x", NO_FD, "y"),
	CALL(renameat), IF(renameat2, SANDBOX_INT(4, 0)));

TRIED(sandbox_remove, "remove a file", unlinkat(NO_FD, "x", 0), IF(unlinkat, SANDBOX_INT(2, 0)));

TRIED(sandbox_sync, "sync a file", fsync(NO_FD), CALL(fsync));

/* --- to kill at ---------------------------------------------------------------------------- */

#define EXECUTABLE SANDBOX_BITS(2, PROT_EXEC, PROT_EXEC)

PURPOSE(sandbox_attack, "attack", NULL,
	/* programs and processes */
	CALL(execve), CALL(execveat), CALL(fork), CALL(vfork), CALL(clone), CALL(clone3),
	/* other processes; a pidfd's flags are for whole groups of them */
	CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(pidfd_getfd),
	CALL(kill), CALL(tkill), CALL(tgkill), CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo),
	IF(pidfd_send_signal, SANDBOX_NOT(1, SIGHUP)), IF(pidfd_send_signal, SANDBOX_NOT(3, 0)),
	/* executable memory */
	IF(mmap, EXECUTABLE), IF(mmap2, EXECUTABLE), IF(mprotect, EXECUTABLE),
	IF(pkey_mprotect, EXECUTABLE), CALL(memfd_create), CALL(personality),
	/* sockets: other peers than the connected one, and descriptors passed on */
	IF(sendto, SANDBOX_NOT(4, 0)), CALL(sendmsg), CALL(sendmmsg), CALL(socketpair),
	CALL(listen), CALL(accept), CALL(accept4),
	/* mounts and namespaces */
	CALL(mount), CALL(umount), CALL(umount2), CALL(pivot_root), CALL(chroot),
	CALL(open_tree), CALL(move_mount), CALL(fsopen), CALL(fsconfig), CALL(fsmount),
	CALL(fspick), CALL(unshare), CALL(setns),
	/* files by other ways, and other owners */
	CALL(open_by_handle_at), CALL(mknod), CALL(mknodat), CALL(link), CALL(linkat),
	CALL(symlink), CALL(symlinkat), CALL(chown), CALL(lchown), CALL(fchown), CALL(fchownat),
	CALL(chown32), CALL(lchown32), CALL(fchown32),
	/* other identities */
	CALL(setuid), CALL(setgid), CALL(setreuid), CALL(setregid), CALL(setresuid),
	CALL(setresgid), CALL(setgroups), CALL(capset), CALL(setuid32), CALL(setgid32),
	CALL(setreuid32), CALL(setregid32), CALL(setresuid32), CALL(setresgid32), CALL(setgroups32),
	/* large parts of the kernel */
	CALL(io_uring_setup), CALL(io_uring_enter), CALL(io_uring_register), CALL(io_setup),
	CALL(bpf), CALL(perf_event_open), CALL(userfaultfd), CALL(keyctl), CALL(add_key),
	CALL(request_key), CALL(init_module), CALL(finit_module), CALL(kexec_load),
	CALL(kexec_file_load), CALL(modify_ldt), CALL(iopl), CALL(ioperm));

PURPOSE(sandbox_attack_network, "open a socket", NULL,
	CALL(socket), CALL(connect), CALL(bind));

PURPOSE(sandbox_attack_bind, "bind", NULL, CALL(bind));

PURPOSE(sandbox_attack_pidfd, "signal by a pidfd", NULL,
	CALL(pidfd_open), CALL(pidfd_send_signal));
