/*
 * Tries what the sandboxes must not allow, each attempt in a process of its own that has entered
 * the sandbox by the very function that the program uses. Prints a TAP line an attempt.
 */
#include "install.h"
#include "prober_sandbox.h"
#include "update_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
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

#define CALL_NUMBERS 600 /* beyond the last system call of any kernel so far */
#define HANG_S       5

/* Which of two calls glibc makes on this machine. */
#ifdef __NR_renameat
#define RENAMEAT "renameat"
#else
#define RENAMEAT "renameat2"
#endif
#ifdef __NR_epoll_wait
#define EPOLL_WAIT "epoll_wait"
#else
#define EPOLL_WAIT "epoll_pwait"
#endif

enum { ATTEMPT_ALLOWED = 0, ATTEMPT_DENIED = 100, ATTEMPT_NOT_ENTERED = 101 };

struct program {
	const char *name;
	int (*enter)(void);
	const char *const *calls; /* that survive with every argument -1, ended by NULL */
	const char *const *more;  /* likewise, or NULL */
};

static unsigned failures;
static pid_t stranger; /* to be signalled or traced; it must survive */
static int output_dir, pid_dir, proc_dir;

static int prober_enter(void)
{
	return prober_sandbox_enter(false, false, -1, false);
}

static int metrics_enter(void)
{
	return prober_sandbox_enter(false, false, output_dir, false);
}

static int watcher_enter(void)
{
	return prober_sandbox_enter(false, false, -1, true);
}

static int updater_enter(void)
{
	return update_sandbox_enter(&(struct update_sandbox){
		.output_fd = output_dir,
		.metrics_fd = output_dir,
		.pid_fd = pid_dir,
		.proc_fd = proc_dir,
		.allow_fd = pid_dir,
		.verify_fd = STDIN_FILENO,
	});
}

static int denied(long result)
{
	if (result >= 0)
		return ATTEMPT_ALLOWED;
	return errno == EACCES || errno == EPERM ? ATTEMPT_DENIED : ATTEMPT_ALLOWED;
}

static int try_execve(void)
{
	char *const argv[] = {(char *)(uintptr_t) "true", NULL};

	return denied(execv("/bin/true", argv));
}

static int try_fork(void)
{
	return denied(fork());
}

static int try_write_elsewhere(void)
{
	return denied(open("/tmp/nat64health-escape", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

static int try_read_elsewhere(void)
{
	return denied(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static int try_write_device(void)
{
	return denied(openat(AT_FDCWD, "/dev/null", O_WRONLY | O_CLOEXEC));
}

static int try_socket_inet(void)
{
	return denied(socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_unix(void)
{
	return denied(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_netlink(void)
{
	return denied(socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_packet(void)
{
	return denied(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int try_socket_inet6_raw(void)
{
	return denied(socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMPV6));
}

static int try_listen(void)
{
	return denied(syscall(SYS_listen, 3, 1));
}

static int try_bind(void)
{
	return denied(syscall(SYS_bind, 3, NULL, 0));
}

static int try_ptrace(void)
{
	return denied(ptrace(PTRACE_ATTACH, stranger, NULL, NULL));
}

static int try_read_memory(void)
{
	return denied(syscall(SYS_process_vm_readv, stranger, NULL, 0, NULL, 0, 0));
}

static int try_kill_hup(void)
{
	return denied(kill(stranger, SIGHUP));
}

static int try_kill_term(void)
{
	return denied(kill(stranger, SIGTERM));
}

static int try_pidfd_term(void)
{
	return denied(syscall(SYS_pidfd_send_signal, 3, SIGTERM, NULL, 0));
}

static int try_pidfd_kill(void)
{
	return denied(syscall(SYS_pidfd_send_signal, 3, SIGKILL, NULL, 0));
}

static int try_executable_memory(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
	               -1, 0);

	return denied(p == MAP_FAILED ? -1 : 0);
}

static int try_make_executable(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return denied(syscall(SYS_mprotect, page, 4096, PROT_READ | PROT_EXEC));
}

static int try_setuid(void)
{
	return denied(setuid(0));
}

static int try_io_uring(void)
{
	return denied(syscall(SYS_io_uring_setup, 1, NULL));
}

/* With flags that its seccomp list allows: here Landlock is what refuses. */
static int try_read_outside(void)
{
	return denied(open("/etc/passwd", INSTALL_READ_FLAGS));
}

static int try_create_outside(void)
{
	return denied(open("/tmp/nat64health-escape", ATOMIC_FILE_TEMP_FLAGS, 0600));
}

/* As metrics are written; of no program's attempts, since it must survive. */
static int try_replace(void)
{
	static struct log_problem problem;
	const struct atomic_file file = {
		.name = "metrics", .temp = ".metrics.tmp", .dir_fd = output_dir};

	return atomic_file_write(&file, "", 0, false, &problem) == 0 ? ATTEMPT_ALLOWED : ATTEMPT_DENIED;
}

static int try_read_back(void)
{
	return denied(openat(output_dir, "metrics", O_RDONLY | O_CLOEXEC));
}

static int try_open_again(void)
{
	return denied(openat(output_dir, "metrics", O_WRONLY | O_CLOEXEC));
}

static int try_make_executable_file(void)
{
	return denied(openat(output_dir, "program", ATOMIC_FILE_TEMP_FLAGS, 0700));
}

static int try_fchmod_suid(void)
{
	return denied(fchmod(output_dir, 04755));
}

/* Puts a byte into the terminal's input, as if it had been typed. */
static int try_type(void)
{
	char byte = 'x';

	return denied(ioctl(STDOUT_FILENO, TIOCSTI, &byte));
}

static int try_take_terminal(void)
{
	return denied(ioctl(STDOUT_FILENO, TIOCSCTTY, 0));
}

static int try_ask_other_descriptor(void)
{
	struct winsize size;

	return denied(ioctl(STDERR_FILENO, TIOCGWINSZ, &size));
}

/* Whether standard output is a terminal here or not: these calls must not be the end. */
static int use_terminal(void)
{
	struct winsize size;
	struct termios modes = {0};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	tcgetattr(STDOUT_FILENO, &modes);
	tcsetattr(STDOUT_FILENO, TCSANOW, &modes);
	return ATTEMPT_ALLOWED;
}

static int try_unshare(void)
{
	return denied(syscall(SYS_unshare, 0));
}

/* Ends the attempt's process as its outcome says. */
static void attempt_child(const struct program *program, int (*attempt)(void))
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(HANG_S);
	if (program->enter() < 0)
		_exit(ATTEMPT_NOT_ENTERED);
	_exit(attempt());
}

static void report(bool ok, const char *program, const char *what, const char *how)
{
	printf("%s - %s: %s%s%s\n", ok ? "ok" : "not ok", program, what, ok ? "" : ": ",
	       ok ? "" : how);
	failures += !ok;
}

/* The wait status of an attempt in a process of its own. */
static int attempt_run(const struct program *program, int (*attempt)(void))
{
	int status;

	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		attempt_child(program, attempt);
	waitpid(pid, &status, 0);
	return status;
}

static void status_report(bool ok, const struct program *program, const char *what, int status)
{
	char how[64];

	snprintf(how, sizeof(how), "wait status 0x%x", (unsigned)status);
	report(ok, program->name, what, how);
}

static void attempt_check(const struct program *program, const char *what, int (*attempt)(void))
{
	int status = attempt_run(program, attempt);
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	bool refused = WIFEXITED(status) && WEXITSTATUS(status) == ATTEMPT_DENIED;

	status_report(killed || refused, program, what, status);
}

/* The opposite: what the program lives by must go on working. */
static void need_check(const struct program *program, const char *what, int (*need)(void))
{
	int status = attempt_run(program, need);

	status_report(WIFEXITED(status) && WEXITSTATUS(status) == ATTEMPT_ALLOWED, program, what,
	              status);
}

/* True if the call with every argument -1 is not fatal by the filter. */
static bool call_survives(const struct program *program, int nr)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (program->enter() < 0)
			_exit(ATTEMPT_NOT_ENTERED);
		syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L);
		_exit(ATTEMPT_ALLOWED);
	}
	waitpid(pid, &status, 0);
	return !(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) &&
	       !(WIFEXITED(status) && WEXITSTATUS(status) == ATTEMPT_NOT_ENTERED);
}

/* Linux lets these pass every filter: they do nothing but return from a probe that it has set. */
static bool is_exempt(int nr)
{
#ifdef __x86_64__
	return nr == 335 || nr == 336; /* uretprobe, uprobe */
#else
	(void)nr;
	return false;
#endif
}

static bool is_listed(const char *const *calls, int nr)
{
	for (; calls && *calls; calls++) {
		if (seccomp_syscall_resolve_name(*calls) == nr)
			return true;
	}
	return false;
}

/* Every number there is: only the listed calls survive, and all of them do. */
static void every_call_check(const struct program *program)
{
	char wrong[512] = "";
	size_t used = 0;

	fflush(stdout);
	for (int nr = 0; nr < CALL_NUMBERS; nr++) {
		bool survives = call_survives(program, nr);
		bool listed = is_listed(program->calls, nr) || is_listed(program->more, nr);
		if (survives == listed || is_exempt(nr) || used >= sizeof(wrong) - 64)
			continue;
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
		used += (size_t)snprintf(wrong + used, sizeof(wrong) - used, " %s (%d) %s",
		                         name ? name : "unknown", nr,
		                         survives ? "survives" : "is fatal");
		free(name);
	}
	report(used == 0, program->name, "only the listed calls of all numbers survive", wrong);
}

static void attempts_run(const struct program *p)
{
	attempt_check(p, "execve ends it", try_execve);
	attempt_check(p, "fork ends it", try_fork);
	attempt_check(p, "writing a file elsewhere ends it", try_write_elsewhere);
	attempt_check(p, "reading a file elsewhere ends it", try_read_elsewhere);
	attempt_check(p, "writing a device ends it", try_write_device);
	attempt_check(p, "an IPv4 socket ends it", try_socket_inet);
	attempt_check(p, "a stream to a local program ends it", try_socket_unix);
	attempt_check(p, "a netlink socket ends it", try_socket_netlink);
	attempt_check(p, "a packet socket ends it", try_socket_packet);
	attempt_check(p, "a raw IPv6 socket ends it", try_socket_inet6_raw);
	attempt_check(p, "listening ends it", try_listen);
	attempt_check(p, "binding without a source address ends it", try_bind);
	attempt_check(p, "ptrace ends it", try_ptrace);
	attempt_check(p, "reading another's memory ends it", try_read_memory);
	attempt_check(p, "kill with HUP ends it", try_kill_hup);
	attempt_check(p, "kill with TERM ends it", try_kill_term);
	attempt_check(p, "TERM through a pidfd ends it", try_pidfd_term);
	attempt_check(p, "KILL through a pidfd ends it", try_pidfd_kill);
	attempt_check(p, "executable memory ends it", try_executable_memory);
	attempt_check(p, "making memory executable ends it", try_make_executable);
	attempt_check(p, "setuid ends it", try_setuid);
	attempt_check(p, "io_uring ends it", try_io_uring);
	attempt_check(p, "unshare ends it", try_unshare);
	attempt_check(p, "typing into the terminal ends it", try_type);
	attempt_check(p, "taking the terminal ends it", try_take_terminal);
	attempt_check(p, "asking another descriptor for its size ends it",
	              try_ask_other_descriptor);
	every_call_check(p);
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

int main(int argc, char **argv)
{
	/* Calls whose arguments are checked (socket, mmap, ...) are fatal with -1, as they should
	 * be. */
	static const char *const prober_calls[] = {
		"connect",   "sendto",        "recvfrom", "getrandom",  EPOLL_WAIT,
		"epoll_ctl", "clock_gettime", "write",    "recvmsg",    "read",
		"lseek",     "newfstatat",    "fstat",    "close",      "brk",
		"munmap",    "mremap",        "sysinfo",  "exit_group", NULL};
	static const char *const updater_calls[] = {
		"ppoll", "rt_sigreturn", "clock_gettime", "read",       "write",
		"close", "exit_group",   "newfstatat",    "fstat",      "geteuid",
		"fsync", RENAMEAT,       "unlinkat",      "pidfd_open", "getrandom",
		"lseek", "brk",          "munmap",        "mremap",     "sysinfo",
		NULL};
	static const char *const metrics_calls[] = {RENAMEAT, "unlinkat", NULL};
	static const struct program prober = {"prober", prober_enter, prober_calls, NULL};
	static const struct program watcher = {"prober --watch", watcher_enter, prober_calls, NULL};
	static const struct program metrics = {"prober with metrics", metrics_enter, prober_calls,
	                                       metrics_calls};
	static const struct program updater = {"updater", updater_enter, updater_calls, NULL};

	if (argc != 2) {
		fprintf(stderr, "usage: attempts DIRECTORY\n");
		return 1;
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
	attempts_run(&prober);
	attempts_run(&metrics);
	attempt_check(&metrics, "reading the metrics back ends it", try_read_back);
	attempt_check(&metrics, "writing into a file that is there ends it", try_open_again);
	attempt_check(&metrics, "creating an executable ends it", try_make_executable_file);
	attempt_check(&metrics, "making a file set-user-id ends it", try_fchmod_suid);
	need_check(&metrics, "metrics can be replaced", try_replace);
	attempt_check(&prober, "replacing a file ends it", try_replace);
	attempts_run(&watcher);
	need_check(&watcher, "it may ask for the terminal's size and modes, and set them",
	           use_terminal);
	attempts_run(&updater);
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0) {
		attempt_check(&updater, "a file outside cannot be read", try_read_outside);
		attempt_check(&updater, "no file can be created outside", try_create_outside);
		attempt_check(&metrics, "no file can be created outside", try_create_outside);
	} else {
		printf("ok - updater: files outside # SKIP no Landlock in this kernel\n");
	}
	report(waitpid(stranger, NULL, WNOHANG) == 0, "stranger", "survives all attempts",
	       "it died");
	kill(stranger, SIGKILL);
	return failures == 0 ? 0 : 1;
}
