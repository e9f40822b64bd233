/*
 * What --check finds of an installation, a line each on standard output. It finds nothing itself.
 */
#include "check_output.h"

#include <stdarg.h>
#include <stdio.h>

#define FINDING_MAX 1024

static void __attribute__((format(printf, 2, 0)))
words_print(const char *kind, const char *format, va_list args)
{
	char words[FINDING_MAX];

	vsnprintf(words, sizeof(words), format, args);
	for (char *c = words; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == '\177')
			*c = '?';
	}
	printf("%s: %s", kind, words);
}

void check_output_ok(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	words_print("ok", format, args);
	va_end(args);
	printf("\n");
}

void check_output_note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	words_print("note", format, args);
	va_end(args);
	printf("\n");
}

void check_output_missing(unsigned *missing, const char *remedy, const char *format, ...)
{
	va_list args;

	(*missing)++;
	va_start(args, format);
	words_print("missing", format, args);
	va_end(args);
	printf(" (do this: %s)\n", remedy);
}
