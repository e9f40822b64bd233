/*
 * Standard output: set lines, and the last one again at each heartbeat. What a set holds is decided
 * elsewhere.
 */
#include "output.h"

#include "log.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static int stdout_watch(const struct output *o, int operation, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u32 = o->event};

	return epoll_ctl(o->epoll, operation, STDOUT_FILENO, &event);
}

void output_open(struct output *o, int epoll, uint32_t event, uint64_t heartbeat_us)
{
	*o = (struct output){.epoll = epoll, .event = event, .heartbeat_us = heartbeat_us};
	o->polled = stdout_watch(o, EPOLL_CTL_ADD, 0) == 0;
}

/*
 * A pipe that is ready takes a set line whole, since that is shorter than PIPE_BUF. The descriptor
 * itself may block, as other processes share it: so epoll is asked before each write.
 */
static int line_put(struct output *o, uint64_t now_us)
{
	o->repeat_us = now_us + o->heartbeat_us;
	o->waits = true;
	if (o->held)
		return 0;
	if (!o->polled)
		return output_flush(o);
	stdout_watch(o, EPOLL_CTL_MOD, EPOLLOUT);
	return 0;
}

int output_set(struct output *o, const struct prefix_set *set, uint64_t now_us)
{
	o->set = *set;
	return line_put(o, now_us);
}

void output_hold(struct output *o)
{
	o->held = true;
	if (o->polled)
		stdout_watch(o, EPOLL_CTL_MOD, 0);
}

int output_release(struct output *o, uint64_t now_us)
{
	o->held = false;
	return o->set.count > 0 ? line_put(o, now_us) : 0;
}

int output_review(struct output *o, uint64_t now_us)
{
	return now_us >= output_due(o) ? line_put(o, now_us) : 0;
}

uint64_t output_due(const struct output *o)
{
	return o->set.count > 0 ? o->repeat_us : UINT64_MAX;
}

int output_flush(struct output *o)
{
	char line[SET_LINE_MAX];

	if (!o->waits || o->held)
		return 0;
	size_t length = set_line_format(&o->set, line);
	ssize_t written = write(STDOUT_FILENO, line, length);
	if (written == (ssize_t)length) {
		o->lines += length > 0; /* a list without any of the set leaves none */
		o->waits = false;
		if (o->polled)
			stdout_watch(o, EPOLL_CTL_MOD, 0);
		return 0;
	}
	if (written >= 0) {
		log_error("standard output took only a part of a set line");
		return -EIO;
	}
	int error = errno;
	if (error == EAGAIN || error == EINTR)
		return 0; /* it stays, and goes out when epoll tells of room */
	if (error != EPIPE)
		log_error("cannot write to standard output: %s", strerror(error));
	return -error;
}
