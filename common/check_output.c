/* What --check finds of an installation. It finds nothing itself. */
#include "check_output.h"

#include <stdarg.h>
#include <stdio.h>

#define FINDING_MAX 1024

void check_output(const char *kind, unsigned *missing, const char *remedy, const char *format, ...)
{
	char words[FINDING_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	for (char *c = words; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ' || *c == '\177')
			*c = '?';
	}
	printf("%s: %s", kind, words);
	if (remedy) {
		(*missing)++;
		printf(" (do this: %s)", remedy);
	}
	printf("\n");
}
