/*
 * The terminal on standard input and output: its modes, its size, its second screen. It makes no
 * calls but ioctl() and write(), so that the sandboxed prober can use it, too.
 */
#include "terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* xterm's, as every terminal of today has them: screen and cursor; the first clears, too. */
#define SCREEN_ENTER "\033[?1049h\033[?25l\033[2J"
#define SCREEN_LEAVE "\033[m\033[?25h\033[?1049l"

const char *terminal_missing(void)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return "standard input and output are not a terminal";
	if (!term || *term == '\0' || strcmp(term, "dumb") == 0)
		return "the terminal is dumb (see TERM)";
	return NULL;
}

int terminal_take(struct terminal *t)
{
	if (tcgetattr(STDOUT_FILENO, &t->before) != 0)
		return -errno;
	t->known = true;
	t->during = t->before;
	t->during.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	t->during.c_iflag &= (tcflag_t)~IXON; /* no ^S: the prober would wait for ^Q */
	t->during.c_oflag |= OPOST | ONLCR;
	t->during.c_cc[VMIN] = 1;
	t->during.c_cc[VTIME] = 0;
	if (tcsetattr(STDOUT_FILENO, TCSANOW, &t->during) != 0 ||
	    tcgetattr(STDOUT_FILENO, &t->during) != 0)
		return -errno;
	return 0;
}

void terminal_retake(const struct terminal *t)
{
	tcsetattr(STDOUT_FILENO, TCSANOW, &t->during);
}

void terminal_restore(const struct terminal *t)
{
	if (t->known)
		tcsetattr(STDOUT_FILENO, TCSANOW, &t->before);
}

bool terminal_is_taken(const struct terminal *t)
{
	struct termios now;

	return tcgetattr(STDOUT_FILENO, &now) == 0 && now.c_iflag == t->during.c_iflag &&
	       now.c_oflag == t->during.c_oflag && now.c_lflag == t->during.c_lflag &&
	       memcmp(now.c_cc, t->during.c_cc, sizeof(now.c_cc)) == 0;
}

void terminal_size(unsigned *rows, unsigned *columns)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		size = (struct winsize){0};
	*rows = size.ws_row != 0 ? size.ws_row : 24;
	*columns = size.ws_col != 0 ? size.ws_col : 80;
}

int terminal_enter(void)
{
	return terminal_write(SCREEN_ENTER, sizeof(SCREEN_ENTER) - 1);
}

int terminal_leave(void)
{
	return terminal_write(SCREEN_LEAVE, sizeof(SCREEN_LEAVE) - 1);
}

/* One write, unless a signal cuts it short. */
int terminal_write(const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, bytes, length);
		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return 0;
}
