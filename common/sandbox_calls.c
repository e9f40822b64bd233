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

#define NO_FD (-1) /* for what must fail, but not for want of the call */

static char byte;
static struct stat st;
static struct timespec now;
static struct epoll_event event;

/* --- to allow ------------------------------------------------------------------------------ */

/* A clock that the vDSO does not know: on some machines it knows none. */
SANDBOX_TRY(time, clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now))
PURPOSE(sandbox_clock, "tell the time", try_time,
	CALL(clock_gettime), CALL(clock_gettime64), CALL(gettimeofday));

SANDBOX_TRY(number, random_fill(&byte, 1))
PURPOSE(sandbox_random, "draw a random number", try_number, CALL(getrandom));

/* restart_syscall is what the kernel makes of a wait that was stopped and continued. */
SANDBOX_TRY_BOTH(poll, poll(NULL, 0, 0), ppoll(NULL, 0, &(struct timespec){0}, NULL))
PURPOSE(sandbox_poll, "wait by poll", try_poll,
	CALL(poll), CALL(ppoll), CALL(ppoll_time64), CALL(restart_syscall));

SANDBOX_TRY_BOTH(epoll, epoll_wait(NO_FD, &event, 1, 0),
		 epoll_ctl(NO_FD, EPOLL_CTL_DEL, NO_FD, NULL))
PURPOSE(sandbox_epoll, "wait by epoll", try_epoll,
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_ctl));

SANDBOX_TRY(read, read(NO_FD, &byte, 1))
PURPOSE(sandbox_read, "read", try_read, CALL(read));

SANDBOX_TRY(write, write(NO_FD, &byte, 1))
PURPOSE(sandbox_write, "write", try_write, CALL(write), CALL(writev));

/* send() is a call of its own on some machines; with no address, sendto() is the same on all. */
SANDBOX_TRY(send, sendto(NO_FD, &byte, 1, MSG_NOSIGNAL, NULL, 0))
PURPOSE(sandbox_send, "send to a connected socket", try_send,
	IF(sendto, SANDBOX_NULL(4), SANDBOX_INT(5, 0)), CALL(send));

SANDBOX_TRY(receive, recvfrom(NO_FD, &byte, 1, 0, NULL, NULL))
PURPOSE(sandbox_receive, "receive", try_receive, CALL(recvfrom), CALL(recv));

SANDBOX_TRY(close, close(NO_FD))
PURPOSE(sandbox_close, "close", try_close, CALL(close));

/* By path or descriptor: it is Landlock that guards what is in files. */
SANDBOX_TRY_BOTH(stat, fstat(STDERR_FILENO, &st), stat("/", &st))
PURPOSE(sandbox_stat, "look at a file", try_stat,
	CALL(fstat), CALL(fstat64), CALL(newfstatat), CALL(fstatat64),
	CALL(stat), CALL(stat64), CALL(statx));

PURPOSE(sandbox_exit, "end", NULL, CALL(exit_group));

/* --- a file is replaced; O_LARGEFILE is what a C library may add --------------------------- */

SANDBOX_TRY(create, openat(NO_FD, "x", ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE))
PURPOSE(sandbox_create, "create a file", try_create,
	IF(openat, SANDBOX_INT_BUT(2, O_LARGEFILE, ATOMIC_FILE_TEMP_FLAGS),
	   SANDBOX_INT(3, ATOMIC_FILE_TEMP_MODE)));

/* Not tried: with no valid descriptor, musl asks whether it is one, by a call of another kind. */
PURPOSE(sandbox_mode, "set a file's mode", NULL, IF(fchmod, SANDBOX_INT(1, ATOMIC_FILE_MODE)));

SANDBOX_TRY(rename, renameat(NO_FD, "x", NO_FD, "y"))
PURPOSE(sandbox_rename, "rename a file", try_rename,
	CALL(renameat), IF(renameat2, SANDBOX_INT(4, 0)));

SANDBOX_TRY(remove, unlinkat(NO_FD, "x", 0))
PURPOSE(sandbox_remove, "remove a file", try_remove, IF(unlinkat, SANDBOX_INT(2, 0)));

SANDBOX_TRY(sync, fsync(NO_FD))
PURPOSE(sandbox_sync, "sync a file", try_sync, CALL(fsync));

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
