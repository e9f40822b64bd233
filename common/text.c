/* Text put together piece by piece in a buffer of fixed size. It allocates nothing. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_in(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct text){.buf = buf, .size = size};
}

void text_add(struct text *text, const char *format, ...)
{
	size_t room = text->size - text->used;
	va_list args;

	va_start(args, format);
	int added = vsnprintf(text->buf + text->used, room, format, args);
	va_end(args);
	if (added < 0)
		return;
	text->cut = text->cut || (size_t)added >= room;
	text->used += (size_t)added < room ? (size_t)added : room - 1;
}

void text_clean(char *words)
{
	for (; *words != '\0'; words++) {
		if ((unsigned char)*words < ' ' || (unsigned char)*words > '~')
			*words = '?';
	}
}
