/* Text for Prometheus. It holds no metric of its own. */
#include "prom.h"

#include <math.h>

void prom_family(struct text *text, const char *name, enum prom_type type, const char *help)
{
	text_add(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
	         type == PROM_COUNTER ? "counter" : "gauge");
}

/* 15 digits: counts are whole, and decimal fractions stay as short as they are. */
void prom_sample(struct text *text, const char *name, const char *labels, double value)
{
	if (isnan(value))
		return;
	if (labels)
		text_add(text, "%s{%s} %.15g\n", name, labels, value);
	else
		text_add(text, "%s %.15g\n", name, value);
}

void prom_single(struct text *text, const char *name, enum prom_type type, const char *help,
                 double value)
{
	if (isnan(value))
		return;
	prom_family(text, name, type, help);
	prom_sample(text, name, NULL, value);
}
