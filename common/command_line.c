/* The options of a command line. It knows none but --help, --version and --verbose. */
#include "command_line.h"

#include "log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LETTERS_MAX 128

/* ":a:b", as getopt wants it: a missing value is told apart, and each letter may want one. */
static void letters_list(char letters[LETTERS_MAX], const struct option *table)
{
	size_t used = 0;

	letters[used++] = ':';
	for (; table->name && used + 2 < LETTERS_MAX; table++) {
		if (table->val >= COMMAND_LINE_LONG_ONLY)
			continue;
		letters[used++] = (char)table->val;
		if (table->has_arg == required_argument)
			letters[used++] = ':';
	}
	letters[used] = '\0';
}

static int option_refuse(const struct command_line *line, int result, const char *word)
{
	const char letter[] = {'-', (char)optopt, '\0'};
	bool is_long = strncmp(word, "--", 2) == 0 && (result == ':' || strchr(word, '='));

	/* Inside a group of letters, getopt has not yet moved on to this word. */
	if (optopt > 0 && optopt < COMMAND_LINE_LONG_ONLY && !is_long)
		word = letter;
	if (result == ':')
		log_error("option \"%s\" needs a value (see %s --help)", word, line->program);
	else
		log_error("unknown option \"%s\" (see %s --help)", word, line->program);
	return -EINVAL;
}

static int option_take(const struct command_line *line, int val, void *options)
{
	const char *wrong = line->take(options, val, optarg);
	const struct option *option = line->table;

	if (!wrong)
		return 0;
	while (option->val != val)
		option++;
	log_error("--%s \"%s\" %s", option->name, optarg ? optarg : "", wrong);
	return -EINVAL;
}

int command_line_read(const struct command_line *line, int argc, char **argv, void *options)
{
	char letters[LETTERS_MAX];
	int val, level = LOG_NOTICE;

	letters_list(letters, line->table);
	opterr = 0;
	optind = 0; /* from the start, whatever was read before */
	while ((val = getopt_long(argc, argv, letters, line->table, NULL)) != -1) {
		switch (val) {
		case 'h':
			fputs(line->help, stdout);
			return COMMAND_LINE_DONE;
		case 'V':
			printf("%s %s\n", line->program, VERSION);
			return COMMAND_LINE_DONE;
		case 'v':
			level = level == LOG_NOTICE ? LOG_INFO : LOG_DEBUG;
			log_set_level(level);
			break;
		case '?':
		case ':':
			return option_refuse(line, val, argv[optind - 1]);
		default:
			if (option_take(line, val, options) < 0)
				return -EINVAL;
		}
	}
	return optind;
}
