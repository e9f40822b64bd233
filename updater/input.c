/*
 * Lines from a descriptor, in bounded memory: whoever writes may send anything, at any speed.
 * It finds line ends and counts lines; what a line means is not known here.
 */
#include "input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

ssize_t input_fill(struct input *in, int fd)
{
	memmove(in->buffer, in->buffer + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;

	ssize_t got = read(fd, in->buffer + in->end, sizeof(in->buffer) - in->end);
	if (got < 0)
		return -errno;
	in->end += (size_t)got;
	return got;
}

bool input_next(struct input *in, const char **line, size_t *length)
{
	while (in->start < in->end) {
		const char *start = in->buffer + in->start;
		size_t left = in->end - in->start;
		const char *newline = memchr(start, '\n', left);
		bool skipped = in->skipping;

		if (!newline && !skipped && left < SET_LINE_MAX)
			return false;
		in->skipping = !newline;
		in->start = newline ? (size_t)(newline - in->buffer) + 1 : in->end;
		if (skipped)
			continue;
		in->number++;
		*line = start;
		*length = newline ? (size_t)(newline - start) : SET_LINE_MAX;
		if (*length > SET_LINE_MAX)
			*length = SET_LINE_MAX;
		return true;
	}
	return false;
}

bool input_unfinished(const struct input *in)
{
	return in->start < in->end;
}
