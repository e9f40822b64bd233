/*
 * Runs COMMAND where the mounts of a namespace cannot be made its own, as in a container of LXC
 * without nesting. It denies nothing else. usage: no_mounts COMMAND [ARG...]
 */
#include <err.h>
#include <errno.h>
#include <seccomp.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 2)
		errx(2, "usage: no_mounts COMMAND [ARG...]");
	if (!filter ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(mount), 1,
	                     SCMP_A3(SCMP_CMP_MASKED_EQ, MS_SLAVE, MS_SLAVE)) != 0 ||
	    seccomp_load(filter) != 0)
		errx(1, "cannot set up seccomp");
	execvp(argv[1], argv + 1);
	err(127, "cannot start %s", argv[1]);
}
