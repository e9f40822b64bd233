/*
 * Random bytes of the kernel, by the bare system call: the C library's getrandom() may allocate
 * memory at its first call, which the sandbox does not allow.
 */
#ifndef NAT64HEALTH_RANDOM_H
#define NAT64HEALTH_RANDOM_H

#include <stddef.h>

#define RANDOM_MAX 256 /* bytes that come whole and without waiting, random(7) */

/* Fills bytes, at most RANDOM_MAX of them. Returns 0, or a negative errno. */
int random_fill(void *bytes, size_t length);

#endif
