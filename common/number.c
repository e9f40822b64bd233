/* Numbers that people write: digits, and for seconds a point. No signs, no exponents. */
#include "number.h"

#include "units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int number_parse(unsigned *number, const char *text, unsigned max)
{
	size_t length = strlen(text);

	if (length == 0 || length > 9 || strspn(text, "0123456789") != length)
		return -EINVAL;
	unsigned long parsed = strtoul(text, NULL, 10);
	if (parsed > max)
		return -EINVAL;
	*number = (unsigned)parsed;
	return 0;
}

int seconds_parse(uint64_t *us, const char *text, double min_s, double max_s)
{
	char *end;

	if (*text == '\0' || strspn(text, "0123456789.") != strlen(text))
		return -EINVAL;
	double seconds = strtod(text, &end);
	if (*end != '\0' || seconds < min_s || seconds > max_s)
		return -EINVAL;
	*us = (uint64_t)(seconds * (double)SECOND_US + 0.5); /* without libm */
	return 0;
}
