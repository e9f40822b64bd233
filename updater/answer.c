/*
 * A question to BIND, and what its answer tells of the prefixes in force (RFC 7050).
 * Pure: bytes in, bytes out.
 */
#include "answer.h"

#include <arpa/nameser.h>
#include <string.h>
#include <strings.h>

#define QUESTION_NAME "ipv4only.arpa"

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

/* In order: BIND mixes the addresses anew in each answer. */
static void found_add(struct prefix_set *set, const struct prefix *p)
{
	size_t place = set->count;

	if (set->count == SET_PREFIXES_MAX || prefix_set_holds(set, p))
		return;
	for (; place > 0 && prefix_compare(&set->prefixes[place - 1], p) > 0; place--)
		set->prefixes[place] = set->prefixes[place - 1];
	set->prefixes[place] = *p;
	set->count++;
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
static bool addresses_read(struct answer *answer, ns_msg *msg)
{
	struct in6_addr addr;
	struct prefix p;
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*msg, ns_s_an); i++) {
		if (ns_parserr(msg, ns_s_an, i, &rr) != 0)
			return false;
		if (ns_rr_type(rr) != ns_t_aaaa || ns_rr_class(rr) != ns_c_in ||
		    ns_rr_rdlen(rr) != sizeof(addr))
			continue;
		memcpy(&addr, ns_rr_rdata(rr), sizeof(addr));
		if (ns_rr_ttl(rr) < answer->ttl)
			answer->ttl = ns_rr_ttl(rr);
		if (prefix_discover(&p, &addr))
			found_add(&answer->prefixes, &p);
	}
	return true;
}

void answer_parse(struct answer *answer, const uint8_t *message, size_t length, uint16_t id)
{
	struct answer seen = {.ttl = UINT32_MAX};
	ns_msg msg;

	*answer = (struct answer){.kind = ANSWER_IGNORED};
	if (length > ANSWER_MAX || ns_initparse(message, (int)length, &msg) != 0 ||
	    !is_our_question(&msg, id) || !addresses_read(&seen, &msg))
		return;
	seen.rcode = ns_msg_getflag(msg, ns_f_rcode);
	seen.authoritative = ns_msg_getflag(msg, ns_f_aa) != 0;
	if (seen.rcode != ns_r_noerror)
		seen.kind = ANSWER_FAILED;
	else if (ns_msg_getflag(msg, ns_f_tc))
		seen.kind = ANSWER_CUT;
	else
		seen.kind = seen.prefixes.count > 0 ? ANSWER_PREFIXES : ANSWER_PLAIN;
	if (seen.kind != ANSWER_PREFIXES)
		seen.prefixes.count = 0;
	*answer = seen;
}
