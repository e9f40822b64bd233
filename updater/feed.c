/*
 * Set lines from a descriptor, in bounded memory. What is done with a set is not known here.
 */
#include "feed.h"

#include "clock.h"
#include "log.h"
#include "units.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A writer that sends rubbish must not fill the log with it: so many refusals in so long. */
#define REFUSALS_MAX 10
#define REFUSALS_US  (10 * SECOND_US)

#define WHY_MAX 192

void feed_sum_up(struct feed *f)
{
	if (f->untold > 0)
		log_error("%lu more lines were refused, the last of them line %lu", f->untold,
		          f->refused_line);
	f->told = f->untold = 0;
}

static void line_refuse(struct feed *f, const char *why, uint64_t now_us)
{
	f->refusals++;
	f->refused = true;
	if (f->told > 0 && now_us >= f->told_us + REFUSALS_US)
		feed_sum_up(f);
	if (f->told == 0)
		f->told_us = now_us;
	f->refused_line = f->lines;
	if (f->told == REFUSALS_MAX) {
		f->untold++;
		return;
	}
	f->told++;
	log_error("line %lu refused: %s; the set in force stays", f->lines, why);
}

void feed_fill(struct feed *f, int fd)
{
	memmove(f->buffer, f->buffer + f->start, f->end - f->start);
	f->end -= f->start;
	f->start = 0;

	ssize_t got = read(fd, f->buffer + f->end, sizeof(f->buffer) - f->end);
	if (got > 0) {
		f->end += (size_t)got;
		f->line_us = clock_wall_us();
		return;
	}
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	f->ended = true;
	if (got < 0) {
		f->refused = true; /* the last line is not known */
		log_error("cannot read standard input: %s", strerror(errno));
	} else if (f->start < f->end) {
		f->start = f->end;
		f->lines++;
		line_refuse(f, "it has no end: its writer died in the middle", clock_us());
	}
}

bool feed_line(struct feed *f, const char **line, size_t *length)
{
	while (f->start < f->end) {
		const char *start = f->buffer + f->start;
		size_t left = f->end - f->start;
		const char *newline = memchr(start, '\n', left);
		bool skipped = f->skipping;

		if (!newline && !skipped && left < SET_LINE_MAX)
			return false;
		f->skipping = !newline;
		f->start = newline ? (size_t)(newline - f->buffer) + 1 : f->end;
		if (skipped)
			continue;
		f->lines++;
		*line = start;
		*length = newline ? (size_t)(newline - start) : SET_LINE_MAX;
		if (*length > SET_LINE_MAX)
			*length = SET_LINE_MAX;
		return true;
	}
	return false;
}

/* Adds the first prefix of the set that may not be in one. */
static bool set_allowed(const struct feed *f, const struct prefix_set *set, struct text *why)
{
	char prefix[PREFIX_STRLEN];

	for (size_t i = 0; f->allow && i < set->count; i++) {
		if (prefix_file_find(f->allow, &set->prefixes[i]) < f->allow->count)
			continue;
		text_add(why,
		         "%s is not in %.64s: was its writer taken over, or the file edited and "
		         "not read again (HUP)?",
		         prefix_format(&set->prefixes[i], prefix), f->allow_name);
		return false;
	}
	return true;
}

bool feed_set(struct feed *f, struct prefix_set *set, uint64_t now_us)
{
	char buf[WHY_MAX];
	const char *line;
	size_t length;

	while (feed_line(f, &line, &length)) {
		struct text why = text_in(buf, sizeof(buf));
		enum set_line_verdict verdict = set_line_parse(set, line, length, f->size, &why);

		if (verdict == SET_LINE_IGNORED)
			continue;
		if (verdict == SET_LINE_SET && set_allowed(f, set, &why)) {
			f->accepted++;
			f->refused = false;
			return true;
		}
		line_refuse(f, buf, now_us);
	}
	return false;
}
