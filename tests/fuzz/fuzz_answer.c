/*
 * Any bytes as the answer to the question for ipv4only.arpa. What is taken as an answer carries the
 * id, flags and question; what is found as a prefix shows a well-known address in the message.
 */
#include "answer.h"
#include "fuzz.h"

#include <arpa/nameser.h>
#include <strings.h>

enum { ID = 0x5a17 }; /* of the seeds */

/* The name at *at with a dot behind each label, or false; *at moves behind it. */
static bool name_expand(char name[NS_MAXDNAME], const uint8_t *message, size_t length, size_t *at)
{
	size_t here = *at, used = 0, jumps = 0;

	while (here < length && message[here] != 0) {
		size_t label = message[here];
		if (label >= 0xc0) {
			if (here + 1 >= length || jumps++ > length)
				return false;
			if (jumps == 1)
				*at = here + 2;
			here = (label & 0x3f) << 8 | message[here + 1];
			continue;
		}
		if (label > NS_MAXLABEL || here + 1 + label > length ||
		    used + label + 2 > NS_MAXDNAME || memchr(message + here + 1, '.', label) ||
		    memchr(message + here + 1, 0, label))
			return false;
		memcpy(name + used, message + here + 1, label);
		used += label;
		name[used++] = '.';
		here += 1 + label;
	}
	if (here >= length)
		return false;
	if (jumps == 0)
		*at = here + 1;
	name[used] = '\0';
	return true;
}

static bool is_answer(const uint8_t *message, size_t length, uint16_t id)
{
	static const uint8_t type_class[] = {0, ns_t_aaaa, 0, ns_c_in};
	char name[NS_MAXDNAME];
	size_t at = NS_HFIXEDSZ;

	return length >= NS_HFIXEDSZ && length <= ANSWER_MAX && message[0] == id >> 8 &&
	       message[1] == (id & 0xff) && (message[2] & 0xf8) == 0x80 && message[4] == 0 &&
	       message[5] == 1 && name_expand(name, message, length, &at) &&
	       strcasecmp(name, "ipv4only.arpa.") == 0 && at + sizeof(type_class) <= length &&
	       memcmp(message + at, type_class, sizeof(type_class)) == 0;
}

/* Is a well-known address behind p, with any suffix, somewhere in the message? */
static bool prefix_is_shown(const struct prefix *p, const uint8_t *message, size_t length)
{
	const uint8_t *places = fuzz_places(p->len);

	CHECK(places);
	for (size_t at = 0; at + sizeof(p->addr) <= length; at++) {
		struct in6_addr addr;
		memcpy(&addr, message + at, sizeof(addr));
		const uint8_t *octets = addr.s6_addr;
		if (memcmp(octets, &p->addr, p->len / 8U) == 0 && octets[8] == 0 &&
		    octets[places[0]] == 192 && octets[places[1]] == 0 && octets[places[2]] == 0 &&
		    (octets[places[3]] == 170 || octets[places[3]] == 171))
			return true;
	}
	return false;
}

static void prefixes_check(const struct answer *answer, const uint8_t *message, size_t length)
{
	const struct prefix_set *set = &answer->prefixes;

	CHECK(set->count >= 1 && set->count <= SET_PREFIXES_MAX);
	for (size_t i = 0; i < set->count; i++) {
		fuzz_check_form(&set->prefixes[i]);
		CHECK(prefix_is_shown(&set->prefixes[i], message, length));
		CHECK(i == 0 || prefix_compare(&set->prefixes[i - 1], &set->prefixes[i]) < 0);
	}
}

static void message_check(const uint8_t *message, size_t length, uint16_t id)
{
	struct answer answer;

	memset(&answer, 0xa5, sizeof(answer));
	answer_parse(&answer, message, length, id);
	if (answer.kind == ANSWER_IGNORED) {
		CHECK(answer.prefixes.count == 0);
		return;
	}
	CHECK(is_answer(message, length, id));
	CHECK(answer.rcode == (message[3] & 0xf));
	CHECK(answer.authoritative == ((message[2] & 4) != 0));
	CHECK((answer.kind == ANSWER_FAILED) == (answer.rcode != 0));
	CHECK((answer.kind == ANSWER_CUT) == (answer.rcode == 0 && (message[2] & 2)));
	if (answer.kind == ANSWER_PREFIXES)
		prefixes_check(&answer, message, length);
	else
		CHECK(answer.prefixes.count == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	message_check(data, size, ID);
	message_check(data, size, ID ^ 1);
	message_check(data, size, ID ^ 0x100);
	return 0;
}
