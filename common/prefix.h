/*
 * NAT64 prefixes (RFC 6052): parse, check, print, and embed an IPv4 address.
 * Pure: no files, no sockets, no allocation.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Room for the longest prefix in RFC 5952 form with "/LEN" and the final NUL. */
#define PREFIX_STRLEN (INET6_ADDRSTRLEN + 4)

struct prefix {
	struct in6_addr addr; /* host bits and bits 64..71 are zero */
	uint8_t len;          /* bits: 32, 40, 48, 56, 64 or 96 (RFC 6052, section 2.2) */
};

enum prefix_error {
	PREFIX_OK,
	PREFIX_NOT_ADDRESS,
	PREFIX_BAD_LENGTH,
	PREFIX_HOST_BITS,
	PREFIX_U_OCTET,
	PREFIX_COMPATIBLE,
	PREFIX_MAPPED,
	PREFIX_LOOPBACK,
	PREFIX_LINK_LOCAL,
	PREFIX_MULTICAST,
};

/* Reads "ADDR" or "ADDR/LEN" (LEN is 96 when left out). *p is written only when PREFIX_OK. */
enum prefix_error prefix_parse(struct prefix *p, const char *text);

/*
 * What was meant by a text that is no prefix: without brackets, quotes, what stands behind a comma
 * or a byte that is no ASCII, and bits behind the length. *p is written only when it returns true.
 */
bool prefix_guess(struct prefix *p, const char *text);

/* What is wrong and what would be right, in words that fit after a colon. */
const char *prefix_strerror(enum prefix_error error);

/* Prints "ADDR/LEN" in RFC 5952 form into buf and returns buf. */
const char *prefix_format(const struct prefix *p, char buf[PREFIX_STRLEN]);

/* Orders by address, then by length: a prefix stands right before those that it covers. */
int prefix_compare(const struct prefix *a, const struct prefix *b);

/* True if one covers the other, or they are equal. */
bool prefix_overlaps(const struct prefix *a, const struct prefix *b);

/* The IPv6 address that stands for v4 behind p (RFC 6052, section 2.2; suffix zero). */
struct in6_addr prefix_embed(const struct prefix *p, struct in_addr v4);

/*
 * The prefix behind which addr, with any suffix, is one of ipv4only.arpa's two addresses (RFC
 * 7050). Returns false if there is none.
 */
bool prefix_discover(struct prefix *p, const struct in6_addr *addr);
