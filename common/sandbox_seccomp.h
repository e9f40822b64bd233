/*
 * seccomp: a program's system calls, listed by purpose. Two filters are closed, and the kernel
 * follows the stricter one. One kills at what only an attacker does. The other lets the list
 * through and answers ENOSYS to the rest, which is logged, so that a C library that tries a newer
 * call falls back to an older one.
 */
#pragma once

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>

/* One system call; each of the args that are given must match. */
struct sandbox_call {
	const char *name;
	int nr;
	unsigned arg_count;
	struct scmp_arg_cmp args[4];
};

/* What calls are there for: all variants of them, of which a machine's C library makes one. */
struct sandbox_purpose {
	const char *name;
	const struct sandbox_call *calls;
	size_t count;
	bool (*try)(void); /* makes the C library's call once; false if there is none */
};

/* clang-format off */
#define SANDBOX_ARRAY(...) (const struct sandbox_call[]){__VA_ARGS__}
#define SANDBOX_PURPOSE(variable, words, attempt, ...)                                 \
	const struct sandbox_purpose variable = {words, SANDBOX_ARRAY(__VA_ARGS__),    \
		sizeof(SANDBOX_ARRAY(__VA_ARGS__)) / sizeof(struct sandbox_call), attempt}

/*
 * The call with any arguments. A machine that has no such call leaves it out. The number is named
 * as SCMP_SYS() does, which would first expand what a C library's headers make of stat64.
 */
#define SANDBOX_CALL(call) {.name = #call, .nr = __SNR_##call}

/* The call if each of the conditions holds. */
#define SANDBOX_IF(call, ...) {.name = #call, .nr = __SNR_##call, .args = {__VA_ARGS__},   \
	.arg_count = sizeof((struct scmp_arg_cmp[]){__VA_ARGS__}) / sizeof(struct scmp_arg_cmp)}

/* Conditions on argument n, from 0. Those of an int look at its 32 bits, as the kernel does. */
#define SANDBOX_BITS(n, mask, value)    {n, SCMP_CMP_MASKED_EQ, mask, value}
#define SANDBOX_INT(n, value)           SANDBOX_BITS(n, 0xffffffffU, value)
#define SANDBOX_INT_BUT(n, mask, value) SANDBOX_BITS(n, 0xffffffffU & ~(unsigned)(mask), value)
#define SANDBOX_NULL(n)                 {n, SCMP_CMP_EQ, 0, 0}
#define SANDBOX_NOT(n, value)           {n, SCMP_CMP_NE, value, 0}
#define SANDBOX_BELOW(n, value)         {n, SCMP_CMP_LT, value, 0}
#define SANDBOX_ABOVE(n, value)         {n, SCMP_CMP_GT, value, 0}
/* clang-format on */

#define SANDBOX_ALLOWED_MAX 32
#define SANDBOX_KILLED_MAX  8

/* A program's list; a NULL in it is left out. */
struct sandbox_list {
	const struct sandbox_purpose *allowed[SANDBOX_ALLOWED_MAX];
	const struct sandbox_purpose *killed[SANDBOX_KILLED_MAX];
};

/* Tests set it: a call that is on no list kills, too. */
extern bool sandbox_strict;

/*
 * Closes both filters, for good, and then tries each allowed purpose once. Returns 0, or -1 after
 * an error was logged; then the program must end.
 */
int sandbox_seccomp_enter(const struct sandbox_list *list);
