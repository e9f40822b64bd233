/* NAT64 prefixes: what is accepted, what is refused and why, and RFC 6052's own examples. */
#include "unit.h"

#include "prefix.h"

#include <arpa/inet.h>
#include <string.h>

static struct prefix parsed(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, text), PREFIX_OK);
	return p;
}

static void assert_refused(const char *text, enum prefix_error error)
{
	struct prefix p, untouched;

	memset(&p, 0x5a, sizeof(p));
	untouched = p;
	if (prefix_parse(&p, text) != error)
		fail_msg("%s: %s", text, prefix_strerror(prefix_parse(&p, text)));
	assert_memory_equal(&p, &untouched, sizeof(p));
}

/* RFC 6052, section 2.4, table 1: 192.0.2.33 under every length. */
static void embedding_follows_the_examples_of_rfc_6052(void **state)
{
	static const char *const examples[][2] = {
		{"2001:db8::/32", "2001:db8:c000:221::"},
		{"2001:db8:100::/40", "2001:db8:1c0:2:21::"},
		{"2001:db8:122::/48", "2001:db8:122:c000:2:2100::"},
		{"2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"},
		{"2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::"},
		{"2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"},
		{"64:ff9b::/96", "64:ff9b::192.0.2.33"}, /* table 2 */
	};
	struct in_addr v4;
	(void)state;

	inet_pton(AF_INET, "192.0.2.33", &v4);
	for (size_t i = 0; i < COUNT(examples); i++) {
		struct prefix p = parsed(examples[i][0]);
		struct in6_addr expected, got = prefix_embed(&p, v4);
		assert_int_equal(inet_pton(AF_INET6, examples[i][1], &expected), 1);
		assert_memory_equal(&got, &expected, sizeof(got));
	}
}

static void length_is_96_when_left_out(void **state)
{
	(void)state;
	assert_int_equal(parsed("2001:db8::").len, 96);
}

static void prefix_is_printed_in_rfc_5952_form(void **state)
{
	static const char *const examples[][2] = {
		{"2001:DB8:0:0::", "2001:db8::/96"},
		{"2001:0db8:0064:0000:0000:0000:0000:0000/64", "2001:db8:64::/64"},
		{"2001:db8:0:1:0:1::/96", "2001:db8:0:1:0:1::/96"},
		{"2001:db8:1:0:0:1::/96", "2001:db8:1::1:0:0/96"},
		{"64:ff9b::0.0.0.0", "64:ff9b::/96"},
		{"64:ff9b:1::/48", "64:ff9b:1::/48"},
	};
	char text[PREFIX_STRLEN];
	(void)state;

	for (size_t i = 0; i < COUNT(examples); i++) {
		struct prefix p = parsed(examples[i][0]);
		assert_string_equal(prefix_format(&p, text), examples[i][1]);
	}
}

static void what_was_printed_parses_to_the_same(void **state)
{
	static const char *const all[] = {"2001:db8::/32",         "2001:db8:100::/40",
	                                  "2001:db8:122::/48",     "2001:db8:122:300::/56",
	                                  "2001:db8:122:344::/64", "2001:db8:122:344:ff:1::/96"};
	char text[PREFIX_STRLEN];
	(void)state;

	for (size_t i = 0; i < COUNT(all); i++) {
		struct prefix p = parsed(all[i]), again = parsed(prefix_format(&p, text));
		assert_int_equal(prefix_compare(&p, &again), 0);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {"",
	                                  "x",
	                                  "192.0.2.1",
	                                  "2001:db8",
	                                  ":::",
	                                  "2001:db8::/96/96x",
	                                  "fe80::1%lo",
	                                  " 2001:db8::",
	                                  "2001:db8:: ",
	                                  "/96",
	                                  "2001:db8:0000000000000000000000000000000000000000::"};
	(void)state;

	for (size_t i = 0; i < COUNT(bad) - 1; i++) {
		struct prefix p;
		assert_int_not_equal(prefix_parse(&p, bad[i]), PREFIX_OK);
	}
	assert_refused(bad[COUNT(bad) - 1], PREFIX_NOT_ADDRESS);
}

static void lengths_that_rfc_6052_does_not_know_are_refused(void **state)
{
	static const char *const bad[] = {
		"2001:db8::/95",  "2001:db8::/0",         "2001:db8::/128", "2001:db8::/",
		"2001:db8::/096", "2001:db8::/+96",       "2001:db8::/ 96", "2001:db8::/96 ",
		"2001:db8::/9 6", "2001:db8::/4294967392"};
	(void)state;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_refused(bad[i], PREFIX_BAD_LENGTH);
}

static void bits_behind_the_length_are_refused(void **state)
{
	(void)state;
	assert_refused("2001:db8::1", PREFIX_HOST_BITS);
	assert_refused("2001:db8:1::/32", PREFIX_HOST_BITS);
	assert_refused("2001:db8:122:344::/56", PREFIX_HOST_BITS);
	assert_refused("64:ff9b::192.0.2.33", PREFIX_HOST_BITS);
}

static void bits_64_to_71_must_be_zero(void **state)
{
	(void)state;
	assert_refused("2001:db8:0:0:100::/96", PREFIX_U_OCTET);
	assert_int_equal(parsed("2001:db8:0:0:ff::/96").len, 96);
}

static void special_ranges_are_refused_by_name(void **state)
{
	static const struct {
		const char *text;
		enum prefix_error error;
	} bad[] = {
		{"::/96", PREFIX_COMPATIBLE},     {"::", PREFIX_COMPATIBLE},
		{"::/32", PREFIX_COMPATIBLE},     {"::192.0.2.1", PREFIX_COMPATIBLE},
		{"::ffff:0:0/96", PREFIX_MAPPED}, {"::ffff:192.0.2.1", PREFIX_MAPPED},
		{"::1", PREFIX_LOOPBACK},         {"fe80::/64", PREFIX_LINK_LOCAL},
		{"febf::/96", PREFIX_LINK_LOCAL}, {"ff02::/96", PREFIX_MULTICAST},
		{"ff00::/32", PREFIX_MULTICAST},
	};
	(void)state;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_refused(bad[i].text, bad[i].error);
	assert_int_equal(parsed("fec0::/96").len, 96);
}

static void overlap_is_found_both_ways(void **state)
{
	(void)state;
	struct prefix wide = parsed("2001:db8::/32"), narrow = parsed("2001:db8:1::/96");
	struct prefix other = parsed("2001:db9::/32");

	assert_true(prefix_overlaps(&wide, &narrow));
	assert_true(prefix_overlaps(&narrow, &wide));
	assert_true(prefix_overlaps(&wide, &wide));
	assert_false(prefix_overlaps(&wide, &other));
	assert_false(prefix_overlaps(&other, &narrow));
}

static void a_prefix_sorts_right_before_those_it_covers(void **state)
{
	(void)state;
	struct prefix wide = parsed("2001:db8::/32"), same = parsed("2001:db8::/96");
	struct prefix inside = parsed("2001:db8:1::/96"), after = parsed("2001:db9::/32");

	assert_true(prefix_compare(&wide, &same) < 0);
	assert_true(prefix_compare(&same, &inside) < 0);
	assert_true(prefix_compare(&inside, &after) < 0);
	assert_true(prefix_compare(&after, &inside) > 0);
}

static void every_error_has_words(void **state)
{
	(void)state;
	for (int e = PREFIX_OK; e <= PREFIX_MULTICAST; e++)
		assert_string_not_equal(prefix_strerror((enum prefix_error)e), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(embedding_follows_the_examples_of_rfc_6052),
		cmocka_unit_test(length_is_96_when_left_out),
		cmocka_unit_test(prefix_is_printed_in_rfc_5952_form),
		cmocka_unit_test(what_was_printed_parses_to_the_same),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(lengths_that_rfc_6052_does_not_know_are_refused),
		cmocka_unit_test(bits_behind_the_length_are_refused),
		cmocka_unit_test(bits_64_to_71_must_be_zero),
		cmocka_unit_test(special_ranges_are_refused_by_name),
		cmocka_unit_test(overlap_is_found_both_ways),
		cmocka_unit_test(a_prefix_sorts_right_before_those_it_covers),
		cmocka_unit_test(every_error_has_words),
	};

	return cmocka_run_group_tests_name("prefix", tests, NULL, NULL);
}
