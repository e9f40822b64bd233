/*
 * Tries what the sandboxes must not allow, each attempt in a process of its own that has entered
 * the sandbox by the very function that the program uses. Prints a TAP line an attempt.
 *
 * usage: attempts DIRECTORY   runs all; DIRECTORY is where the programs may write
 *        attempts --list      prints each program's name, then its purposes, "NAME: CALL CALL"
 */
#include "atomic_file.h"
#include "path.h"
#include "prober_sandbox.h"
#include "sandbox_landlock.h"
#include "units.h"
#include "update_sandbox.h"
#include "writer_sandbox.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALL_NUMBERS 512 /* beyond the last system call of any kernel so far */
#define HANG_S       20
#define PROBED_PORT  53

#ifndef SYS_mmap
#define SYS_mmap SYS_mmap2
#endif

enum { OUTPUT_FD = 100, PID_DIR_FD, PROC_FD };
enum outcome { ALLOWED = 0, REFUSED = 100, NOT_ENTERED = 101, KILLED };

/* A system call, or what takes more than one. */
struct attempt {
	const char *what;
	long nr, args[6];
	enum outcome (*try)(void);
};

static unsigned failures;

/* --- the programs -------------------------------------------------------------------------- */

enum program { PROBER, PROBER_BINDS, WRITER, UPDATER, PROGRAMS };

static const char *const names[PROGRAMS] = {"prober", "prober with a source", "writer", "updater"};

#define PROBED                                                                                     \
	.targets = {                                                                               \
		.lists = {{.method = &probe_tcp, .targets = {{.port = PROBED_PORT}}, .count = 1}}, \
		.methods = 1,                                                                      \
	}
static const struct options probes = {PROBED};
static const struct options bound_probes = {PROBED, .source = {.sin6_family = AF_INET6}};
static const struct writer_sandbox writes = {OUTPUT_FD, OUTPUT_FD};
static const struct update_sandbox updates = {
	.output_fd = OUTPUT_FD,
	.metrics_fd = OUTPUT_FD,
	.pid_dir_fd = PID_DIR_FD,
	.proc_fd = PROC_FD,
	.verify_fd = STDIN_FILENO,
};

static int program_enter(enum program program)
{
	switch (program) {
	case PROBER:
		return prober_sandbox_enter(&probes);
	case PROBER_BINDS:
		return prober_sandbox_enter(&bound_probes);
	case WRITER:
		return writer_sandbox_enter(&writes);
	default:
		return update_sandbox_enter(&updates);
	}
}

static struct sandbox_list program_list(enum program program)
{
	switch (program) {
	case PROBER:
		return prober_sandbox_list(&probes);
	case PROBER_BINDS:
		return prober_sandbox_list(&bound_probes);
	case WRITER:
		return writer_sandbox_list();
	default:
		return update_sandbox_list(&updates);
	}
}

/* --- how it is tried ----------------------------------------------------------------------- */

static void report(bool ok, enum program program, const char *what, const char *how, int status)
{
	printf("%s - %s: %s %s", ok ? "ok" : "not ok", names[program], what, how);
	if (!ok)
		printf(": wait status 0x%x", (unsigned)status);
	printf("\n");
	failures += !ok;
}

static enum outcome outcome(long result)
{
	bool refused = result < 0 && (errno == EACCES || errno == EPERM || errno == ENOSYS);

	return refused ? REFUSED : ALLOWED;
}

/* The wait status of an attempt in a process of its own. */
static int attempt_run(enum program program, const struct attempt *a)
{
	const long *args = a->args;
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(HANG_S);
		if (program_enter(program) < 0)
			_exit(NOT_ENTERED);
		_exit((int)(a->try ? a->try()
		                   : outcome(syscall(a->nr, args[0], args[1], args[2], args[3],
		                                     args[4], args[5]))));
	}
	waitpid(pid, &status, 0);
	return status;
}

static bool is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void attempt_check(enum program program, const struct attempt *attempt, enum outcome wanted)
{
	const char *how = wanted == KILLED ? "ends it" : wanted == REFUSED ? "is refused" : "works";
	int status = attempt_run(program, attempt);
	bool ok = wanted == KILLED ? is_killed(status)
	                           : WIFEXITED(status) && WEXITSTATUS(status) == (int)wanted;

	report(ok, program, attempt->what, how, status);
}

/* --- single calls -------------------------------------------------------------------------- */

#define P(...)            ((long)(uintptr_t)(__VA_ARGS__))
#define CALL(number, ...) .nr = SYS_##number, .args = {__VA_ARGS__}
#define OPEN(path, flags) CALL(openat, AT_FDCWD, P(path), flags, 0600)
#define DATAGRAM          (SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC)
#define STREAM            (SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC)
#define RAW               (SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC)
#define ESCAPE            "/tmp/nat64health-escape"
#define PROT_ALL          (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ANYWHERE          (MAP_PRIVATE | MAP_ANONYMOUS)

/* The stranger must survive. */
static void deadly_check(enum program program, pid_t stranger)
{
	static char page[8192] __attribute__((aligned(4096)));
	static const struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = 9};
	static const struct msghdr message;
	const struct attempt attempts[] = {
#ifdef __x86_64__
		{"getpid() by its number of x32", .nr = 0x40000000L + SYS_getpid},
#endif
		{"running a program",
	         CALL(execve, P("/bin/true"), P((const char *[]){"true", NULL}))},
		{"forking", CALL(clone, SIGCHLD)},
		{"an IPv4 socket", CALL(socket, AF_INET, DATAGRAM)},
		{"a stream to a local program", CALL(socket, AF_UNIX, STREAM)},
		{"a netlink socket", CALL(socket, AF_NETLINK, RAW)},
		{"a packet socket", CALL(socket, AF_PACKET, RAW)},
		{"a raw IPv6 socket", CALL(socket, AF_INET6, RAW, IPPROTO_ICMPV6)},
		{"listening", CALL(listen, 3, 1)},
		{"sending to another address", CALL(sendto, 0, P(""), 1, 0, P(&to), sizeof(to))},
		{"passing descriptors on", CALL(sendmsg, STDIN_FILENO, P(&message))},
		{"ptrace", CALL(ptrace, PTRACE_ATTACH, stranger)},
		{"reading another's memory", CALL(process_vm_readv, stranger)},
		{"kill with HUP", CALL(kill, stranger, SIGHUP)},
		{"kill with TERM", CALL(kill, stranger, SIGTERM)},
		{"TERM through a pidfd", CALL(pidfd_send_signal, 3, SIGTERM)},
		{"HUP to a process group", CALL(pidfd_send_signal, 3, SIGHUP, 0, 4)},
		{"executable memory", CALL(mmap, 0, 4096, PROT_ALL, ANYWHERE, -1)},
		{"making memory executable", CALL(mprotect, P(page), 4096, PROT_EXEC)},
		{"setuid", CALL(setuid, 0)},
		{"io_uring", CALL(io_uring_setup, 1)},
		{"unshare", CALL(unshare, 0)},
		{"mount", CALL(mount, P("none"), P("/"), P("tmpfs"))},
	};

	for (size_t i = 0; i < COUNT(attempts); i++)
		attempt_check(program, &attempts[i], KILLED);
}

static void refused_check(enum program program)
{
	static const int on = 1;
	const struct attempt attempts[] = {
		{"writing a file elsewhere", OPEN(ESCAPE, O_WRONLY | O_CREAT | O_CLOEXEC)},
		{"reading a file elsewhere", OPEN("/etc/passwd", O_RDONLY | O_CLOEXEC)},
		{"writing a device", OPEN("/dev/null", O_WRONLY | O_CLOEXEC)},
		{"writing into a file that is there",
	         CALL(openat, OUTPUT_FD, P("there"), O_WRONLY | O_CLOEXEC)},
		{"creating an executable",
	         CALL(openat, OUTPUT_FD, P("program"), ATOMIC_FILE_TEMP_FLAGS, 0700)},
		{"making a file set-user-id", CALL(fchmod, OUTPUT_FD, 04755)},
		{"exchanging two files",
	         CALL(renameat2, OUTPUT_FD, P("there"), OUTPUT_FD, P("key"), 2)},
		/* as if the byte had been typed */
		{"typing into the terminal", CALL(ioctl, STDOUT_FILENO, TIOCSTI, P("x"))},
		{"another option of a socket",
	         CALL(setsockopt, 0, SOL_SOCKET, SO_DEBUG, P(&on), sizeof(on))},
	};

	for (size_t i = 0; i < COUNT(attempts); i++)
		attempt_check(program, &attempts[i], REFUSED);
}

/* --- what must go on working, and what only Landlock refuses --------------------------------- */

static enum outcome try_replace(void)
{
	int fd = openat(OUTPUT_FD, "new", ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE);

	if (fd < 0 || write(fd, "x", 1) != 1 || fchmod(fd, ATOMIC_FILE_MODE) != 0 ||
	    renameat(OUTPUT_FD, "new", OUTPUT_FD, "there") != 0)
		return REFUSED;
	return ALLOWED;
}

/* connect() or bind() */
static enum outcome tcp_to(int (*call)(int, const struct sockaddr *, socklen_t), in_port_t port)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, STREAM, 0);

	if (port != 0)
		address.sin6_addr = in6addr_loopback;
	return outcome(call(fd, (struct sockaddr *)&address, sizeof(address)));
}

static enum outcome try_connect(void)
{
	return tcp_to(connect, PROBED_PORT);
}

static enum outcome try_connect_elsewhere(void)
{
	return tcp_to(connect, PROBED_PORT + 900);
}

static enum outcome try_bind(void)
{
	return tcp_to(bind, 0);
}

static enum outcome try_bind_port(void)
{
	return tcp_to(bind, PROBED_PORT + 9000);
}

static void uses_check(void)
{
	static const struct attempt replace = {"replacing a file", .try = try_replace};
	static const struct attempt probe = {"TCP to a target's port", .try = try_connect};
	static const struct attempt bound = {"TCP from a source address", .try = try_bind};

	attempt_check(WRITER, &replace, ALLOWED);
	attempt_check(UPDATER, &replace, ALLOWED);
	attempt_check(PROBER, &probe, ALLOWED);
	attempt_check(PROBER_BINDS, &bound, ALLOWED);
}

/* With flags that the seccomp lists allow. */
static void landlock_check(void)
{
	const struct attempt read = {"reading a file outside",
	                             OPEN("/etc/passwd", PATH_READ_FLAGS)};
	const struct attempt key = {"reading a key beside the output",
	                            CALL(openat, OUTPUT_FD, P("key"), PATH_READ_FLAGS)};
	const struct attempt create = {"creating a file outside",
	                               OPEN(ESCAPE, ATOMIC_FILE_TEMP_FLAGS)};
	const struct attempt connects = {"TCP to another port", .try = try_connect_elsewhere};
	const struct attempt binds = {"binding TCP to a port", .try = try_bind_port};
	int abi = sandbox_landlock_abi();

	if (abi < 1) {
		printf("ok - files outside # SKIP no Landlock in this kernel\n");
		return;
	}
	attempt_check(UPDATER, &read, REFUSED);
	attempt_check(UPDATER, &key, REFUSED);
	attempt_check(UPDATER, &create, REFUSED);
	attempt_check(WRITER, &create, REFUSED);
	if (abi < 4) {
		printf("ok - TCP to another port # SKIP Landlock ABI %d knows no ports\n", abi);
		return;
	}
	attempt_check(PROBER, &connects, REFUSED);
	attempt_check(PROBER_BINDS, &binds, REFUSED);
}

/* --- every number -------------------------------------------------------------------------- */

enum listing { LISTING_UNLISTED, LISTING_ALLOWED, LISTING_CONDITIONAL, LISTING_KILLED };

static struct sandbox_list current;

/* The entry of a purpose that says most of a call; NULL if it has none. */
static const struct sandbox_call *call_find(const struct sandbox_purpose *purpose, int nr)
{
	const struct sandbox_call *found = NULL;

	for (size_t i = 0; purpose && i < purpose->count; i++) {
		if (purpose->calls[i].nr == nr && (!found || found->arg_count > 0))
			found = &purpose->calls[i];
	}
	return found;
}

/* What the list says of a call with each argument -1: as in an attack, and as no condition allows.
 */
static enum listing list_verdict(int nr)
{
	const struct sandbox_call *call;

	for (size_t i = 0; i < COUNT(current.killed); i++) {
		if (call_find(current.killed[i], nr))
			return LISTING_KILLED;
	}
	for (size_t i = 0; i < COUNT(current.allowed); i++) {
		if ((call = call_find(current.allowed[i], nr)))
			return call->arg_count == 0 ? LISTING_ALLOWED : LISTING_CONDITIONAL;
	}
	return LISTING_UNLISTED;
}

/* Linux lets these pass every filter: they do nothing but return from a probe that it has set. */
static bool is_exempt(int nr)
{
#ifdef __x86_64__
	return nr >= 335 && nr <= 336; /* uretprobe, uprobe */
#else
	(void)nr;
	return false;
#endif
}

/* All that are in neither filter, one after the other: none ends the process, and none is done. */
static enum outcome try_unlisted(void)
{
	for (int nr = 0; nr < CALL_NUMBERS; nr++) {
		if (list_verdict(nr) != LISTING_UNLISTED || is_exempt(nr))
			continue;
		if (syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != ENOSYS)
			return ALLOWED;
	}
	return REFUSED;
}

/* Makes all calls, or only the attacks, with each argument -1; only what is allowed survives. */
static void numbers_check(enum program program, bool all, const char *what)
{
	bool ok = true;

	for (int nr = 0; nr < CALL_NUMBERS; nr++) {
		struct attempt call = {"", .nr = nr, .args = {-1, -1, -1, -1, -1, -1}};
		enum listing verdict = list_verdict(nr);
		if ((!all && verdict != LISTING_KILLED) || is_exempt(nr))
			continue;
		int status = attempt_run(program, &call);
		if (is_killed(status) != (verdict == LISTING_ALLOWED))
			continue;
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
		report(false, program, name ? name : "a call without a name", what, status);
		free(name);
		ok = false;
	}
	if (ok)
		report(true, program, all ? "any other call" : "each attack", what, 0);
}

static void calls_check(enum program program)
{
	static const struct attempt unlisted = {"each call of no list", .try = try_unlisted};

	current = program_list(program);
	attempt_check(program, &unlisted, REFUSED);
	numbers_check(program, false, "ends it");
	sandbox_strict = true;
	numbers_check(program, true, "ends it in tests");
	sandbox_strict = false;
}

/* --- all of it ----------------------------------------------------------------------------- */

static void directory_open(const char *path, int at)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || dup3(fd, at, O_CLOEXEC) < 0)
		err(1, "cannot open %s", path);
	close(fd);
}

static void list_print(enum program program)
{
	const struct sandbox_list list = program_list(program);

	printf("%s\n", names[program]);
	for (size_t i = 0; i < COUNT(list.allowed); i++) {
		const struct sandbox_purpose *purpose = list.allowed[i];
		if (!purpose)
			continue;
		printf("%s:", purpose->name);
		for (size_t n = 0; n < purpose->count; n++)
			printf(" %s", purpose->calls[n].name);
		printf("\n");
	}
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(1, "usage: attempts DIRECTORY | --list");
	if (strcmp(argv[1], "--list") == 0) {
		for (enum program program = 0; program < PROGRAMS; program++)
			list_print(program);
		return 0;
	}
	directory_open(argv[1], OUTPUT_FD);
	directory_open("/run", PID_DIR_FD);
	directory_open("/proc", PROC_FD);
	pid_t stranger = fork();
	if (stranger == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	for (enum program program = 0; program < PROGRAMS; program++) {
		deadly_check(program, stranger);
		refused_check(program);
		calls_check(program);
	}
	uses_check();
	landlock_check();
	bool survived = waitpid(stranger, NULL, WNOHANG) == 0;
	printf("%s - the stranger survives all attempts\n", survived ? "ok" : "not ok");
	kill(stranger, SIGKILL);
	return failures == 0 && survived ? 0 : 1;
}
