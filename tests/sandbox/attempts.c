/*
 * Tries what the sandboxes must not allow, each attempt in a process of its own that has entered
 * the sandbox by the very function that the program uses. Prints a TAP line an attempt.
 *
 * usage: attempts DIRECTORY   runs all; DIRECTORY is where the programs may write
 *        attempts --list      prints each program's name, then its purposes, "NAME: CALL CALL"
 */
#include "atomic_file.h"
#include "install.h"
#include "path.h"
#include "prober_sandbox.h"
#include "sandbox_landlock.h"
#include "units.h"
#include "update_sandbox.h"
#include "writer_sandbox.h"

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
#include <termios.h>
#include <unistd.h>

#define CALL_NUMBERS 512 /* beyond the last system call of any kernel so far */
#define HANG_S       20
#define PROBED_PORT  53

enum { ATTEMPT_ALLOWED = 0, ATTEMPT_REFUSED = 100, ATTEMPT_NOT_ENTERED = 101 };

struct program {
	const char *name;
	int (*enter)(void);
	struct sandbox_list (*list)(void);
};

struct attempt {
	const char *what;
	int (*try)(void); /* returns one of the above */
};

static unsigned failures;
static pid_t stranger; /* to be signalled or traced; it must survive */
static int output_dir = -1, pid_dir = -1, proc_dir = -1;

/* --- the programs -------------------------------------------------------------------------- */

#define PROBED                                                                                     \
	.targets = {                                                                               \
		.lists = {{.method = &probe_tcp, .targets = {{.port = PROBED_PORT}}, .count = 1}}, \
		.methods = 1,                                                                      \
	}
static const struct options probes = {PROBED};
static const struct options bound_probes = {PROBED, .source = {.sin6_family = AF_INET6}};

static struct update_sandbox updates(void)
{
	return (struct update_sandbox){
		.output_fd = output_dir,
		.metrics_fd = output_dir,
		.pid_dir_fd = pid_dir,
		.proc_fd = proc_dir,
		.verify_fd = STDIN_FILENO,
	};
}

static int prober_enter(void)
{
	return prober_sandbox_enter(&probes);
}

static struct sandbox_list prober_list(void)
{
	return prober_sandbox_list(&probes);
}

static int prober_binds_enter(void)
{
	return prober_sandbox_enter(&bound_probes);
}

static struct sandbox_list prober_binds_list(void)
{
	return prober_sandbox_list(&bound_probes);
}

static int writer_enter(void)
{
	const struct writer_sandbox s = {output_dir, output_dir};

	return writer_sandbox_enter(&s);
}

static int updater_enter(void)
{
	const struct update_sandbox s = updates();

	return update_sandbox_enter(&s);
}

static struct sandbox_list updater_list(void)
{
	const struct update_sandbox s = updates();

	return update_sandbox_list(&s);
}

enum { PROBER, PROBER_BINDS, WRITER, UPDATER };

static const struct program programs[] = {
	[PROBER] = {"prober", prober_enter, prober_list},
	[PROBER_BINDS] = {"prober with a source", prober_binds_enter, prober_binds_list},
	[WRITER] = {"writer", writer_enter, writer_sandbox_list},
	[UPDATER] = {"updater", updater_enter, updater_list},
};

/* --- what kills ---------------------------------------------------------------------------- */

static int outcome(long result)
{
	if (result >= 0)
		return ATTEMPT_ALLOWED;
	return errno == EACCES || errno == EPERM || errno == ENOSYS ? ATTEMPT_REFUSED
	                                                            : ATTEMPT_ALLOWED;
}

static int try_execve(void)
{
	char *const argv[] = {(char *)(uintptr_t) "true", NULL};

	return outcome(execv("/bin/true", argv));
}

static int try_fork(void)
{
	return outcome(fork());
}

static int try_socket_inet(void)
{
	return outcome(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_unix(void)
{
	return outcome(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_netlink(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_packet(void)
{
	return outcome(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_inet6_raw(void)
{
	return outcome(socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6));
}

static int try_listen(void)
{
	return outcome(syscall(SYS_listen, 3, 1));
}

static int try_sendto_another(void)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(9)};

	return outcome(sendto(STDIN_FILENO, "", 1, 0, (struct sockaddr *)&to, sizeof(to)));
}

static int try_sendmsg(void)
{
	struct msghdr message = {0};

	return outcome(sendmsg(STDIN_FILENO, &message, 0));
}

static int try_ptrace(void)
{
	return outcome(ptrace(PTRACE_ATTACH, stranger, NULL, NULL));
}

static int try_read_memory(void)
{
	return outcome(syscall(SYS_process_vm_readv, stranger, NULL, 0, NULL, 0, 0));
}

static int try_kill_hup(void)
{
	return outcome(kill(stranger, SIGHUP));
}

static int try_kill_term(void)
{
	return outcome(kill(stranger, SIGTERM));
}

static int try_pidfd_term(void)
{
	return outcome(syscall(SYS_pidfd_send_signal, 3, SIGTERM, NULL, 0));
}

static int try_pidfd_group(void)
{
	return outcome(syscall(SYS_pidfd_send_signal, 3, SIGHUP, NULL, 4));
}

static int try_executable_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	               -1, 0);

	return outcome(p == MAP_FAILED ? -1 : 0);
}

static int try_make_executable(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return outcome(syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC));
}

static int try_setuid(void)
{
	return outcome(setuid(0));
}

static int try_io_uring(void)
{
	return outcome(syscall(SYS_io_uring_setup, 1, NULL));
}

static int try_unshare(void)
{
	return outcome(syscall(SYS_unshare, 0));
}

static int try_mount(void)
{
	return outcome(syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL));
}

#ifdef __x86_64__
/* getpid() by the numbers of another kind of program, x32. */
static int try_other_kind(void)
{
	return outcome(syscall(0x40000000L + SYS_getpid));
}
#endif

static const struct attempt deadly[] = {
#ifdef __x86_64__
	{"a call of another kind of program", try_other_kind},
#endif
	{"running a program", try_execve},
	{"forking", try_fork},
	{"an IPv4 socket", try_socket_inet},
	{"a stream to a local program", try_socket_unix},
	{"a netlink socket", try_socket_netlink},
	{"a packet socket", try_socket_packet},
	{"a raw IPv6 socket", try_socket_inet6_raw},
	{"listening", try_listen},
	{"sending to another address", try_sendto_another},
	{"passing descriptors on", try_sendmsg},
	{"ptrace", try_ptrace},
	{"reading another's memory", try_read_memory},
	{"kill with HUP", try_kill_hup},
	{"kill with TERM", try_kill_term},
	{"TERM through a pidfd", try_pidfd_term},
	{"HUP to a process group", try_pidfd_group},
	{"executable memory", try_executable_memory},
	{"making memory executable", try_make_executable},
	{"setuid", try_setuid},
	{"io_uring", try_io_uring},
	{"unshare", try_unshare},
	{"mount", try_mount},
};

/* --- what is refused ----------------------------------------------------------------------- */

static int try_write_elsewhere(void)
{
	return outcome(open("/tmp/nat64health-escape", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int try_read_elsewhere(void)
{
	return outcome(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int try_write_device(void)
{
	return outcome(openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC));
}

static int try_write_in_place(void)
{
	return outcome(openat(output_dir, "there", O_WRONLY | O_CLOEXEC));
}

static int try_create_executable(void)
{
	return outcome(openat(output_dir, "program", ATOMIC_FILE_TEMP_FLAGS, 0700));
}

static int try_make_suid(void)
{
	return outcome(fchmod(output_dir, 04755));
}

static int try_exchange(void)
{
	return outcome(syscall(SYS_renameat2, output_dir, "there", output_dir, "key", 2));
}

/* Puts a byte into the terminal's input, as if it had been typed. */
static int try_type(void)
{
	char byte = 'x';

	return outcome(ioctl(STDOUT_FILENO, TIOCSTI, &byte));
}

static int try_turn_option(void)
{
	int on = 1;

	return outcome(setsockopt(STDIN_FILENO, SOL_SOCKET, SO_DEBUG, &on, sizeof(on)));
}

static const struct attempt refused[] = {
	{"writing a file elsewhere", try_write_elsewhere},
	{"reading a file elsewhere", try_read_elsewhere},
	{"writing a device", try_write_device},
	{"writing into a file that is there", try_write_in_place},
	{"creating an executable", try_create_executable},
	{"making a file set-user-id", try_make_suid},
	{"exchanging two files", try_exchange},
	{"typing into the terminal", try_type},
	{"another option of a socket", try_turn_option},
};

/* With flags that the seccomp lists allow: here Landlock is what refuses. */
static int try_read_outside(void)
{
	return outcome(open("/etc/passwd", PATH_READ_FLAGS));
}

static int try_read_key(void)
{
	return outcome(openat(output_dir, "key", PATH_READ_FLAGS));
}

static int try_create_outside(void)
{
	return outcome(open("/tmp/nat64health-escape", ATOMIC_FILE_TEMP_FLAGS, 0600));
}

static int connect_to(in_port_t port)
{
	struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	to.sin6_addr = in6addr_loopback;
	return outcome(connect(fd, (struct sockaddr *)&to, sizeof(to)));
}

static int try_connect_elsewhere(void)
{
	return connect_to(PROBED_PORT + 900);
}

/* --- what must go on working --------------------------------------------------------------- */

static int use_replace(void)
{
	int fd = openat(output_dir, "new", ATOMIC_FILE_TEMP_FLAGS, ATOMIC_FILE_TEMP_MODE);

	if (fd < 0 || write(fd, "x", 1) != 1 || fchmod(fd, ATOMIC_FILE_MODE) != 0 ||
	    renameat(output_dir, "new", output_dir, "there") != 0)
		return ATTEMPT_REFUSED;
	return ATTEMPT_ALLOWED;
}

static int use_connect(void)
{
	return connect_to(PROBED_PORT);
}

static int bind_to(in_port_t port)
{
	struct sockaddr_in6 from = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	return outcome(bind(fd, (struct sockaddr *)&from, sizeof(from)));
}

static int use_bind(void)
{
	return bind_to(0);
}

static int try_bind_port(void)
{
	return bind_to(PROBED_PORT + 9000);
}

/* --- how it is tried ----------------------------------------------------------------------- */

static void report(bool ok, const char *program, const char *what, const char *how)
{
	printf("%s - %s: %s%s%s\n", ok ? "ok" : "not ok", program, what, ok ? "" : ": ",
	       ok ? "" : how);
	failures += !ok;
}

/* The wait status of an attempt in a process of its own. */
static int attempt_run(const struct program *program, int (*try)(void))
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(HANG_S);
		_exit(program->enter() < 0 ? ATTEMPT_NOT_ENTERED : try());
	}
	waitpid(pid, &status, 0);
	return status;
}

static bool is_killed(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void attempt_check(const struct program *program, const struct attempt *attempt,
                          const char *how, bool dies)
{
	int status = attempt_run(program, attempt->try);
	char what[128], seen[64];

	snprintf(what, sizeof(what), "%s %s", attempt->what, how);
	snprintf(seen, sizeof(seen), "wait status 0x%x", (unsigned)status);
	report(dies ? is_killed(status)
	            : WIFEXITED(status) && WEXITSTATUS(status) == ATTEMPT_REFUSED,
	       program->name, what, seen);
}

static void use_check(const struct program *program, const char *what, int (*use)(void))
{
	int status = attempt_run(program, use);
	char seen[64];

	snprintf(seen, sizeof(seen), "wait status 0x%x", (unsigned)status);
	report(WIFEXITED(status) && WEXITSTATUS(status) == ATTEMPT_ALLOWED, program->name, what,
	       seen);
}

/* --- every number -------------------------------------------------------------------------- */

enum verdict { VERDICT_UNLISTED, VERDICT_ALLOWED, VERDICT_CONDITIONAL, VERDICT_KILLED };

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
static enum verdict list_verdict(const struct sandbox_list *list, int nr)
{
	const struct sandbox_call *call;

	for (size_t i = 0; i < COUNT(list->killed); i++) {
		if (call_find(list->killed[i], nr))
			return VERDICT_KILLED;
	}
	for (size_t i = 0; i < COUNT(list->allowed); i++) {
		if ((call = call_find(list->allowed[i], nr)))
			return call->arg_count == 0 ? VERDICT_ALLOWED : VERDICT_CONDITIONAL;
	}
	return VERDICT_UNLISTED;
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

static int call_nr; /* what call_make() calls */

static int call_make(void)
{
	syscall(call_nr, -1L, -1L, -1L, -1L, -1L, -1L);
	return ATTEMPT_ALLOWED;
}

static struct sandbox_list current;

/* All that are in neither filter, one after the other: none ends the process, and none is done. */
static int unlisted_make(void)
{
	for (int nr = 0; nr < CALL_NUMBERS; nr++) {
		if (list_verdict(&current, nr) != VERDICT_UNLISTED || is_exempt(nr))
			continue;
		if (syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != ENOSYS)
			return ATTEMPT_REFUSED;
	}
	return ATTEMPT_ALLOWED;
}

/* Makes those calls with each argument -1 that are tried; only those that are to survive do. */
static void numbers_check(const struct program *program, const char *what,
                          bool (*is_tried)(enum verdict verdict),
                          bool (*survives)(enum verdict verdict))
{
	char wrong[512] = "";
	size_t used = 0;

	for (call_nr = 0; call_nr < CALL_NUMBERS; call_nr++) {
		enum verdict verdict = list_verdict(&current, call_nr);
		if (!is_tried(verdict) || is_exempt(call_nr) || used >= sizeof(wrong) - 64)
			continue;
		int status = attempt_run(program, call_make);
		if (survives(verdict) != is_killed(status))
			continue;
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call_nr);
		used += (size_t)snprintf(wrong + used, sizeof(wrong) - used, " %s (%d) 0x%x",
		                         name ? name : "unknown", call_nr, (unsigned)status);
		free(name);
	}
	report(used == 0, program->name, what, wrong);
}

static bool is_attack(enum verdict verdict)
{
	return verdict == VERDICT_KILLED;
}

static bool is_allowed(enum verdict verdict)
{
	return verdict == VERDICT_ALLOWED;
}

static bool any(enum verdict verdict)
{
	(void)verdict;
	return true;
}

static bool none(enum verdict verdict)
{
	(void)verdict;
	return false;
}

/* --- all of it ----------------------------------------------------------------------------- */

static void program_check(const struct program *program)
{
	for (size_t i = 0; i < COUNT(deadly); i++)
		attempt_check(program, &deadly[i], "ends it", true);
	for (size_t i = 0; i < COUNT(refused); i++)
		attempt_check(program, &refused[i], "is refused", false);
	current = program->list();
	use_check(program, "calls of no list fail, and do not end it", unlisted_make);
	numbers_check(program, "each call that only an attacker makes ends it", is_attack, none);
	sandbox_strict = true;
	numbers_check(program, "in tests, of all calls, those of no list end it", any, is_allowed);
	sandbox_strict = false;
}

static void landlock_check(void)
{
	static const struct attempt reads = {"reading a file outside", try_read_outside};
	static const struct attempt keys = {"reading a key beside the output", try_read_key};
	static const struct attempt creates = {"creating a file outside", try_create_outside};
	static const struct attempt binds = {"binding TCP to a port", try_bind_port};
	static const struct attempt connects = {"TCP to another port", try_connect_elsewhere};
	int abi = sandbox_landlock_abi();

	if (abi < 1) {
		printf("ok - files outside # SKIP no Landlock in this kernel\n");
		return;
	}
	attempt_check(&programs[UPDATER], &reads, "is refused", false);
	attempt_check(&programs[UPDATER], &keys, "is refused", false);
	attempt_check(&programs[UPDATER], &creates, "is refused", false);
	attempt_check(&programs[WRITER], &creates, "is refused", false);
	if (abi < 4) {
		printf("ok - TCP to another port # SKIP Landlock ABI %d knows no ports\n", abi);
		return;
	}
	attempt_check(&programs[PROBER], &connects, "is refused", false);
	attempt_check(&programs[PROBER_BINDS], &binds, "is refused", false);
}

static int directory_open(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

static void list_print(const struct program *program)
{
	const struct sandbox_list list = program->list();

	printf("%s\n", program->name);
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
	if (argc != 2) {
		fprintf(stderr, "usage: attempts DIRECTORY | --list\n");
		return 1;
	}
	if (strcmp(argv[1], "--list") == 0) {
		output_dir = pid_dir = proc_dir = STDIN_FILENO;
		for (size_t i = 0; i < COUNT(programs); i++)
			list_print(&programs[i]);
		return 0;
	}
	output_dir = directory_open(argv[1]);
	pid_dir = directory_open("/run");
	proc_dir = directory_open("/proc");
	stranger = fork();
	if (stranger == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	for (size_t i = 0; i < COUNT(programs); i++)
		program_check(&programs[i]);
	use_check(&programs[WRITER], "a file can be replaced", use_replace);
	use_check(&programs[UPDATER], "a file can be replaced", use_replace);
	use_check(&programs[PROBER], "TCP to a target's port", use_connect);
	use_check(&programs[PROBER_BINDS], "TCP from a source address", use_bind);
	landlock_check();
	report(waitpid(stranger, NULL, WNOHANG) == 0, "stranger", "survives all attempts",
	       "it died");
	kill(stranger, SIGKILL);
	return failures == 0 ? 0 : 1;
}
