/*
 * Random bytes of the kernel, by the bare system call. It keeps none in store.
 */
#include "random.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int random_fill(void *bytes, size_t length)
{
	long got = syscall(SYS_getrandom, bytes, length, 0);

	if (got < 0)
		return -errno;
	return (size_t)got == length ? 0 : -EIO;
}
