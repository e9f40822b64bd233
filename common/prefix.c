/*
 * NAT64 prefixes (RFC 6052): parse, check, print, and embed an IPv4 address.
 * It judges form only; which prefixes are wanted is the prefix file's matter.
 */
#include "prefix.h"

#include "units.h"

#include <arpa/inet.h>
#include <string.h>

/* Bits 64..71 of every address with an embedded IPv4 address are zero (RFC 6052, section 2.2). */
#define U_OCTET 8

static const struct {
	struct prefix range;
	enum prefix_error error;
} refused_ranges[] = {
	{{{{{[15] = 1}}}, 128}, PREFIX_LOOPBACK},
	{{{{{0}}}, 96}, PREFIX_COMPATIBLE},
	{{{{{[10] = 0xff, [11] = 0xff}}}, 96}, PREFIX_MAPPED},
	{{{{{0xfe, 0x80}}}, 10}, PREFIX_LINK_LOCAL},
	{{{{{0xff}}}, 8}, PREFIX_MULTICAST},
};

static bool address_within(const struct in6_addr *addr, const struct prefix *range)
{
	unsigned whole = range->len / 8;
	unsigned rest = range->len % 8;

	if (memcmp(addr->s6_addr, range->addr.s6_addr, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	unsigned mask = 0xffU << (8 - rest);
	return ((addr->s6_addr[whole] ^ range->addr.s6_addr[whole]) & mask) == 0;
}

/* Canonical decimal only: no sign, no space, no leading zero. */
static bool length_parse(uint8_t *len, const char *text)
{
	static const char *const names[] = {"32", "40", "48", "56", "64", "96"};
	static const uint8_t lengths[] = {32, 40, 48, 56, 64, 96};

	for (size_t i = 0; i < sizeof(lengths); i++) {
		if (strcmp(text, names[i]) == 0) {
			*len = lengths[i];
			return true;
		}
	}
	return false;
}

static enum prefix_error prefix_check(const struct prefix *p)
{
	for (size_t i = 0; i < COUNT(refused_ranges); i++) {
		if (address_within(&p->addr, &refused_ranges[i].range))
			return refused_ranges[i].error;
	}
	for (unsigned i = p->len / 8; i < sizeof(p->addr.s6_addr); i++) {
		if (p->addr.s6_addr[i] != 0)
			return PREFIX_HOST_BITS;
	}
	if (p->addr.s6_addr[U_OCTET] != 0)
		return PREFIX_U_OCTET;
	return PREFIX_OK;
}

/* "ADDR" or "ADDR/LEN", whatever the bits are. */
static enum prefix_error address_parse(struct prefix *p, const char *text)
{
	char addr[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);

	*p = (struct prefix){.len = 96};
	if (length >= sizeof(addr))
		return PREFIX_NOT_ADDRESS;
	memcpy(addr, text, length);
	addr[length] = '\0';
	if (inet_pton(AF_INET6, addr, &p->addr) != 1)
		return PREFIX_NOT_ADDRESS;
	return slash && !length_parse(&p->len, slash + 1) ? PREFIX_BAD_LENGTH : PREFIX_OK;
}

enum prefix_error prefix_parse(struct prefix *p, const char *text)
{
	struct prefix parsed;
	enum prefix_error error = address_parse(&parsed, text);

	if (error == PREFIX_OK)
		error = prefix_check(&parsed);
	if (error == PREFIX_OK)
		*p = parsed;
	return error;
}

bool prefix_guess(struct prefix *p, const char *text)
{
	char cleaned[PREFIX_STRLEN];
	size_t used = 0;
	struct prefix guess;

	for (; *text > ' ' && *text <= '~' && !strchr(",;", *text); text++) {
		if (strchr("[](){}<>'\"", *text))
			continue;
		if (used == sizeof(cleaned) - 1)
			return false;
		cleaned[used++] = *text;
	}
	while (used > 0 && cleaned[used - 1] == '.')
		used--;
	cleaned[used] = '\0';
	if (address_parse(&guess, cleaned) != PREFIX_OK)
		return false;
	memset(guess.addr.s6_addr + guess.len / 8, 0, sizeof(guess.addr) - guess.len / 8);
	if (prefix_check(&guess) != PREFIX_OK)
		return false;
	*p = guess;
	return true;
}

const char *prefix_strerror(enum prefix_error error)
{
	switch (error) {
	case PREFIX_OK:
		return "no error";
	case PREFIX_NOT_ADDRESS:
		return "not an IPv6 prefix; expected ADDRESS or ADDRESS/LENGTH";
	case PREFIX_BAD_LENGTH:
		return "prefix length must be 32, 40, 48, 56, 64 or 96 (RFC 6052)";
	case PREFIX_HOST_BITS:
		return "bits behind the prefix length must be zero";
	case PREFIX_U_OCTET:
		return "bits 64 to 71 must be zero (RFC 6052)";
	case PREFIX_COMPATIBLE:
		return "IPv4-compatible addresses (::/96) cannot be a NAT64 prefix";
	case PREFIX_MAPPED:
		return "IPv4-mapped addresses (::ffff:0:0/96) cannot be a NAT64 prefix";
	case PREFIX_LOOPBACK:
		return "the loopback address cannot be a NAT64 prefix";
	case PREFIX_LINK_LOCAL:
		return "link-local addresses (fe80::/10) cannot be a NAT64 prefix";
	case PREFIX_MULTICAST:
		return "multicast addresses (ff00::/8) cannot be a NAT64 prefix";
	}
	return "unknown error";
}

const char *prefix_format(const struct prefix *p, char buf[PREFIX_STRLEN])
{
	/* glibc's inet_ntop follows RFC 5952 for every address that prefix_parse accepts. */
	inet_ntop(AF_INET6, &p->addr, buf, INET6_ADDRSTRLEN);

	size_t used = strlen(buf);
	buf[used++] = '/';
	buf[used++] = (char)('0' + p->len / 10);
	buf[used++] = (char)('0' + p->len % 10);
	buf[used] = '\0';
	return buf;
}

int prefix_compare(const struct prefix *a, const struct prefix *b)
{
	int order = memcmp(&a->addr, &b->addr, sizeof(a->addr));

	return order != 0 ? order : a->len - b->len;
}

bool prefix_overlaps(const struct prefix *a, const struct prefix *b)
{
	return a->len <= b->len ? address_within(&b->addr, a) : address_within(&a->addr, b);
}

struct in6_addr prefix_embed(const struct prefix *p, struct in_addr v4)
{
	struct in6_addr out = p->addr;
	uint8_t octets[sizeof(v4)];
	unsigned at = p->len / 8;

	memcpy(octets, &v4, sizeof(octets));
	for (unsigned i = 0; i < sizeof(octets); i++) {
		if (at == U_OCTET)
			at++;
		out.s6_addr[at++] = octets[i];
	}
	return out;
}

/* Does addr stand for 192.0.0.170 or .171 behind p (RFC 7050, section 8.2)? */
static bool is_well_known(const struct prefix *p, const struct in6_addr *addr)
{
	size_t length = p->len / 8U + 4 + (p->len > 32 && p->len < 96 ? 1 : 0);

	for (uint32_t host = 170; host <= 171; host++) {
		struct in6_addr made = prefix_embed(p, (struct in_addr){htonl(0xc0000000 | host)});
		if (addr->s6_addr[U_OCTET] == 0 && memcmp(&made, addr, length) == 0)
			return true;
	}
	return false;
}

/* The longest first: the same bytes may stand inside a long prefix by chance. */
bool prefix_discover(struct prefix *p, const struct in6_addr *addr)
{
	static const uint8_t lengths[] = {96, 64, 56, 48, 40, 32};

	for (size_t i = 0; i < sizeof(lengths); i++) {
		*p = (struct prefix){.len = lengths[i]};
		memcpy(&p->addr, addr, p->len / 8U);
		if (is_well_known(p, addr))
			return true;
	}
	return false;
}
