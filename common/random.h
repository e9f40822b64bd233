/*
 * Random bytes of the kernel, by the bare system call: the C library's getrandom() may allocate
 * memory at its first call, which the sandbox does not allow.
 */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Fills bytes; 256 of them come whole and without waiting, random(7), and more are not to be asked
 * for. Returns 0, or a negative errno.
 */
static inline int random_fill(void *bytes, size_t length)
{
	return syscall(SYS_getrandom, bytes, length, 0) < 0 ? -errno : 0;
}
