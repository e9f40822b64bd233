/*
 * What --check finds of an installation, a line each on standard output: "ok: WHAT",
 * "note: WHAT", or "missing: WHAT (do this: REMEDY)". Control bytes are shown as '?'.
 */
#pragma once

#include <stddef.h>

/* What has a remedy is counted in *missing; other kinds have NULL for both. */
void check_output(const char *kind, unsigned *missing, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#define check_output_ok(...) check_output("ok", NULL, NULL, __VA_ARGS__)

/* Worth knowing, and nothing to be done. */
#define check_output_note(...) check_output("note", NULL, NULL, __VA_ARGS__)

#define check_output_missing(missing, remedy, ...) \
	check_output("missing", missing, remedy, __VA_ARGS__)
