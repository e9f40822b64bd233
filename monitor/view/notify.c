/*
 * What the service manager is told, by the protocol of sd_notify(3): lines in a datagram to the
 * socket that it names in the environment. It reads nothing back.
 */
#include "notify.h"

#include "log.h"
#include "text.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX 1024    /* bytes; a set of 8 takes half of it */
#define RETRY_US    1000000 /* a manager that does not read is not waited for */

/* A number without sign; 0 if it is none or too long. */
static uint64_t number_parse(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits < 19 && text[digits] == '\0' ? strtoull(text, NULL, 10) : 0;
}

static uint64_t watchdog_us(pid_t main_pid)
{
	const char *pid = getenv("WATCHDOG_PID");
	const char *usec = getenv("WATCHDOG_USEC");

	if (!usec || (pid && number_parse(pid) != (uint64_t)main_pid))
		return 0;
	return number_parse(usec);
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
		address->sun_path[0] = '\0'; /* abstract: not a file, and its length counts */
	else
		length++;
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

int notify_open(struct notify *n, pid_t main_pid)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address;

	*n = (struct notify){.fd = -1};
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

static bool message_send(const struct notify *n, const struct text *m)
{
	return write(n->fd, m->buf, m->used) == (ssize_t)m->used;
}

static bool state_is_news(const struct notify *n, const struct notify_state *s)
{
	return !n->told || n->healthy != s->healthy || n->total != s->total ||
	       !prefix_set_equal(&n->set, s->set);
}

static void state_add(struct text *m, const struct notify_state *s)
{
	char prefix[PREFIX_STRLEN];

	text_add(m, "STATUS=%zu of %zu healthy%s", s->healthy, s->total,
	         s->set->count > 0 ? ":" : ", no set yet");
	for (size_t i = 0; i < s->set->count; i++)
		text_add(m, " %s", prefix_format(&s->set->prefixes[i], prefix));
	text_add(m, "\n");
}

static bool ping_is_due(const struct notify *n, uint64_t now)
{
	return n->watchdog_us > 0 && now >= n->ping_us;
}

void notify_tell(struct notify *n, const struct notify_state *state, uint64_t now)
{
	char words[MESSAGE_MAX];
	struct text m = text_in(words, sizeof(words));

	if (n->fd < 0 || now < n->retry_us)
		return;
	if (n->ready_us == 0)
		n->ready_us = now + NOTIFY_READY_MOST_US;
	bool ready = n->ready || state->judged || now >= n->ready_us;
	bool pings = ping_is_due(n, now);
	bool news = state_is_news(n, state);
	if (ready && !n->ready)
		text_add(&m, "READY=1\n");
	if (news)
		state_add(&m, state);
	if (pings)
		text_add(&m, "WATCHDOG=1\n");
	if (m.used == 0)
		return;
	n->retry_us = message_send(n, &m) ? 0 : now + RETRY_US;
	if (n->retry_us > 0)
		return;
	n->ready = ready;
	if (pings)
		n->ping_us = now + n->watchdog_us / 2;
	n->told = true;
	n->healthy = state->healthy;
	n->total = state->total;
	n->set = *state->set;
}

uint64_t notify_due(const struct notify *n)
{
	uint64_t due = UINT64_MAX;

	if (n->fd < 0)
		return due;
	if (n->retry_us > 0)
		return n->retry_us;
	if (n->watchdog_us > 0)
		due = n->ping_us;
	if (!n->ready && n->ready_us > 0 && n->ready_us < due)
		due = n->ready_us;
	return due;
}

void notify_stopping(const struct notify *n)
{
	char words[MESSAGE_MAX];
	struct text m = text_in(words, sizeof(words));

	if (n->fd < 0)
		return;
	text_add(&m, "STOPPING=1\n");
	message_send(n, &m);
}

void notify_away(const struct notify *n, const char *why)
{
	char words[MESSAGE_MAX];
	struct text m = text_in(words, sizeof(words));

	if (n->fd < 0)
		return;
	text_add(&m, "STATUS=%s\n", why);
	/* The pause is meant, and must not be taken for a prober that hangs. */
	if (n->watchdog_us > 0)
		text_add(&m, "WATCHDOG=1\n");
	message_send(n, &m);
}
