/*
 * Text for Prometheus (exposition format 0.0.4), as its textfile collector reads it: a family's
 * HELP and TYPE, then its samples. Names are the caller's.
 */
#pragma once

#include "text.h"

enum prom_type { PROM_GAUGE, PROM_COUNTER };

/* Begins a family; name is the whole metric name. */
void prom_family(struct text *text, const char *name, enum prom_type type, const char *help);

/*
 * Adds a sample of the family; labels, NULL for none, are what stands between the braces, as in
 * prefix="64:ff9b::/96". A value that is NaN is unknown: its sample is left out.
 */
void prom_sample(struct text *text, const char *name, const char *labels, double value);

/* A family of one sample without labels; left out as a whole while its value is NaN. */
void prom_single(struct text *text, const char *name, enum prom_type type, const char *help,
                 double value);
