/*
 * Words for what went wrong, written where it is known and logged where it is decided.
 */
#include "reason.h"

#include <stdarg.h>
#include <stdio.h>

int reason_set(char reason[REASON_MAX], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason, REASON_MAX, format, args);
	va_end(args);
	return -1;
}
