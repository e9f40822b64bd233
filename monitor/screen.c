/*
 * The screen: the live table on a terminal, with keys and messages, in the prober's process.
 * What it looks like is the watch's.
 */
#include "screen.h"

#include "log.h"
#include "prober.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void time_read(struct screen *s, uint64_t *to_next_second_us)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &s->look.time); /* main() has read the time zone */
	*to_next_second_us = (uint64_t)(1000000000 - now.tv_nsec) / 1000;
}

static bool is_color_wanted(void)
{
	const char *no = getenv("NO_COLOR");

	return !no || *no == '\0';
}

int screen_open(struct screen *s, const struct terminal *terminal, int control, size_t prefixes,
                uint64_t interval_us, uint64_t now)
{
	setlocale(LC_CTYPE, "");
	*s = (struct screen){
		.terminal = terminal,
		.control = control,
		.look.color = is_color_wanted(),
		.look.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.look.interval_us = interval_us,
		.frame = malloc(WATCH_FRAME_MAX),
	};
	return s->frame ? watch_init(&s->watch, prefixes, now) : -ENOMEM;
}

static void message_keep(void *context, const char *line)
{
	struct screen *s = context;
	uint64_t unused;

	time_read(s, &unused);
	watch_message(&s->watch, &s->look.time, line);
	s->due_us = 0;
}

/* The supervisor is told before, so that it never has to guess what to tidy up. */
static void word_send(const struct screen *s, char word)
{
	if (write(s->control, &word, 1) < 0)
		return; /* it is gone, and we shall hear of it */
}

void screen_show(struct screen *s)
{
	if (!s->shown) {
		word_send(s, PROBER_SHOWN);
		terminal_enter();
		log_set_writer(message_keep, s);
	}
	s->shown = true;
	s->due_us = 0;
}

void screen_hide(struct screen *s)
{
	if (s->shown)
		terminal_leave();
	s->shown = false;
	word_send(s, PROBER_HIDDEN);
}

bool screen_work(struct screen *s, const struct report_names *names, const struct judge *judge,
                 uint64_t now)
{
	uint64_t to_next_second_us;

	watch_sample(&s->watch, names, judge, now);
	if (!s->shown || now < s->due_us)
		return true;
	time_read(s, &to_next_second_us);
	s->due_us = now + to_next_second_us;
	terminal_size(&s->look.rows, &s->look.columns);
	size_t length = watch_draw(&s->watch, &s->look, names, judge, now, s->frame);
	int result = terminal_write(s->frame, length);
	return result == 0 || result == -EAGAIN;
}

uint64_t screen_due(const struct screen *s)
{
	uint64_t sample = s->watch.sample_us;

	return s->shown && s->due_us < sample ? s->due_us : sample;
}

bool screen_keys(struct screen *s)
{
	unsigned char keys[64];
	ssize_t count = read(STDIN_FILENO, keys, sizeof(keys));

	if (count < 0)
		return errno == EAGAIN || errno == EINTR;
	for (ssize_t i = 0; i < count; i++) {
		if (!watch_key(&s->watch, keys[i]))
			return false;
	}
	s->due_us = 0;
	return count > 0;
}

void screen_close(struct screen *s, bool failed)
{
	const char *last = watch_message_read(&s->watch, 0);

	log_set_writer(NULL, NULL);
	/* If the supervisor was killed, the shell may have the terminal by now. */
	if (terminal_is_taken(s->terminal))
		terminal_restore(s->terminal);
	if (s->shown)
		screen_hide(s);
	if (failed && last)
		log_error("%s", last);
	watch_free(&s->watch);
	free(s->frame);
}
