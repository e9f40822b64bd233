/* Catches what a test writes to standard error, so that messages can be asserted. */
#pragma once

#include <stdio.h>
#include <unistd.h>

struct capture {
	FILE *file;
	int stderr_was;
	char text[65536];
};

static inline void capture_begin(struct capture *c)
{
	c->file = tmpfile();
	c->stderr_was = dup(STDERR_FILENO);
	dup2(fileno(c->file), STDERR_FILENO);
}

/* Returns what was written since capture_begin, valid as long as c is. */
static inline const char *capture_end(struct capture *c)
{
	dup2(c->stderr_was, STDERR_FILENO);
	close(c->stderr_was);
	rewind(c->file);
	c->text[fread(c->text, 1, sizeof(c->text) - 1, c->file)] = '\0';
	fclose(c->file);
	return c->text;
}

/* What the call writes. */
#define CAPTURED(c, call) (capture_begin(c), (call), capture_end(c))
