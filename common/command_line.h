/*
 * The options of a command line, read in the same way and with the same words by both programs.
 * What an option means is the program's.
 */
#pragma once

#include <getopt.h>

/* Options without a letter have values from here on in their table. */
#define COMMAND_LINE_LONG_ONLY 256

struct command_line {
	const char *program;
	const char *help; /* what --help prints */
	/* Long options; val is the letter of a short one, too. 'v', 'h' and 'V' are dealt with
	 * here. */
	const struct option *table;
	/*
	 * Takes any other option by its val, with its value or NULL. Returns NULL, or what is wrong
	 * with the value, in words that fit behind it.
	 */
	const char *(*take)(void *options, int val, const char *value);
};

/* Returned after --help or --version was printed: there is nothing left to do. */
#define COMMAND_LINE_DONE (-1)

/*
 * Reads all options; argv is put in order, words that are none last. -v raises the level of what
 * is logged, and raises it again when repeated. Returns the place of the first word that is no
 * option, COMMAND_LINE_DONE, or -EINVAL after it was logged what is wrong.
 */
int command_line_read(const struct command_line *line, int argc, char **argv, void *options);
