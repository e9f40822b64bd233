/*
 * The walls around both programs: identity, capabilities, limits, Landlock, seccomp.
 * It holds no list of what a program may do: those stand beside each program's code.
 */
#include "sandbox.h"

#include "log.h"
#include "atomic_file.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Kernel interfaces younger than the headers of Debian 12; values are the kernel's, for good. */
#define ACCESS_FS_TRUNCATE  (1ULL << 14) /* Landlock ABI 3 */
#define ACCESS_FS_IOCTL_DEV (1ULL << 15) /* ABI 5 */
#define SCOPE_ABSTRACT_UNIX (1ULL << 0)  /* ABI 6 */
#define SCOPE_SIGNAL        (1ULL << 1)  /* ABI 6 */

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_REPLACE                                                                  \
	(ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_REG | ACCESS_FS_TRUNCATE)

int sandbox_check_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return -1;
	}
	return 0;
}

int sandbox_become(const char *user)
{
	if (geteuid() != 0)
		return 0;

	errno = 0;
	const struct passwd *pw = getpwnam(user);
	if (!pw) {
		log_error("no user \"%s\"%s%s; name BIND's user with --user", user,
		          errno ? ": " : "", errno ? strerror(errno) : "");
		return -1;
	}
	if (pw->pw_uid == 0) {
		log_error("will not run as \"%s\": name BIND's unprivileged user with --user",
		          user);
		return -1;
	}
	const capng_flags_t flags = CAPNG_INIT_SUPP_GRP | CAPNG_CLEAR_AMBIENT;
	capng_clear(CAPNG_SELECT_ALL);
	/* A container may lack CAP_SETPCAP: then the bounding set stays, and no_new_privs must do.
	 */
	if (capng_change_id((int)pw->pw_uid, (int)pw->pw_gid, flags | CAPNG_CLEAR_BOUNDING) != 0 &&
	    capng_change_id((int)pw->pw_uid, (int)pw->pw_gid, flags) != 0) {
		log_error("cannot become user \"%s\": %s", user, strerror(errno));
		return -1;
	}
	return 0;
}

int sandbox_drop_privileges(void)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0) {
		log_error("cannot drop capabilities: %s", strerror(errno));
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		log_error("cannot give up privileges: %s", strerror(errno));
		return -1;
	}
	const struct rlimit none = {0, 0};
	if (setrlimit(RLIMIT_CORE, &none) != 0) {
		log_error("cannot turn core dumps off: %s", strerror(errno));
		return -1;
	}
	return 0;
}

static int limit_lower(int resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
		return -1;
	if (value > limit.rlim_max)
		value = limit.rlim_max;
	limit.rlim_cur = limit.rlim_max = value;
	return setrlimit((__rlimit_resource_t)resource, &limit);
}

int sandbox_limit(rlim_t file_bytes, rlim_t descriptors)
{
	if (limit_lower(RLIMIT_FSIZE, file_bytes) != 0 ||
	    limit_lower(RLIMIT_NOFILE, descriptors) != 0) {
		log_error("cannot set resource limits: %s", strerror(errno));
		return -1;
	}
	return 0;
}

/* The rights that this kernel can withhold; asking for more would be refused. */
static void ruleset_attr_init(struct ruleset_attr *attr, long abi, bool may_signal)
{
	*attr = (struct ruleset_attr){.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1};
	if (abi >= 2)
		attr->handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		attr->handled_access_fs |= ACCESS_FS_TRUNCATE;
	if (abi >= 5)
		attr->handled_access_fs |= ACCESS_FS_IOCTL_DEV;
	if (abi >= 6)
		attr->scoped = SCOPE_ABSTRACT_UNIX | (may_signal ? 0 : SCOPE_SIGNAL);
}

static int path_allow(int ruleset, const struct sandbox_path *path, uint64_t handled)
{
	const uint64_t wanted = path->access == SANDBOX_REPLACE ? ACCESS_REPLACE : ACCESS_READ;
	const struct landlock_path_beneath_attr rule = {
		.parent_fd = path->fd,
		.allowed_access = wanted & handled,
	};

	return (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

int sandbox_landlock(const struct sandbox_path *paths, size_t count, bool may_signal)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		log_debug("no Landlock in this kernel: %s", strerror(errno));
		return 0;
	}

	struct ruleset_attr attr;
	ruleset_attr_init(&attr, abi, may_signal);
	/* An older kernel takes a longer struct as long as the fields that it does not know are 0.
	 */
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		goto failed;
	for (size_t i = 0; i < count; i++) {
		if (path_allow(ruleset, &paths[i], attr.handled_access_fs) != 0)
			goto failed;
	}
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		goto failed;
	close(ruleset);
	return 0;
failed:
	log_error("cannot set up Landlock: %s", strerror(errno));
	if (ruleset >= 0)
		close(ruleset);
	return -1;
}

const struct sandbox_call sandbox_replace_calls[5] = {
	{SCMP_SYS(openat),
         2,
         {SANDBOX_EQUAL(2, ATOMIC_FILE_TEMP_FLAGS), SANDBOX_EQUAL(3, ATOMIC_FILE_TEMP_MODE)}},
	{SCMP_SYS(fchmod), 1, {SANDBOX_EQUAL(1, ATOMIC_FILE_MODE)}},
#ifdef __NR_renameat
	SANDBOX_CALL(renameat),
#else
	SANDBOX_CALL(renameat2), /* what renameat() is here */
#endif
	SANDBOX_CALL(unlinkat), /* the temporary file, after a failure */
};

static int group_add(scmp_filter_ctx filter, const struct sandbox_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct sandbox_call *call = &group->calls[i];
		int result = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call->nr,
		                                    call->arg_count, call->args);
		if (result != 0)
			return result;
	}
	return 0;
}

int sandbox_seccomp(const struct sandbox_group *groups, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int result = filter ? 0 : -ENOMEM;

	if (result == 0)
		result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; i < count && result == 0; i++)
		result = group_add(filter, &groups[i]);
	if (result == 0)
		result = seccomp_load(filter);
	if (result != 0)
		log_error("cannot set up seccomp: %s", strerror(-result));
	if (filter)
		seccomp_release(filter);
	return result == 0 ? 0 : -1;
}
