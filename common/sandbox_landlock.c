/*
 * Landlock, by bare system calls: headers and C libraries that know it are younger than some
 * systems that this is built on. It decides nothing about a program.
 */
#include "sandbox_landlock.h"

#include "log.h"
#include "text.h"
#include "units.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

/* The kernel's interface, <linux/landlock.h>, as far as it is used. */
#define FLAG_VERSION    1U
#define RULE_PATH       1
#define RULE_PORT       2
#define FS_WRITE_FILE   (1ULL << 1)
#define FS_READ_FILE    (1ULL << 2)
#define FS_REMOVE_FILE  (1ULL << 5)
#define FS_MAKE_REG     (1ULL << 8)
#define FS_ABI_1        ((1ULL << 13) - 1) /* all that ABI 1 knows */
#define FS_REFER        (1ULL << 13)       /* ABI 2: link and rename across directories */
#define FS_TRUNCATE     (1ULL << 14)       /* ABI 3 */
#define FS_IOCTL_DEV    (1ULL << 15)       /* ABI 5 */
#define NET_BIND_TCP    (1ULL << 0)        /* ABI 4 */
#define NET_CONNECT_TCP (1ULL << 1)
#define SCOPE_ABSTRACT  (1ULL << 0) /* ABI 6: abstract UNIX sockets */
#define SCOPE_SIGNAL    (1ULL << 1)
#define ABI_NET         4
#define ABI_COMPLETE    6 /* all that is used here */

struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

struct path_rule {
	uint64_t access;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t access;
	uint64_t port;
};

int sandbox_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, FLAG_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

const char *sandbox_landlock_describe(int abi, char words[SANDBOX_LANDLOCK_WORDS])
{
	static const struct {
		int since;
		const char *what;
	} parts[] = {{3, "truncation"}, {4, "TCP ports"}, {5, "devices"}, {6, "signals"}};
	struct text text = text_in(words, SANDBOX_LANDLOCK_WORDS);

	if (abi < 1) {
		text_add(&text, "no Landlock (%s): file permissions and seccomp alone guard files",
		         abi == -ENOSYS       ? "this kernel has none, Linux 5.13 or newer does"
		         : abi == -EOPNOTSUPP ? "turned off; boot with lsm=landlock,..."
		                              : "denied, by a container's rules most likely");
		return words;
	}
	text_add(&text, "Landlock ABI %d: files", abi);
	for (size_t i = 0; i < COUNT(parts); i++)
		text_add(&text, ", %s%s", abi < parts[i].since ? "not " : "", parts[i].what);
	return words;
}

/* What this kernel can withhold; asking for more would be refused. */
static struct ruleset ruleset_withheld(int abi, bool signals)
{
	struct ruleset withheld = {.fs = FS_ABI_1};

	if (abi >= 2)
		withheld.fs |= FS_REFER;
	if (abi >= 3)
		withheld.fs |= FS_TRUNCATE;
	if (abi >= ABI_NET)
		withheld.net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= 5)
		withheld.fs |= FS_IOCTL_DEV;
	if (abi >= ABI_COMPLETE)
		withheld.scoped = SCOPE_ABSTRACT | (signals ? 0 : SCOPE_SIGNAL);
	return withheld;
}

static long ruleset_add_path(int ruleset, const struct sandbox_path *path)
{
	static const uint64_t rights[] = {
		[SANDBOX_READ] = FS_READ_FILE,
		[SANDBOX_REPLACE] = FS_WRITE_FILE | FS_MAKE_REG | FS_REMOVE_FILE,
	};
	const struct path_rule rule = {.fd = path->fd, .access = rights[path->access]};

	return syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &rule, 0);
}

static long ruleset_add_port(int ruleset, uint64_t access, uint16_t port)
{
	const struct port_rule rule = {.access = access, .port = port};

	return syscall(SYS_landlock_add_rule, ruleset, RULE_PORT, &rule, 0);
}

static long ruleset_add(int ruleset, int abi, const struct sandbox_landlock *rules)
{
	long result = 0;

	for (size_t i = 0; i < SANDBOX_PATHS_MAX && result == 0; i++) {
		if (rules->paths[i].access != SANDBOX_NOTHING && rules->paths[i].fd >= 0)
			result = ruleset_add_path(ruleset, &rules->paths[i]);
	}
	if (abi < ABI_NET)
		return result;
	for (size_t i = 0; i < rules->port_count && result == 0; i++)
		result = ruleset_add_port(ruleset, NET_CONNECT_TCP, rules->tcp_ports[i]);
	if (rules->binds && result == 0)
		result = ruleset_add_port(ruleset, NET_BIND_TCP, 0);
	return result;
}

/* Returns 0 or a negative errno. */
static int process_restrict(int abi, const struct sandbox_landlock *rules)
{
	const struct ruleset withheld = ruleset_withheld(abi, rules->signals);
	/* An older kernel takes a longer struct whose fields that it does not know are 0. */
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &withheld, sizeof(withheld), 0);
	int error = 0;

	if (ruleset < 0)
		return -errno;
	if (ruleset_add(ruleset, abi, rules) != 0 ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
		error = -errno;
	close(ruleset);
	return error;
}

int sandbox_landlock_enter(const struct sandbox_landlock *rules)
{
	char words[SANDBOX_LANDLOCK_WORDS];
	int abi = sandbox_landlock_abi();
	int error = abi < 1 ? abi : process_restrict(abi, rules);

	if (error == -ENOSYS || error == -EOPNOTSUPP || error == -EPERM) {
		if (!rules->quiet)
			log_notice("%s", sandbox_landlock_describe(error, words));
		return 0;
	}
	if (error != 0)
		log_error("cannot set up Landlock: %s", strerror(-error));
	return error == 0 ? 0 : -1;
}
