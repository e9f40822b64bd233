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
TEST_THAT(embedding_follows_the_examples_of_rfc_6052)
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

	inet_pton(AF_INET, "192.0.2.33", &v4);
	for (size_t i = 0; i < COUNT(examples); i++) {
		struct prefix p = parsed(examples[i][0]);
		struct in6_addr expected, got = prefix_embed(&p, v4);
		assert_int_equal(inet_pton(AF_INET6, examples[i][1], &expected), 1);
		assert_memory_equal(&got, &expected, sizeof(got));
	}
}

TEST_THAT(prefix_is_printed_in_rfc_5952_form_with_96_when_no_length_was_given)
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

	for (size_t i = 0; i < COUNT(examples); i++) {
		struct prefix p = parsed(examples[i][0]), again = parsed(examples[i][1]);
		assert_string_equal(prefix_format(&p, text), examples[i][1]);
		assert_int_equal(prefix_compare(&p, &again), 0);
	}
}

TEST_THAT(what_is_no_nat64_prefix_is_refused_with_the_reason)
{
	static const struct {
		enum prefix_error error;
		const char *texts[12];
	} bad[] = {
		{PREFIX_NOT_ADDRESS,
	         {"", "x", "192.0.2.1", "2001:db8", ":::", "fe80::1%lo", " 2001:db8::",
	          "2001:db8:: ", "/96", "2001:db8:0000000000000000000000000000000000000000::"}},
		{PREFIX_BAD_LENGTH,
	         {"2001:db8::/95", "2001:db8::/0", "2001:db8::/128", "2001:db8::/",
	          "2001:db8::/096", "2001:db8::/+96", "2001:db8::/ 96", "2001:db8::/96 ",
	          "2001:db8::/9 6", "2001:db8::/4294967392", "2001:db8::/96/96"}},
		{PREFIX_HOST_BITS,
	         {"2001:db8::1", "2001:db8:1::/32", "2001:db8:122:344::/56",
	          "64:ff9b::192.0.2.33"}},
		{PREFIX_U_OCTET, {"2001:db8:0:0:100::/96"}},
		{PREFIX_COMPATIBLE, {"::/96", "::", "::/32", "::192.0.2.1"}},
		{PREFIX_MAPPED, {"::ffff:0:0/96", "::ffff:192.0.2.1"}},
		{PREFIX_LOOPBACK, {"::1"}},
		{PREFIX_LINK_LOCAL, {"fe80::/64", "febf::/96"}},
		{PREFIX_MULTICAST, {"ff02::/96", "ff00::/32"}},
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		for (const char *const *text = bad[i].texts; *text; text++)
			assert_refused(*text, bad[i].error);
	}
}

TEST_THAT(neighbours_of_what_is_refused_are_accepted)
{
	assert_int_equal(parsed("2001:db8:0:0:ff::/96").len, 96);
	assert_int_equal(parsed("fec0::/96").len, 96);
}

TEST_THAT(overlap_is_found_both_ways)
{
	struct prefix wide = parsed("2001:db8::/32"), narrow = parsed("2001:db8:1::/96");
	struct prefix other = parsed("2001:db9::/32");

	assert_true(prefix_overlaps(&wide, &narrow));
	assert_true(prefix_overlaps(&narrow, &wide));
	assert_true(prefix_overlaps(&wide, &wide));
	assert_false(prefix_overlaps(&wide, &other));
	assert_false(prefix_overlaps(&other, &narrow));
}

TEST_THAT(a_prefix_sorts_right_before_those_it_covers)
{
	struct prefix wide = parsed("2001:db8::/32"), same = parsed("2001:db8::/96");
	struct prefix inside = parsed("2001:db8:1::/96"), after = parsed("2001:db9::/32");

	assert_true(prefix_compare(&wide, &same) < 0);
	assert_true(prefix_compare(&same, &inside) < 0);
	assert_true(prefix_compare(&inside, &after) < 0);
	assert_true(prefix_compare(&after, &inside) > 0);
}

TEST_THAT(every_error_has_words)
{
	for (int e = PREFIX_OK; e <= PREFIX_MULTICAST; e++)
		assert_string_not_equal(prefix_strerror((enum prefix_error)e), "unknown error");
}

RUN_TESTS(NULL, NULL)
