/*
 * Text put together piece by piece in a buffer of fixed size.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *buf; /* always ends with a NUL */
	size_t size, used;
	bool cut; /* something did not fit, and is missing at the end */
};

/* An empty text in a buffer of size bytes, at least 1. */
struct text text_in(char *buf, size_t size);

/* Adds what printf() would print, as far as there is room. */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Shows what is not printable ASCII as '?'. */
void text_clean(char *words);
