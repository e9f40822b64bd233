/*
 * The screen: the live table on a terminal, with keys and messages, in the prober's process.
 */
#ifndef NAT64HEALTH_SCREEN_H
#define NAT64HEALTH_SCREEN_H

#include "terminal.h"
#include "watch.h"

struct screen {
	const struct terminal *terminal;
	int control; /* where the supervisor is told whether its second screen is in use */
	struct watch watch;
	struct watch_screen look;
	char *frame;
	bool shown;
	uint64_t due_us; /* the next frame */
};

/*
 * Gets ready for that many prefixes, before the sandbox closes: it asks for locale and colours.
 * Returns 0 or -ENOMEM.
 */
int screen_open(struct screen *screen, const struct terminal *terminal, int control,
                size_t prefixes, uint64_t interval_us, uint64_t now_us);

/* Shows it, or anew; from now on, messages go to the screen. Hides it, until it is shown again. */
void screen_show(struct screen *screen);
void screen_hide(struct screen *screen);

/* Draws if it is time to. Returns false if the terminal is gone. */
bool screen_work(struct screen *screen, const struct report_names *names, const struct judge *judge,
                 uint64_t now_us);

/* When screen_work has something to do again. */
uint64_t screen_due(const struct screen *screen);

/* Reads keys from standard input. Returns false if one says to quit, or there will be no more. */
bool screen_keys(struct screen *screen);

/*
 * Leaves the terminal as it was found. After a failure, the last message is said once more on
 * standard error, since it went with the screen.
 */
void screen_close(struct screen *screen, bool failed);

#endif
