/*
 * What the fuzz targets share: a check that ends the process, and the rules of RFC 6052 written a
 * second time, so that a mistake in common/prefix does not hide itself.
 */
#pragma once

#include "prefix.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The trace of the abort names the line. */
#define CHECK(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline bool fuzz_same(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && memcmp(&a->addr, &b->addr, sizeof(a->addr)) == 0;
}

static inline unsigned fuzz_bit(const struct in6_addr *addr, unsigned n)
{
	return (addr->s6_addr[n / 8] >> (7 - n % 8)) & 1U;
}

/* Do the first bits of both agree, as many as the shorter has? */
static inline bool fuzz_overlap(const struct prefix *a, const struct prefix *b)
{
	unsigned common = a->len < b->len ? a->len : b->len;

	for (unsigned n = 0; n < common; n++) {
		if (fuzz_bit(&a->addr, n) != fuzz_bit(&b->addr, n))
			return false;
	}
	return true;
}

/* The octets of an address that hold the IPv4 address (the figure in RFC 6052, section 2.2). */
static inline const uint8_t *fuzz_places(uint8_t len)
{
	static const uint8_t places[][4] = {
		[32 / 8] = {4, 5, 6, 7},   [40 / 8] = {5, 6, 7, 9},    [48 / 8] = {6, 7, 9, 10},
		[56 / 8] = {7, 9, 10, 11}, [64 / 8] = {9, 10, 11, 12}, [96 / 8] = {12, 13, 14, 15},
	};

	return len % 8 == 0 && len <= 96 && places[len / 8][0] ? places[len / 8] : NULL;
}

static inline void fuzz_check_form(const struct prefix *p)
{
	CHECK(fuzz_places(p->len));
	for (unsigned n = p->len; n < 128; n++)
		CHECK(fuzz_bit(&p->addr, n) == 0);
	CHECK(p->addr.s6_addr[8] == 0);
}

/* What an accepted prefix prints is read as the same prefix, and printed the same. */
static inline void fuzz_check_round_trip(const struct prefix *p)
{
	char first[PREFIX_STRLEN], second[PREFIX_STRLEN];
	struct prefix again;

	CHECK(prefix_format(p, first) == first);
	CHECK(strlen(first) < sizeof(first));
	CHECK(prefix_parse(&again, first) == PREFIX_OK);
	CHECK(fuzz_same(p, &again));
	CHECK(strcmp(prefix_format(&again, second), first) == 0);
}
