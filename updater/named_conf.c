/*
 * named's configuration, read only to find out whether it includes the output, and whether it has
 * dns64 blocks of its own. It knows words, strings, comments and includes, and no more of the
 * grammar: whether the rest is right is named-checkconf's to say.
 */
#include "named_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bounds that no honest configuration reaches. */
#define FILES_MAX 1024
#define BYTES_MAX (16L * 1024 * 1024) /* of a file */
#define TOKEN_MAX PATH_MAX

/* The files found so far; those up to next have been read. */
struct reading {
	struct named_conf *conf;
	const char *root;
	const char *output;
	char *paths[FILES_MAX];
	size_t count, next;
};

struct scan {
	const char *at, *end;
	unsigned line;
	char token[TOKEN_MAX]; /* a word, a string without its quotes, or one of "{};" */
};

static void skip(struct scan *s, size_t bytes)
{
	for (; bytes > 0 && s->at < s->end; bytes--)
		s->line += *s->at++ == '\n';
}

static bool starts(const struct scan *s, const char *with)
{
	size_t length = strlen(with);

	return (size_t)(s->end - s->at) >= length && memcmp(s->at, with, length) == 0;
}

static void skip_until(struct scan *s, const char *what)
{
	while (s->at < s->end && !starts(s, what))
		skip(s, 1);
}

static void skip_space(struct scan *s)
{
	for (;;) {
		if (starts(s, "#") || starts(s, "//")) {
			skip_until(s, "\n");
		} else if (starts(s, "/*")) {
			skip(s, 2);
			skip_until(s, "*/");
			skip(s, 2);
		} else if (s->at < s->end && strchr(" \t\r\n\v\f", *s->at)) {
			skip(s, 1);
		} else {
			return;
		}
	}
}

static bool ends_word(const struct scan *s)
{
	return strchr(" \t\r\n\v\f{};\"", *s->at) || starts(s, "//") || starts(s, "/*");
}

/* The next token; what is too long for one is cut. Returns false at the end. */
static bool token_next(struct scan *s)
{
	size_t length = 0;

	skip_space(s);
	if (s->at >= s->end)
		return false;
	bool quoted = *s->at == '"';
	if (quoted)
		skip(s, 1);
	while (s->at < s->end && (quoted ? *s->at != '"' : length == 0 || !ends_word(s))) {
		if (quoted && *s->at == '\\')
			skip(s, 1);
		if (s->at < s->end && length < sizeof(s->token) - 1)
			s->token[length++] = *s->at;
		skip(s, 1);
		if (!quoted && length == 1 && strchr("{};", s->token[0]))
			break;
	}
	if (quoted)
		skip(s, 1);
	s->token[length] = '\0';
	return true;
}

static void path_add(struct reading *r, const char *path)
{
	for (size_t i = 0; i < r->count; i++) {
		if (strcmp(r->paths[i], path) == 0)
			return;
	}
	if (r->count < FILES_MAX && (r->paths[r->count] = strdup(path)) != NULL)
		r->count++;
}

static bool is_output(const struct reading *r, const char *path)
{
	struct stat a, b;

	if (strcmp(path, r->output) == 0)
		return true;
	return stat(path, &a) == 0 && stat(r->output, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* What is relative to named's working directory cannot be found from here. */
static void include_follow(struct reading *r, const char *name)
{
	char path[PATH_MAX];
	glob_t found;

	if (name[0] != '/' ||
	    snprintf(path, sizeof(path), "%s%s", r->root, name) >= (int)sizeof(path))
		return;
	if (is_output(r, path)) {
		r->conf->includes = true;
		return;
	}
	if (glob(path, GLOB_NOCHECK, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (is_output(r, found.gl_pathv[i]))
			r->conf->includes = true;
		else
			path_add(r, found.gl_pathv[i]);
	}
	globfree(&found);
}

static void text_scan(struct reading *r, const char *path, const char *text, size_t length)
{
	struct scan s = {.at = text, .end = text + length, .line = 1};
	bool begins = true; /* a statement */

	while (token_next(&s)) {
		bool is_block = begins && strcmp(s.token, "dns64") == 0;
		bool is_include = begins && strcmp(s.token, "include") == 0;

		if (is_block && r->conf->block[0] == '\0')
			snprintf(r->conf->block, sizeof(r->conf->block), "%s:%u", path, s.line);
		begins = s.token[0] != '\0' && s.token[1] == '\0' && strchr("{};", s.token[0]);
		if (is_include && token_next(&s))
			include_follow(r, s.token);
	}
}

/* Returns the text, to be freed, or NULL with errno set. */
static char *file_read(const char *path, size_t *length)
{
	struct stat st;
	char *text = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	bool known = fstat(fd, &st) == 0;
	if (known && S_ISREG(st.st_mode) && st.st_size <= BYTES_MAX)
		text = malloc((size_t)st.st_size + 1);
	else if (known)
		errno = S_ISREG(st.st_mode) ? EFBIG : S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	if (text) {
		ssize_t got = read(fd, text, (size_t)st.st_size);
		*length = got > 0 ? (size_t)got : 0;
	}
	int error = errno;
	close(fd);
	errno = error;
	return text;
}

void named_conf_read(struct named_conf *c, const char *root, const char *path, const char *output)
{
	struct reading r = {.conf = c, .root = root, .output = output};

	*c = (struct named_conf){.includes = false};
	include_follow(&r, path);
	while (r.next < r.count) {
		size_t length = 0;
		const char *name = r.paths[r.next++];
		char *text = file_read(name, &length);

		if (text) {
			text_scan(&r, name, text, length);
		} else if (c->unread[0] == '\0') {
			c->unread_error = errno;
			snprintf(c->unread, sizeof(c->unread), "%s", name);
		}
		free(text);
	}
	for (size_t i = 0; i < r.count; i++)
		free(r.paths[i]);
}
