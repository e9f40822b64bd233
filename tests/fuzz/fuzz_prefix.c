/*
 * Two lines, each read as a prefix: a prefix is accepted exactly when an independent reading of the
 * rules accepts it, prints and parses again to the same, and holds the IPv4 address put into it.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <stdio.h>

/* IPv6 text that names an address or a range which no translator can have. */
static const char *const refused[] = {"::1/128", "::/96", "::ffff:0:0/96", "fe80::/10", "ff00::/8"};

static bool refused_overlap(const struct prefix *p)
{
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct prefix range;
		char addr[INET6_ADDRSTRLEN];
		unsigned len;
		CHECK(sscanf(refused[i], "%45[^/]/%u", addr, &len) == 2);
		CHECK(inet_pton(AF_INET6, addr, &range.addr) == 1);
		range.len = (uint8_t)len;
		if (fuzz_overlap(p, &range))
			return true;
	}
	return false;
}

static bool is_prefix(const char *text)
{
	char addr[128];
	struct prefix p;
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t)(slash - text) : strlen(text);
	int len = 96;

	if (length >= sizeof(addr))
		return false;
	memcpy(addr, text, length);
	addr[length] = '\0';
	if (inet_pton(AF_INET6, addr, &p.addr) != 1)
		return false;
	if (slash) {
		char canonical[16];
		len = atoi(slash + 1);
		snprintf(canonical, sizeof(canonical), "%d", len);
		if (strcmp(canonical, slash + 1) != 0)
			return false;
	}
	if (len < 0 || len > 128 || !fuzz_places((uint8_t)len))
		return false;
	p.len = (uint8_t)len;
	for (unsigned n = p.len; n < 128; n++) {
		if (fuzz_bit(&p.addr, n))
			return false;
	}
	return p.addr.s6_addr[8] == 0 && !refused_overlap(&p);
}

static void embed_check(const struct prefix *p, const uint8_t octets[4])
{
	const uint8_t *places = fuzz_places(p->len);
	struct in_addr v4;
	struct in6_addr rest;

	memcpy(&v4, octets, sizeof(v4));
	struct in6_addr made = prefix_embed(p, v4);
	CHECK(places);
	rest = made;
	for (unsigned i = 0; i < 4; i++) {
		CHECK(made.s6_addr[places[i]] == octets[i]);
		rest.s6_addr[places[i]] = 0;
	}
	CHECK(memcmp(&rest, &p->addr, sizeof(rest)) == 0);
}

/* Whatever is guessed is a prefix; what is one already, is guessed as it is. */
static void guess_check(const char *text)
{
	struct prefix guess, parsed;
	bool guessed = prefix_guess(&guess, text);

	if (guessed) {
		fuzz_check_form(&guess);
		fuzz_check_round_trip(&guess);
		CHECK(!refused_overlap(&guess));
	}
	if (prefix_parse(&parsed, text) == PREFIX_OK)
		CHECK(guessed && fuzz_same(&guess, &parsed));
}

static bool text_check(const char *text, struct prefix *p)
{
	struct prefix before;

	memset(p, 0xa5, sizeof(*p));
	memcpy(&before, p, sizeof(before));
	guess_check(text);
	enum prefix_error error = prefix_parse(p, text);
	CHECK(prefix_strerror(error)[0] != '\0' &&
	      strcmp(prefix_strerror(error), "unknown error") != 0);
	CHECK((error == PREFIX_OK) == is_prefix(text));
	if (error != PREFIX_OK) {
		CHECK(memcmp(p, &before, sizeof(before)) == 0);
		return false;
	}
	fuzz_check_form(p);
	fuzz_check_round_trip(p);
	embed_check(p, (const uint8_t[]){192, 0, 0, 170});
	embed_check(p, (const uint8_t[]){255, 254, 253, 252});
	return true;
}

static void pair_check(const struct prefix *a, const struct prefix *b)
{
	int order = prefix_compare(a, b), reverse = prefix_compare(b, a);

	CHECK((order == 0) == fuzz_same(a, b));
	CHECK((order < 0) == (reverse > 0) && (order > 0) == (reverse < 0));
	CHECK(prefix_overlaps(a, b) == fuzz_overlap(a, b));
	CHECK(prefix_overlaps(b, a) == fuzz_overlap(a, b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prefix first, second;
	char *text = malloc(size + 1);

	CHECK(text);
	memcpy(text, data, size);
	text[size] = '\0';
	char *newline = strchr(text, '\n');
	if (newline)
		*newline = '\0';
	bool both = text_check(text, &first);
	if (newline && text_check(newline + 1, &second) && both)
		pair_check(&first, &second);
	free(text);
	return 0;
}
