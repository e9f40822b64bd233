/*
 * The writer's sandbox. What to write comes through a descriptor that is open already.
 */
#include "writer_sandbox.h"

#include "sandbox.h"
#include "sandbox_calls.h"
#include "sandbox_landlock.h"

/* clang-format off */
struct sandbox_list writer_sandbox_list(void)
{
	return (struct sandbox_list){
		.allowed = {
			&sandbox_read, &sandbox_create, &sandbox_write, &sandbox_mode,
			&sandbox_rename, &sandbox_remove, &sandbox_close, &sandbox_exit,
			/* messages, besides write */
			&sandbox_poll, &sandbox_send,
		},
		.killed = {&sandbox_attack, &sandbox_attack_network, &sandbox_attack_pidfd},
	};
}
/* clang-format on */

int writer_sandbox_enter(const struct writer_sandbox *s)
{
	const struct sandbox_list list = writer_sandbox_list();
	const struct sandbox_landlock rules = {
		.paths = {{s->status_fd, SANDBOX_REPLACE}, {s->metrics_fd, SANDBOX_REPLACE}},
		.quiet = true, /* the prober tells it */
	};

	if (sandbox_drop_privileges() < 0 || sandbox_landlock_enter(&rules) < 0)
		return -1;
	return sandbox_seccomp_enter(&list);
}
