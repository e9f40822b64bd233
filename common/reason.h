/*
 * Words for what went wrong, written where it is known and logged where it is decided.
 */
#ifndef NAT64HEALTH_REASON_H
#define NAT64HEALTH_REASON_H

/* As long as a message may be; longer words are cut. */
#define REASON_MAX 1024

/* Writes the words and returns -1, so that a function can end with it. */
int reason_set(char reason[REASON_MAX], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
