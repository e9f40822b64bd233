/*
 * Lists and options that are no errors, and yet keep the monitor from doing its job.
 */
#ifndef NAT64HEALTH_ADVICE_H
#define NAT64HEALTH_ADVICE_H

#include "options.h"
#include "prefix_file.h"

enum advice_weight {
	ADVICE_NOTE,   /* odd: most likely not what was meant */
	ADVICE_BROKEN, /* what is to be healed will not be */
};

/* Hears what is wrong, and what to do about it. */
typedef void advice_listener(void *context, enum advice_weight weight, const char *problem,
                             const char *cure);

void advice_give(const struct prefix_file *file, const struct options *options,
                 advice_listener *listener, void *context);

/* The same, as warnings in the log. */
void advice_log(const struct prefix_file *file, const struct options *options);

#endif
