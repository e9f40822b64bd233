/*
 * System calls by purpose, with all variants of each: what both programs may allow, and what only
 * an attacker makes. A program's own purposes stand beside its code.
 */
#pragma once

#include "sandbox_seccomp.h"

#include <errno.h>

/* A call with invalid arguments may fail, but not for want of the call. */
#define SANDBOX_WORKS(call) ((call) >= 0 || errno != ENOSYS)

/* Two calls, of which one may be missing, as if they were one. */
#define SANDBOX_BOTH(call, other) (SANDBOX_WORKS(call) ? (other) : -1)

/* clang-format off */
/* Defines a purpose's try_NAME(). */
#define SANDBOX_TRY(name, call)                                                  \
	static bool try_##name(void)                                             \
	{                                                                        \
		return SANDBOX_WORKS(call);                                      \
	}
/* clang-format on */

/* To allow. */
extern const struct sandbox_purpose sandbox_clock;
extern const struct sandbox_purpose sandbox_random;
extern const struct sandbox_purpose sandbox_poll;
extern const struct sandbox_purpose sandbox_epoll;
extern const struct sandbox_purpose sandbox_read;
extern const struct sandbox_purpose sandbox_write;
extern const struct sandbox_purpose sandbox_send; /* on a connected socket */
extern const struct sandbox_purpose sandbox_receive;
extern const struct sandbox_purpose sandbox_close;
extern const struct sandbox_purpose sandbox_stat;
extern const struct sandbox_purpose sandbox_exit;

/* What atomic_file_write() does to replace a file, besides write() and close(). */
extern const struct sandbox_purpose sandbox_create;
extern const struct sandbox_purpose sandbox_mode;
extern const struct sandbox_purpose sandbox_rename;
extern const struct sandbox_purpose sandbox_remove;
extern const struct sandbox_purpose sandbox_sync;

/* To kill at. */
extern const struct sandbox_purpose sandbox_attack;
extern const struct sandbox_purpose sandbox_attack_network; /* for those that open no socket */
extern const struct sandbox_purpose sandbox_attack_bind;  /* for probers without a source address */
extern const struct sandbox_purpose sandbox_attack_pidfd; /* for those that signal nothing */
