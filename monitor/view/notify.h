/*
 * What the service manager is told, by the protocol of sd_notify(3): that the service is ready, how
 * it is, and that it is alive. Without a service manager nothing happens. After notify_open only
 * write() is used, and no failure of it matters to the caller.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define NOTIFY_STATUS_MAX 512

struct notify {
	int fd;               /* -1: nothing wants to know */
	uint64_t watchdog_us; /* silence that is taken for death; 0: any may be */
	uint64_t due_us;      /* when there is something to say though nothing changes */
	bool ready;
	char status[NOTIFY_STATUS_MAX]; /* as it was told */
};

/*
 * Connects to $NOTIFY_SOCKET, if there is one. main_pid is the process that the manager has
 * started: signs of life are wanted only if $WATCHDOG_PID is that one, or not given. Returns 0, or
 * -1 after an error was logged; then it tells nothing.
 */
int notify_open(struct notify *n, pid_t main_pid);
void notify_close(struct notify *n);

/* So that programs started later do not speak in our name. */
void notify_forget_environment(void);

/* Tells what is news, and gives a sign of life if it is due. Call it again and again. */
void notify_review(struct notify *n, bool ready, const char *status, uint64_t now_us);

/* Tells it as it is, in the words of sd_notify(3). Returns whether it was taken. */
bool notify_say(const struct notify *n, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
