/*
 * Lines from a descriptor, in bounded memory: whoever writes may send anything, at any speed.
 * It finds line ends and counts lines; what a line means is not known here.
 */
#ifndef NAT64HEALTH_INPUT_H
#define NAT64HEALTH_INPUT_H

#include "set_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Room for many lines, so that a flood costs few calls. */
#define INPUT_BUFFER (16 * 1024)

struct input {
	char buffer[INPUT_BUFFER];
	size_t start; /* of what was not yet handed out */
	size_t end;
	unsigned long number; /* of the line that was handed out last, from 1 */
	bool skipping;        /* inside a line that was too long and already handed out */
};

/*
 * Reads once; call it after input_next said false. Returns the bytes read, 0 at the end of file,
 * or a negative errno.
 */
ssize_t input_fill(struct input *in, int fd);

/*
 * Hands out the next complete line without its newline; it is valid until input_fill. A line of
 * more than SET_LINE_MAX bytes is handed out once, cut to SET_LINE_MAX bytes without a newline,
 * which set_line_parse refuses as too long. Returns false when there is no complete line left.
 */
bool input_next(struct input *in, const char **line, size_t *length);

/* True if the last bytes are not a complete line, and were not handed out either. */
bool input_unfinished(const struct input *in);

#endif
