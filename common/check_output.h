/*
 * What --check finds of an installation, a line each on standard output: "ok: WHAT",
 * "note: WHAT", or "missing: WHAT (do this: REMEDY)". Control bytes are shown as '?'.
 */
#ifndef NAT64HEALTH_CHECK_OUTPUT_H
#define NAT64HEALTH_CHECK_OUTPUT_H

void check_output_ok(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Worth knowing, and nothing to be done. */
void check_output_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Counts it in *missing. */
void check_output_missing(unsigned *missing, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
