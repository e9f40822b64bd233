/*
 * Linked into both programs of the coverage build only: takes down the walls between a sandboxed
 * process and the files that gcov writes its counts to, and lets those be written that do not end
 * by exit(). The definitions here stand before those of the libraries.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);

#define FILE_ENOUGH (1 << 20)

static long call(long number, long a, long b, long c, long d, long e, long f)
{
	static long (*next)(long, ...);

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a, b, c, d, e, f);
}

/* The calls are made, so that a test can have them fail, but with what the kernel does not take. */
long syscall(long number, ...)
{
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_seccomp && a[0] == SECCOMP_SET_MODE_FILTER && a[2] != 0)
		return call(number, a[0], a[1], 0, 0, 0, 0) == 0 || errno == EFAULT ? 0 : -1;
	if (number == SYS_landlock_restrict_self)
		return call(number, -1, 0, 0, 0, 0, 0) == 0 || errno == EBADF ? 0 : -1;
	return call(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* What a test's own limit would cut off must not be begun. */
static void end(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < FILE_ENOUGH)
		setenv("GCOV_PREFIX", "/nonexistent", 1);
}

_Noreturn void _exit(int status)
{
	end();
	__gcov_dump();
	for (;;)
		syscall(SYS_exit_group, (long)status);
}

/* The prober's end. */
static void ended(int number)
{
	end();
	__gcov_dump();
	signal(number, SIG_DFL);
	raise(number);
}

static void __attribute__((constructor)) begin(void)
{
	atexit(end);
	signal(SIGTERM, ended);
}
