/*
 * seccomp: both filters are built with libseccomp, which allocates; then they are loaded, and from
 * there on nothing is allocated or freed. It holds no list of calls.
 */
#include "sandbox_seccomp.h"

#include "log.h"
#include "units.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__i386__) || defined(__s390__) || defined(__m68k__) || defined(__sh__)
#error "not for i386, s390x, m68k, sh: socketcall() and mmap() take a pointer there, which seccomp cannot look behind"
#endif

bool sandbox_strict __attribute__((weak)) = false;

struct program {
	struct sock_filter code[BPF_MAXINSNS];
	unsigned short length;
};

static int purpose_add(scmp_filter_ctx filter, uint32_t action,
                       const struct sandbox_purpose *purpose)
{
	int result = 0;

	for (size_t i = 0; i < purpose->count && result == 0; i++) {
		const struct sandbox_call *call = &purpose->calls[i];
		/* An empty entry would be system call 0 with any arguments. */
		result = call->name ? seccomp_rule_add_array(filter, action, call->nr,
		                                             call->arg_count, call->args)
		                    : -EINVAL;
	}
	return result;
}

/*
 * libseccomp's export needs a descriptor. A pipe has room for many times this program, and no limit
 * of a file's size. Returns 0 or a negative errno.
 */
static int program_export(scmp_filter_ctx filter, struct program *program)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return -errno;
	int result = seccomp_export_bpf(filter, ends[1]);
	ssize_t got = read(ends[0], program->code, sizeof(program->code));
	if (result == 0 && got <= 0)
		result = got < 0 ? -errno : -EIO;
	program->length = (unsigned short)((size_t)got / sizeof(program->code[0]));
	close(ends[0]);
	close(ends[1]);
	return result;
}

/* Returns 0 or a negative errno. */
static int program_build(struct program *program, uint32_t otherwise, uint32_t action,
                         const struct sandbox_purpose *const *purposes, size_t count)
{
	scmp_filter_ctx filter = seccomp_init(otherwise);
	int result =
		filter ? seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)
		       : -EINVAL;

	for (size_t i = 0; i < count && result == 0; i++) {
		if (purposes[i])
			result = purpose_add(filter, action, purposes[i]);
	}
	if (result == 0)
		result = program_export(filter, program);
	if (filter)
		seccomp_release(filter);
	return result;
}

static int program_load(const struct program *program)
{
	const struct sock_fprog code = {
		.len = program->length,
		.filter = (struct sock_filter *)program->code,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &code) == 0
	               ? 0
	               : -errno;
}

/* Each purpose is the C library's to fulfil, and another version of it makes other calls. */
static int purposes_try(const struct sandbox_list *list)
{
	int result = 0;

	for (size_t i = 0; i < COUNT(list->allowed); i++) {
		const struct sandbox_purpose *purpose = list->allowed[i];
		if (!purpose || !purpose->try || purpose->try())
			continue;
		log_error("behind its sandbox this program cannot %s: %s; the kernel is too old, "
		          "or the C library makes a call that the sandbox's list lacks "
		          "(journalctl -k | grep type=1326): please report it",
		          purpose->name, strerror(ENOSYS));
		result = -1;
	}
	if (result == 0)
		log_info("the sandbox is closed");
	return result;
}

int sandbox_seccomp_enter(const struct sandbox_list *list)
{
	static struct program killing, listed;
	int result = program_build(&killing, SCMP_ACT_ALLOW, SCMP_ACT_KILL_PROCESS, list->killed,
	                           COUNT(list->killed));
	if (result == 0)
		result = program_build(
			&listed, sandbox_strict ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(ENOSYS),
			SCMP_ACT_ALLOW, list->allowed, COUNT(list->allowed));
	if (result == 0)
		result = program_load(&killing);
	if (result == 0)
		result = program_load(&listed);
	if (result != 0) {
		log_error("cannot set up seccomp: %s; it needs Linux 4.14 or newer, and a "
		          "container that allows seccomp()",
		          strerror(-result));
		return -1;
	}
	return purposes_try(list);
}
