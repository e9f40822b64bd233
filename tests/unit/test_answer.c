/* What an answer of BIND tells of its prefixes, and that no other bytes tell anything. */
#include "unit.h"

#include "answer.h"
#include "set_of.h"

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

static void address_add(struct message *m, const char *text)
{
	struct in6_addr addr;

	assert_int_equal(inet_pton(AF_INET6, text, &addr), 1);
	record_add(m, TYPE_AAAA, &addr, sizeof(addr));
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

static struct answer engine(const struct message *m)
{
	return judge_bytes(m->bytes, m->length);
}

/* expected: a set line of 1 to 8 prefixes. */
static void assert_shows(const struct message *m, const char *expected)
{
	struct answer answer = engine(m);
	struct prefix_set set = set_of(expected);

	assert_int_equal(answer.kind, ANSWER_PREFIXES);
	if (!prefix_set_equal(&answer.prefixes, &set)) {
		char line[SET_LINE_MAX];
		set_line_format(&answer.prefixes, line);
		fail_msg("expected %s, found %s", expected, line);
	}
}

static void assert_kind(const struct message *m, enum answer_kind kind)
{
	assert_int_equal(engine(m).kind, kind);
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

/* BIND mixes them, and a message that lists them should not change with that. */
static void prefixes_come_in_ascending_order(void **state)
{
	static const char *const mixed[] = {
		"2001:db8:64:2::c000:ab", "2001:db8:64:3::c000:aa", "2001:db8:64:1::c000:ab",
		"2001:db8:64:2::c000:aa", "2001:db8:64:1::c000:aa", "2001:db8:64:3::c000:ab",
	};
	struct message m;
	char line[SET_LINE_MAX];
	(void)state;
	answer_begin(&m);
	for (size_t i = 0; i < COUNT(mixed); i++)
		address_add(&m, mixed[i]);

	struct answer answer = engine(&m);

	set_line_format(&answer.prefixes, line);
	assert_string_equal(line, "2001:db8:64:1::/96 2001:db8:64:2::/96 2001:db8:64:3::/96\n");
}

/* The addresses are those of RFC 6052, section 2.4, worked out by hand for 192.0.0.170 and .171. */
static void prefixes_of_all_six_lengths_are_found(void **state)
{
	static const struct {
		const char *prefix, *first, *second;
	} cases[] = {
		{"2001:db8::/32", "2001:db8:c000:aa::", "2001:db8:c000:ab::"},
		{"2001:db8:100::/40", "2001:db8:1c0:0:aa::", "2001:db8:1c0:0:ab::"},
		{"2001:db8:122::/48", "2001:db8:122:c000:0:aa00::", "2001:db8:122:c000:0:ab00::"},
		{"2001:db8:122:300::/56", "2001:db8:122:3c0:0:aa::", "2001:db8:122:3c0:0:ab::"},
		{"2001:db8:122:344::/64", "2001:db8:122:344:c0:0:aa00:0",
	         "2001:db8:122:344:c0:0:ab00:0"},
		{"2001:db8:122:344::/96", "2001:db8:122:344::c000:aa", "2001:db8:122:344::c000:ab"},
		{"64:ff9b::/96", "64:ff9b::192.0.0.170", "64:ff9b::192.0.0.171"},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct message m;
		answer_begin(&m);
		address_add(&m, cases[i].first);
		address_add(&m, cases[i].second);
		assert_shows(&m, cases[i].prefix);
	}
}

static void several_prefixes_are_found_in_any_order(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	address_add(&m, "2001:db8:64:1::c000:ab");
	address_add(&m, "2001:db8:64:5:c0:0:aa00:0");
	address_add(&m, "2001:db8:64:5:c0:0:ab00:0");
	address_add(&m, "2001:db8:64:1::c000:aa");
	assert_shows(&m, "2001:db8:64:1::/96 2001:db8:64:5::/64");
}

static void a_well_known_address_inside_a_prefix_is_no_prefix(void **state)
{
	struct message m;
	(void)state;

	/* 2001:db8:c000:aa::/96 begins like 192.0.0.170 behind 2001:db8::/32. */
	answer_begin(&m);
	address_add(&m, "2001:db8:c000:aa::c000:aa");
	address_add(&m, "2001:db8:c000:aa::c000:ab");
	assert_shows(&m, "2001:db8:c000:aa::/96");
}

static bool holds(const struct answer *answer, const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, text), PREFIX_OK);
	for (size_t i = 0; i < answer->prefixes.count; i++) {
		if (prefix_compare(&answer->prefixes.prefixes[i], &p) == 0)
			return true;
	}
	return false;
}

static void two_prefixes_that_differ_like_the_addresses_are_both_found(void **state)
{
	struct answer answer;
	struct message m;
	(void)state;

	/* They look like twins behind 2001:db8::/32, too, which a set with them cannot hold.
	 */
	answer_begin(&m);
	address_add(&m, "2001:db8:c000:aa::c000:aa");
	address_add(&m, "2001:db8:c000:aa::c000:ab");
	address_add(&m, "2001:db8:c000:ab::c000:aa");
	address_add(&m, "2001:db8:c000:ab::c000:ab");
	answer = engine(&m);
	assert_int_equal(answer.kind, ANSWER_PREFIXES);
	assert_int_equal(answer.prefixes.count, 2);
	assert_true(holds(&answer, "2001:db8:c000:aa::/96"));
	assert_true(holds(&answer, "2001:db8:c000:ab::/96"));
}

static void a_suffix_behind_the_address_is_allowed(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	address_add(&m, "2001:db8:c000:aa:0:1::7");
	address_add(&m, "2001:db8:c000:ab:0:1::7");
	assert_shows(&m, "2001:db8::/32");
}

/* BIND gives both, unless a view or a filter takes one away. */
static void one_of_the_two_addresses_is_enough(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	address_add(&m, "2001:db8:64:1::c000:aa");
	address_add(&m, "2001:db8:64:2::c000:ab");
	assert_shows(&m, "2001:db8:64:1::/96 2001:db8:64:2::/96");
}

static void an_address_with_a_used_octet_shows_no_prefix(void **state)
{
	struct message m;
	(void)state;

	/* Bits 64 to 71 are not zero. */
	answer_begin(&m);
	address_add(&m, "2001:db8:64:1:100:0:c000:aa");
	address_add(&m, "2001:db8:64:1:100:0:c000:ab");
	assert_kind(&m, ANSWER_PLAIN);
}

static void addresses_of_another_host_show_no_prefix(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	address_add(&m, "2001:db8:64:1::c000:201");
	address_add(&m, "2001:db8::1");
	assert_kind(&m, ANSWER_PLAIN);
}

static void eight_prefixes_fit_a_message(void **state)
{
	struct message m;
	char text[64];
	(void)state;

	answer_begin(&m);
	for (unsigned i = 1; i <= 8; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::c000:aa", i);
		address_add(&m, text);
		snprintf(text, sizeof(text), "2001:db8:%x::c000:ab", i);
		address_add(&m, text);
	}
	assert_true(m.length <= ANSWER_MAX);
	assert_shows(&m, "2001:db8:1:: 2001:db8:2:: 2001:db8:3:: 2001:db8:4:: 2001:db8:5:: "
	                 "2001:db8:6:: 2001:db8:7:: 2001:db8:8::");
}

static void an_answer_of_no_address_is_plain(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	assert_kind(&m, ANSWER_PLAIN);
	record_add(&m, TYPE_CNAME, "\xc0\x0c", 2);
	assert_kind(&m, ANSWER_PLAIN);
}

static void other_records_and_wrong_sizes_are_passed_over(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	record_add(&m, TYPE_AAAA, "1234", 4);
	record_add(&m, 1, "\300\0\0\252", 4);
	address_add(&m, "2001:db8:64:1::c000:aa");
	m.bytes[m.length - 16 - 4 - 3] = 3; /* the class of the last record is not IN */
	assert_kind(&m, ANSWER_PLAIN);
	address_add(&m, "2001:db8:64:1::c000:ab");
	assert_shows(&m, "2001:db8:64:1::/96");
}

static void servfail_and_a_cut_answer_are_told_apart(void **state)
{
	struct message m;
	(void)state;

	answer_begin(&m);
	m.bytes[3] |= 2;
	assert_kind(&m, ANSWER_FAILED);
	assert_int_equal(engine(&m).rcode, 2);
	m.bytes[3] |= 5;
	assert_kind(&m, ANSWER_FAILED);
	assert_int_equal(engine(&m).rcode, 7);

	answer_begin(&m);
	address_add(&m, "2001:db8:64:1::c000:aa");
	address_add(&m, "2001:db8:64:1::c000:ab");
	m.bytes[2] |= FLAG_CUT;
	assert_kind(&m, ANSWER_CUT);
}

static struct message good_answer(void)
{
	struct message m;

	answer_begin(&m);
	address_add(&m, "2001:db8:64:1::c000:aa");
	address_add(&m, "2001:db8:64:1::c000:ab");
	return m;
}

static void authority_and_the_least_ttl_are_told(void **state)
{
	struct message m = good_answer();
	(void)state;

	assert_false(engine(&m).authoritative);
	assert_int_equal(engine(&m).ttl, 60);
	m.bytes[2] |= FLAG_AUTHORITATIVE;
	m.bytes[m.length - 16 - 3] = 7; /* of the last record */
	assert_true(engine(&m).authoritative);
	assert_int_equal(engine(&m).ttl, 7);
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
		if (engine(&m).kind != ANSWER_IGNORED)
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
		address_add(&m, "2001:db8::1");
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
			struct answer answer = engine(&m);
			assert_true(answer.prefixes.count <= SET_PREFIXES_MAX);
			assert_true(answer.kind == ANSWER_PREFIXES || answer.prefixes.count == 0);
			m.bytes[i] ^= (uint8_t)bits;
		}
	}
}

static void a_repeated_address_shows_its_prefix_once(void **state)
{
	struct message m = good_answer();
	(void)state;

	address_add(&m, "2001:db8:64:1::c000:aa");
	address_add(&m, "2001:db8:64:1::c000:aa");
	assert_int_equal(engine(&m).prefixes.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_question_is_one_that_dns_libraries_read),
		cmocka_unit_test(prefixes_come_in_ascending_order),
		cmocka_unit_test(prefixes_of_all_six_lengths_are_found),
		cmocka_unit_test(several_prefixes_are_found_in_any_order),
		cmocka_unit_test(a_well_known_address_inside_a_prefix_is_no_prefix),
		cmocka_unit_test(two_prefixes_that_differ_like_the_addresses_are_both_found),
		cmocka_unit_test(a_suffix_behind_the_address_is_allowed),
		cmocka_unit_test(one_of_the_two_addresses_is_enough),
		cmocka_unit_test(an_address_with_a_used_octet_shows_no_prefix),
		cmocka_unit_test(addresses_of_another_host_show_no_prefix),
		cmocka_unit_test(eight_prefixes_fit_a_message),
		cmocka_unit_test(an_answer_of_no_address_is_plain),
		cmocka_unit_test(other_records_and_wrong_sizes_are_passed_over),
		cmocka_unit_test(servfail_and_a_cut_answer_are_told_apart),
		cmocka_unit_test(authority_and_the_least_ttl_are_told),
		cmocka_unit_test(what_does_not_answer_the_question_is_ignored),
		cmocka_unit_test(every_cut_of_an_answer_is_ignored),
		cmocka_unit_test(an_answer_over_the_limit_is_ignored),
		cmocka_unit_test(names_that_point_in_circles_are_ignored),
		cmocka_unit_test(any_turned_byte_is_judged_without_harm),
		cmocka_unit_test(a_repeated_address_shows_its_prefix_once),
	};

	return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
