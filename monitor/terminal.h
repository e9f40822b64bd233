/*
 * The terminal on standard input and output: its modes, its size, its second screen.
 */
#ifndef NAT64HEALTH_TERMINAL_H
#define NAT64HEALTH_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct terminal {
	bool known;            /* false: it was never taken, and there is nothing to restore */
	struct termios before; /* as it was found */
	struct termios during; /* keys come one by one, unseen; ^C and ^Z stay signals */
};

/* Returns NULL if there is a terminal that a live table can be drawn on, or what is in the way. */
const char *terminal_missing(void);

/* Remembers the modes and sets its own. Returns 0 or a negative errno. */
int terminal_take(struct terminal *terminal);

/* Sets its own modes again, as after a stop. */
void terminal_retake(const struct terminal *terminal);

/* Sets the modes as they were found. */
void terminal_restore(const struct terminal *terminal);

/* True unless somebody has set other modes meanwhile. */
bool terminal_is_taken(const struct terminal *terminal);

/* Rows and columns; 24 and 80 if the terminal does not know. */
void terminal_size(unsigned *rows, unsigned *columns);

/* To the second screen without a cursor, and back. Returns as terminal_write does. */
int terminal_enter(void);
int terminal_leave(void);

/*
 * Writes all of it. Returns 0, or a negative errno: -EAGAIN if a terminal that does not block is
 * full, and the rest is lost.
 */
int terminal_write(const char *bytes, size_t length);

#endif
