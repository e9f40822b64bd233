/*
 * What the service manager is told, by the protocol of sd_notify(3): lines in a datagram to the
 * socket that it names in the environment. It reads nothing back.
 */
#include "notify.h"

#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX (NOTIFY_STATUS_MAX + 64)
#define RETRY_US    1000000

/* A number without sign; 0 if it is none or too long. */
static uint64_t digits_parse(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 19 && text[digits] == '\0' ? strtoull(text, NULL, 10) : 0;
}

static uint64_t watchdog_us(pid_t main_pid)
{
	const char *pid = getenv("WATCHDOG_PID");
	const char *usec = getenv("WATCHDOG_USEC");

	if (!usec || (pid && digits_parse(pid) != (uint64_t)main_pid))
		return 0;
	return digits_parse(usec);
}

/* Returns the length of the address, or 0 if the name is none. */
static socklen_t address_set(struct sockaddr_un *address, const char *name)
{
	size_t length = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof(address->sun_path))
		return 0;
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(address->sun_path, name, length);
	if (name[0] == '@')
		address->sun_path[0] = '\0'; /* abstract: not a file */
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int notify_open(struct notify *n, pid_t main_pid)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;

	*n = (struct notify){.fd = -1, .due_us = UINT64_MAX};
	if (!name)
		return 0;
	socklen_t length = address_set(&address, name);
	if (length == 0) {
		log_error("NOTIFY_SOCKET=%.128s: expected /PATH or @NAME of less than %zu bytes",
		          name, sizeof(address.sun_path));
		return -1;
	}
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, length) != 0) {
		log_error("cannot reach the service manager at NOTIFY_SOCKET=%s: %s", name,
		          strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	n->fd = fd;
	n->due_us = 0;
	n->watchdog_us = watchdog_us(main_pid);
	return 0;
}

void notify_close(struct notify *n)
{
	if (n->fd >= 0)
		close(n->fd);
	n->fd = -1;
}

void notify_forget_environment(void)
{
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
}

bool notify_say(const struct notify *n, const char *format, ...)
{
	char message[MESSAGE_MAX];
	va_list args;

	if (n->fd < 0)
		return true;
	va_start(args, format);
	int length = vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return length > 0 && length < MESSAGE_MAX &&
	       write(n->fd, message, (size_t)length) == length;
}

void notify_review(struct notify *n, bool ready, const char *status, uint64_t now_us)
{
	bool news = strcmp(n->status, status) != 0 || ready != n->ready;

	if (n->fd < 0 || (!news && now_us < n->due_us))
		return;
	/* A manager that does not read is not waited for. */
	n->due_us = now_us + RETRY_US;
	if (!notify_say(n, "%sSTATUS=%s\n%s", ready && !n->ready ? "READY=1\n" : "", status,
	                n->watchdog_us > 0 ? "WATCHDOG=1\n" : ""))
		return;
	n->ready = ready;
	snprintf(n->status, sizeof(n->status), "%s", status);
	n->due_us = n->watchdog_us > 0 ? now_us + n->watchdog_us / 2 : UINT64_MAX;
}
