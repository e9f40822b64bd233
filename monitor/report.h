/*
 * What is told to people about prefixes: verdicts, sets, and the table.
 */
#ifndef NAT64HEALTH_REPORT_H
#define NAT64HEALTH_REPORT_H

#include "judge.h"
#include "prefix_file.h"
#include "targets.h"

/* Everything that has a name in a message. */
struct report_names {
	const struct prefix_file *file;
	const struct targets *targets;
};

/* Logs why a prefix went up or down, at level notice. */
void report_verdict(const struct report_names *names, const struct health_verdict *verdict);

/* Logs the new set and the one before (count 0: none). */
void report_set(const struct prefix_set *set, const struct prefix_set *before);

/* Tells each line of the table to the writer, without a newline. */
void report_table(const struct report_names *names, const struct judge *judge, uint64_t now_us,
                  void (*writer)(const char *line));

#endif
