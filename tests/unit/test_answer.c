/* What an answer of BIND tells of its prefixes, and that no other bytes tell anything. */
#include "unit.h"

#include "answer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID 0x1234

enum {
	FLAG_RESPONSE = 0x80,
	FLAG_AUTHORITATIVE = 0x04,
	FLAG_CUT = 0x02,
	TYPE_AAAA = 28,
	TYPE_CNAME = 5
};

/* An answer that is being made. */
struct message {
	uint8_t bytes[2048];
	size_t length;
};

static void answer_begin(struct message *m)
{
	*m = (struct message){.length = ANSWER_QUESTION_LENGTH};
	answer_question(m->bytes, ID, true);
	m->bytes[2] |= FLAG_RESPONSE;
}

static void bytes_add(struct message *m, const void *bytes, size_t length)
{
	assert_true(m->length + length <= sizeof(m->bytes));
	memcpy(m->bytes + m->length, bytes, length);
	m->length += length;
}

/* A record whose name points back to the question's. */
static void record_add(struct message *m, uint8_t type, const void *data, uint8_t length)
{
	const uint8_t head[] = {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, length};

	bytes_add(m, head, sizeof(head));
	bytes_add(m, data, length);
	m->bytes[7]++;
}

/* Addresses with spaces between. */
static void addresses_add(struct message *m, const char *words)
{
	char copy[256];
	struct in6_addr addr;

	snprintf(copy, sizeof(copy), "%s", words);
	for (char *rest = copy, *word; (word = strsep(&rest, " ")) && *word;) {
		assert_int_equal(inet_pton(AF_INET6, word, &addr), 1);
		record_add(m, TYPE_AAAA, &addr, sizeof(addr));
	}
}

/* On the heap in its exact length, so that a read behind its end is seen. */
static struct answer judge_bytes(const uint8_t *bytes, size_t length)
{
	struct answer answer;
	uint8_t *copy = malloc(length ? length : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, length);
	answer_parse(&answer, copy, length, ID);
	free(copy);
	return answer;
}

static struct answer judge(const struct message *m)
{
	return judge_bytes(m->bytes, m->length);
}

static struct message good_answer(void)
{
	struct message m;

	answer_begin(&m);
	addresses_add(&m, "2001:db8:64:1::c000:aa 2001:db8:64:1::c000:ab");
	return m;
}

static void assert_kind(const struct message *m, enum answer_kind kind)
{
	assert_int_equal(judge(m).kind, kind);
}

static void the_question_is_one_that_dns_libraries_read(void **state)
{
	static const uint8_t expected[] =
		"\x12\x34\1\0\0\1\0\0\0\0\0\0\010ipv4only\4arpa\0\0\034\0\1";
	uint8_t message[ANSWER_QUESTION_LENGTH];
	(void)state;

	answer_question(message, ID, true);
	assert_memory_equal(message, expected, sizeof(message));
	answer_question(message, ID, false);
	assert_int_equal(message[2], 0);
	assert_memory_equal(message + 3, expected + 3, sizeof(message) - 3);
}

/*
 * Those of all lengths are from RFC 6052, section 2.4, worked out by hand for 192.0.0.170 and .171.
 * BIND mixes them; prefixes come in ascending order, lest a message that lists them changes.
 */
static void addresses_show_their_prefixes(void **state)
{
	static const struct {
		const char *addresses, *prefixes;
	} cases[] = {
		{"2001:db8:c000:aa:: 2001:db8:c000:ab::", "2001:db8::/32"},
		{"2001:db8:1c0:0:aa:: 2001:db8:1c0:0:ab::", "2001:db8:100::/40"},
		{"2001:db8:122:c000:0:aa00:: 2001:db8:122:c000:0:ab00::", "2001:db8:122::/48"},
		{"2001:db8:122:3c0:0:aa:: 2001:db8:122:3c0:0:ab::", "2001:db8:122:300::/56"},
		{"2001:db8:122:344:c0:0:aa00:0 2001:db8:122:344:c0:0:ab00:0",
	         "2001:db8:122:344::/64"},
		{"2001:db8:122:344::c000:aa 2001:db8:122:344::c000:ab", "2001:db8:122:344::/96"},
		{"64:ff9b::192.0.0.170 64:ff9b::192.0.0.171", "64:ff9b::/96"},
		/* in any order, several times, with one of the two, among others */
		{"2001:db8:64:2::c000:ab 2001:db8:64:3::c000:aa 2001:db8:64:1::c000:ab "
	         "2001:db8:64:2::c000:aa 2001:db8:64:1::c000:aa 2001:db8:64:3::c000:ab",
	         "2001:db8:64:1::/96 2001:db8:64:2::/96 2001:db8:64:3::/96"},
		{"2001:db8:64:1::c000:aa 2001:db8:64:1::c000:aa 2001:db8:64:5:c0:0:ab00:0",
	         "2001:db8:64:1::/96 2001:db8:64:5::/64"},
		{"2001:db8:64:1::c000:201 2001:db8::1 2001:db8:64:1::c000:ab",
	         "2001:db8:64:1::/96"},
		/* a suffix behind the address */
		{"2001:db8:c000:aa:0:1::7 2001:db8:c000:ab:0:1::7", "2001:db8::/32"},
		/* prefixes that look like the addresses behind 2001:db8::/32 */
		{"2001:db8:c000:aa::c000:aa 2001:db8:c000:aa::c000:ab", "2001:db8:c000:aa::/96"},
		{"2001:db8:c000:aa::c000:aa 2001:db8:c000:aa::c000:ab "
	         "2001:db8:c000:ab::c000:aa 2001:db8:c000:ab::c000:ab",
	         "2001:db8:c000:aa::/96 2001:db8:c000:ab::/96"},
		/* none: bits 64 to 71 are not zero, another host's, nothing at all */
		{"2001:db8:64:1:100:0:c000:aa 2001:db8:64:1:100:0:c000:ab", "none"},
		{"2001:db8:64:1::c000:201 2001:db8::1", "none"},
		{"", "none"},
	};
	char found[SET_LINE_MAX];
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct message m;
		answer_begin(&m);
		addresses_add(&m, cases[i].addresses);
		struct answer answer = judge(&m);
		assert_string_equal(set_line_say(&answer.prefixes, found), cases[i].prefixes);
		assert_int_equal(answer.kind,
		                 answer.prefixes.count ? ANSWER_PREFIXES : ANSWER_PLAIN);
	}
}

static void eight_prefixes_fit_a_message_and_no_more_are_taken(void **state)
{
	struct message m;
	char address[64];
	(void)state;

	answer_begin(&m);
	for (unsigned i = 0; i < 16; i++) {
		snprintf(address, sizeof(address), "2001:db8:%x::c000:a%x", i / 2 + 1, i % 2 + 10);
		addresses_add(&m, address);
	}
	assert_true(m.length <= ANSWER_MAX);
	assert_int_equal(judge(&m).prefixes.count, 8);

	answer_begin(&m);
	for (unsigned i = 1; i <= 9; i++) {
		snprintf(address, sizeof(address), "2001:db8:%x::c000:aa", i);
		addresses_add(&m, address);
	}
	assert_int_equal(judge(&m).prefixes.count, 8);
}

static void other_records_and_wrong_sizes_are_passed_over(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	record_add(&m, TYPE_CNAME, "\xc0\x0c", 2);
	record_add(&m, TYPE_AAAA, "1234", 4);
	record_add(&m, 1, "\300\0\0\252", 4);
	addresses_add(&m, "2001:db8:64:1::c000:aa");
	m.bytes[m.length - 16 - 4 - 3] = 3; /* the class of the last record is not IN */
	assert_kind(&m, ANSWER_PLAIN);
	addresses_add(&m, "2001:db8:64:1::c000:ab");
	assert_kind(&m, ANSWER_PREFIXES);
}

static void servfail_and_a_cut_answer_are_told_apart(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	m.bytes[3] |= 2;
	assert_kind(&m, ANSWER_FAILED);
	assert_int_equal(judge(&m).rcode, 2);
	m.bytes[3] |= 5;
	assert_kind(&m, ANSWER_FAILED);
	assert_int_equal(judge(&m).rcode, 7);

	m = good_answer();
	m.bytes[2] |= FLAG_CUT;
	assert_kind(&m, ANSWER_CUT);
}

static void authority_and_the_least_ttl_are_told(void **state)
{
	struct message m = good_answer();
	(void)state;

	assert_false(judge(&m).authoritative);
	assert_int_equal(judge(&m).ttl, 60);
	m.bytes[2] |= FLAG_AUTHORITATIVE;
	m.bytes[m.length - 16 - 3] = 7; /* of the last record */
	assert_true(judge(&m).authoritative);
	assert_int_equal(judge(&m).ttl, 7);
}

static void what_does_not_answer_the_question_is_ignored(void **state)
{
	/* Byte, bits to turn: id, the question itself, opcode, counts, name, type, class. */
	static const struct {
		size_t at;
		uint8_t bits;
	} wrong[] = {{0, 1},    {1, 0x80}, {2, FLAG_RESPONSE},
	             {2, 0x08}, {5, 3},    {5, 1},
	             {13, 1},   {21, 2},   {26, 1},
	             {28, 1},   {30, 2}};
	struct message m;
	(void)state;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		m = good_answer();
		m.bytes[wrong[i].at] ^= wrong[i].bits;
		if (judge(&m).kind != ANSWER_IGNORED)
			fail_msg("byte %zu turned by 0x%02x was taken", wrong[i].at, wrong[i].bits);
	}
	m = good_answer();
	m.bytes[13] ^= 0x20; /* "Ipv4only": the case of a letter is free */
	assert_kind(&m, ANSWER_PREFIXES);
}

static void every_cut_of_an_answer_is_ignored(void **state)
{
	struct message m = good_answer();
	(void)state;

	for (size_t length = 0; length < m.length; length++)
		assert_int_equal(judge_bytes(m.bytes, length).kind, ANSWER_IGNORED);
	assert_kind(&m, ANSWER_PREFIXES);
}

static void an_answer_over_the_limit_is_ignored(void **state)
{
	struct message m = good_answer();
	(void)state;

	while (m.length <= ANSWER_MAX)
		addresses_add(&m, "2001:db8::1");
	assert_kind(&m, ANSWER_IGNORED);
}

static void names_that_point_in_circles_are_ignored(void **state)
{
	struct message m = good_answer();
	(void)state;

	/* The last record's name points to itself, then behind the end. */
	m.bytes[m.length - 27] = (uint8_t)(m.length - 28);
	assert_kind(&m, ANSWER_IGNORED);
	m.bytes[m.length - 27] = 0xff;
	assert_kind(&m, ANSWER_IGNORED);
}

/* No turned byte may be read outside the message, nor show a prefix that is not one. */
static void any_turned_byte_is_judged_without_harm(void **state)
{
	struct message m = good_answer();
	(void)state;

	for (size_t i = 0; i < m.length; i++) {
		for (unsigned bits = 1; bits < 256; bits++) {
			m.bytes[i] ^= (uint8_t)bits;
			struct answer answer = judge(&m);
			assert_true(answer.prefixes.count <= SET_PREFIXES_MAX);
			assert_true(answer.kind == ANSWER_PREFIXES || answer.prefixes.count == 0);
			m.bytes[i] ^= (uint8_t)bits;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_question_is_one_that_dns_libraries_read),
		cmocka_unit_test(addresses_show_their_prefixes),
		cmocka_unit_test(eight_prefixes_fit_a_message_and_no_more_are_taken),
		cmocka_unit_test(other_records_and_wrong_sizes_are_passed_over),
		cmocka_unit_test(servfail_and_a_cut_answer_are_told_apart),
		cmocka_unit_test(authority_and_the_least_ttl_are_told),
		cmocka_unit_test(what_does_not_answer_the_question_is_ignored),
		cmocka_unit_test(every_cut_of_an_answer_is_ignored),
		cmocka_unit_test(an_answer_over_the_limit_is_ignored),
		cmocka_unit_test(names_that_point_in_circles_are_ignored),
		cmocka_unit_test(any_turned_byte_is_judged_without_harm),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
