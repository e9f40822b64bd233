/*
 * A question to BIND, and what its answer tells of the prefixes in force (RFC 7050).
 * Pure: bytes in, bytes out.
 */
#include "answer.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <string.h>
#include <strings.h>

#define QUESTION_NAME "ipv4only.arpa"

/* Bits 64 to 71, zero in every address with an IPv4 address in it (RFC 6052, section 2.2). */
#define U_OCTET 8

/* Addresses that fit a message: 28 bytes each with a compressed name. */
#define ADDRESSES_MAX (ANSWER_MAX / 28)

/* The well-known addresses of ipv4only.arpa (RFC 7050, section 8.2). */
static const uint8_t well_known[2][4] = {{192, 0, 0, 170}, {192, 0, 0, 171}};

/* The longest first: see prefixes_find. */
static const uint8_t prefix_lengths[] = {96, 64, 56, 48, 40, 32};

struct addresses {
	struct in6_addr list[ADDRESSES_MAX];
	size_t count;
	uint32_t ttl;
};

void answer_question(uint8_t message[ANSWER_QUESTION_LENGTH], uint16_t id, bool recurse)
{
	static const uint8_t question[ANSWER_QUESTION_LENGTH] =
		"\0\0\0\0\0\1\0\0\0\0\0\0\010ipv4only\4arpa\0\0\034\0";

	memcpy(message, question, ANSWER_QUESTION_LENGTH);
	message[0] = (uint8_t)(id >> 8);
	message[1] = (uint8_t)id;
	message[2] = recurse ? 1 : 0;
	message[ANSWER_QUESTION_LENGTH - 1] = ns_c_in;
}

static bool addresses_hold(const struct addresses *all, const struct in6_addr *addr)
{
	for (size_t i = 0; i < all->count; i++) {
		if (memcmp(&all->list[i], addr, sizeof(*addr)) == 0)
			return true;
	}
	return false;
}

/* addr with a well-known address in the place that a prefix of len bits leaves for it. */
static struct in6_addr address_with(const struct in6_addr *addr, uint8_t len, const uint8_t v4[4])
{
	/* Byte 8 is skipped (RFC 6052, section 2.2). */
	size_t end = len / 8U + 4 + (len > 32 && len < 96 ? 1 : 0);
	struct prefix p = {.len = len};
	struct in6_addr out = *addr;
	struct in_addr in;

	memcpy(&p.addr, addr, len / 8U);
	memcpy(&in, v4, sizeof(in));
	struct in6_addr made = prefix_embed(&p, in);
	memcpy(&out, &made, end);
	return out;
}

/*
 * The bytes of a well-known address may stand inside a prefix by chance. Behind the prefix stand
 * both of them in turn, so there must be a twin that differs in just that. A suffix is allowed.
 */
static bool prefix_extract(struct prefix *p, const struct addresses *all,
                           const struct in6_addr *addr, uint8_t len)
{
	struct in6_addr first = address_with(addr, len, well_known[0]);
	struct in6_addr twin = address_with(addr, len, well_known[1]);

	*p = (struct prefix){.len = len};
	memcpy(&p->addr, addr, len / 8U);
	return addr->s6_addr[U_OCTET] == 0 && memcmp(&first, addr, sizeof(first)) == 0 &&
	       addresses_hold(all, &twin);
}

/* In ascending order: BIND mixes the addresses anew in each answer. */
static void prefix_add(struct answer *answer, const struct prefix *p)
{
	struct prefix_set *set = &answer->prefixes;
	size_t place = set->count;

	while (place > 0 && prefix_compare(&set->prefixes[place - 1], p) > 0)
		place--;
	if (place > 0 && prefix_compare(&set->prefixes[place - 1], p) == 0)
		return;
	/* Each takes two addresses, so that no message has room for more. */
	if (set->count == SET_PREFIXES_MAX)
		return;
	memmove(&set->prefixes[place + 1], &set->prefixes[place],
	        (set->count - place) * sizeof(*p));
	set->prefixes[place] = *p;
	set->count++;
}

static bool covers_found(const struct answer *answer, const struct prefix *p)
{
	for (size_t i = 0; i < answer->prefixes.count; i++) {
		const struct prefix *found = &answer->prefixes.prefixes[i];
		if (found->len > p->len && prefix_overlaps(found, p))
			return true;
	}
	return false;
}

/*
 * Two long prefixes that differ as the well-known addresses do look like a short one that covers
 * both. A set never holds such a pair of cover and covered.
 */
static void prefixes_find(struct answer *answer, const struct addresses *all)
{
	for (size_t j = 0; j < sizeof(prefix_lengths); j++) {
		for (size_t i = 0; i < all->count; i++) {
			struct prefix p;
			if (prefix_extract(&p, all, &all->list[i], prefix_lengths[j]) &&
			    !covers_found(answer, &p))
				prefix_add(answer, &p);
		}
	}
}

static bool is_our_question(ns_msg *msg, uint16_t id)
{
	ns_rr rr;

	return ns_msg_id(*msg) == id && ns_msg_getflag(*msg, ns_f_qr) == 1 &&
	       ns_msg_getflag(*msg, ns_f_opcode) == ns_o_query &&
	       ns_msg_count(*msg, ns_s_qd) == 1 && ns_parserr(msg, ns_s_qd, 0, &rr) == 0 &&
	       ns_rr_type(rr) == ns_t_aaaa && ns_rr_class(rr) == ns_c_in &&
	       strcasecmp(ns_rr_name(rr), QUESTION_NAME) == 0;
}

/* Returns false if the message is broken. */
static bool addresses_read(ns_msg *msg, struct addresses *all)
{
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*msg, ns_s_an); i++) {
		if (ns_parserr(msg, ns_s_an, i, &rr) != 0)
			return false;
		if (ns_rr_type(rr) != ns_t_aaaa || ns_rr_class(rr) != ns_c_in ||
		    ns_rr_rdlen(rr) != sizeof(struct in6_addr) || all->count == ADDRESSES_MAX)
			continue;
		memcpy(&all->list[all->count++], ns_rr_rdata(rr), sizeof(struct in6_addr));
		if (ns_rr_ttl(rr) < all->ttl)
			all->ttl = ns_rr_ttl(rr);
	}
	return true;
}

void answer_parse(struct answer *answer, const uint8_t *message, size_t length, uint16_t id)
{
	struct addresses all = {.ttl = UINT32_MAX};
	ns_msg msg;

	*answer = (struct answer){.kind = ANSWER_IGNORED};
	if (length > ANSWER_MAX || ns_initparse(message, (int)length, &msg) != 0 ||
	    !is_our_question(&msg, id) || !addresses_read(&msg, &all))
		return;
	answer->rcode = ns_msg_getflag(msg, ns_f_rcode);
	answer->authoritative = ns_msg_getflag(msg, ns_f_aa) != 0;
	answer->ttl = all.ttl;
	if (answer->rcode != ns_r_noerror)
		answer->kind = ANSWER_FAILED;
	else if (ns_msg_getflag(msg, ns_f_tc))
		answer->kind = ANSWER_CUT;
	else {
		prefixes_find(answer, &all);
		answer->kind = answer->prefixes.count > 0 ? ANSWER_PREFIXES : ANSWER_PLAIN;
	}
}

const char *answer_rcode_name(int rcode)
{
	static const char *const names[] = {"NOERROR",  "FORMERR", "SERVFAIL",
	                                    "NXDOMAIN", "NOTIMP",  "REFUSED"};

	if (rcode < 0 || (size_t)rcode >= sizeof(names) / sizeof(names[0]))
		return NULL;
	return names[rcode];
}
