/*
 * A question to BIND, and what its answer tells of the prefixes in force: ipv4only.arpa has two
 * known IPv4 addresses, so the IPv6 addresses made of them show the prefixes (RFC 7050).
 * Pure: bytes in, bytes out.
 */
#pragma once

#include "set_line.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a plain DNS message over UDP (RFC 1035): enough for 8 prefixes of 2 addresses each. */
#define ANSWER_MAX 512

/* Bytes of the question: header, name, type and class. */
#define ANSWER_QUESTION_LENGTH 31

enum answer_kind {
	ANSWER_IGNORED,  /* not an answer to this question */
	ANSWER_PREFIXES, /* at least one prefix */
	ANSWER_CACHED,   /* the same, but of a cache: it may be older than the last question */
	ANSWER_PLAIN,    /* it knows the name, and synthesizes nothing */
	ANSWER_FAILED,   /* rcode says how */
	ANSWER_CUT,      /* it did not fit */
};

struct answer {
	enum answer_kind kind;
	int rcode;
	bool authoritative;         /* as BIND's are, and a cache's are not */
	uint32_t ttl;               /* seconds, the least of the addresses */
	struct prefix_set prefixes; /* in ascending order */
};

/* Writes the question for ipv4only.arpa AAAA; recurse: other servers may be asked for it. */
void answer_question(uint8_t message[ANSWER_QUESTION_LENGTH], uint16_t id, bool recurse);

/* Judges what came; the bytes may be anything. */
void answer_parse(struct answer *answer, const uint8_t *message, size_t length, uint16_t id);
