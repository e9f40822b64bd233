/*
 * What the service manager is told, by the protocol of sd_notify(3): that the service is ready, how
 * it is, and that it is alive. Without a service manager nothing happens. After notify_open only
 * write() is used, and no failure of it matters to the caller.
 */
#ifndef NAT64HEALTH_NOTIFY_H
#define NAT64HEALTH_NOTIFY_H

#include "set_line.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A service is ready once it has something to say; at the latest this long after its start. */
#define NOTIFY_READY_MOST_US 10000000ULL

struct notify_state {
	bool judged; /* a set went out, or every prefix was judged */
	size_t healthy, total;
	const struct prefix_set *set; /* in force; count 0: none yet */
};

struct notify {
	int fd;               /* -1: nobody wants to know */
	uint64_t watchdog_us; /* silence that is taken for death; 0: any may be */
	uint64_t ping_us;     /* when the next sign of life is due */
	uint64_t ready_us;    /* when to be ready whatever is known; 0: not begun */
	uint64_t retry_us;    /* after a failure: when to try again; 0: none */
	bool ready;
	bool told; /* of the following */
	size_t healthy, total;
	struct prefix_set set;
};

/*
 * Connects to $NOTIFY_SOCKET, if there is one. main_pid is the process that the manager has
 * started: signs of life are wanted only if $WATCHDOG_PID is that one, or not given. Returns 0, or
 * -1 after an error was logged; then *n tells nobody.
 */
int notify_open(struct notify *n, pid_t main_pid);
void notify_close(struct notify *n);

/* So that programs started later do not speak in our name. */
void notify_forget_environment(void);

/* Says what has changed or is due. Call it whenever something may have. */
void notify_tell(struct notify *n, const struct notify_state *state, uint64_t now_us);

/* When notify_tell has something to say although nothing changed; UINT64_MAX for never. */
uint64_t notify_due(const struct notify *n);

/* The supervisor's words: it ends; the prober will be away for a while, for this reason. */
void notify_stopping(const struct notify *n);
void notify_away(const struct notify *n, const char *why);

#endif
