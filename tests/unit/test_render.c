/* The text of dns64.conf, byte for byte. */
#include "unit.h"

#include "render.h"

#include <stdlib.h>
#include <string.h>

#define HEADER                                                                      \
	"// Written by nat64-update, which overwrites every change made by hand.\n" \
	"// named.conf includes this file inside its options block.\n"

static char text[RENDER_MAX];

static struct prefix prefix(const char *words)
{
	struct prefix p;

	assert_int_equal(prefix_parse(&p, words), PREFIX_OK);
	return p;
}

static struct prefix_set two(void)
{
	return (struct prefix_set){
		.prefixes = {prefix("2001:db8:2::/96"), prefix("2001:DB8:1:0::/64")},
		.count = 2,
	};
}

static void assert_text(size_t length, const char *expected)
{
	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
}

static void a_set_is_written_in_its_order(void **state)
{
	struct prefix_set set = two();
	(void)state;

	assert_text(render_config(text, &set, NULL, NULL),
	            HEADER "dns64 2001:db8:2::/96 { };\ndns64 2001:db8:1::/64 { };\n");
}

static void listed_prefixes_that_do_not_overlap_the_set_are_reverse_only(void **state)
{
	struct prefix_set set = two();
	struct prefix_entry entries[] = {
		{.prefix = prefix("64:ff9b::/96"), .tier = 9},
		{.prefix = prefix("2001:db8:1::/64")},
		{.prefix = prefix("2001:db8:4::/96"), .drain = true},
		{.prefix = prefix("2001:db8:2::/96"), .drain = true},
		{.prefix = prefix("2001:db8::/32")},
		{.prefix = prefix("2001:db8:1:0:0:1::/96")},
	};
	struct prefix_file allow = {entries, COUNT(entries)};
	(void)state;

	assert_text(render_config(text, &set, &allow, NULL),
	            HEADER "dns64 2001:db8:2::/96 { };\n"
	                   "dns64 2001:db8:1::/64 { };\n"
	                   "dns64 64:ff9b::/96 { clients { none; }; };\n"
	                   "dns64 2001:db8:4::/96 { clients { none; }; };\n");
}

static void options_are_included_in_each_active_block_only(void **state)
{
	struct prefix_set set = two();
	struct prefix_entry entry = {.prefix = prefix("2001:db8:3::/96")};
	struct prefix_file allow = {&entry, 1};
	(void)state;

	assert_text(render_config(text, &set, &allow, "/etc/bind/dns64 options"),
	            HEADER "dns64 2001:db8:2::/96 { include \"/etc/bind/dns64 options\"; };\n"
	                   "dns64 2001:db8:1::/64 { include \"/etc/bind/dns64 options\"; };\n"
	                   "dns64 2001:db8:3::/96 { clients { none; }; };\n");
}

/* render_config traps rather than cut a text: this is the largest that it can be asked for. */
static void the_largest_list_and_longest_path_fit(void **state)
{
	struct prefix_entry *entries = calloc(PREFIX_FILE_PREFIXES_MAX, sizeof(*entries));
	struct prefix_file allow = {entries, PREFIX_FILE_PREFIXES_MAX};
	struct prefix_set set = {.count = SET_PREFIXES_MAX};
	char path[PATH_MAX];
	size_t lines = 0;
	(void)state;

	assert_non_null(entries);
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[PATH_MAX - 1] = '\0';
	for (size_t i = 0; i < set.count; i++) {
		set.prefixes[i] = prefix("2001:aaaa:bbbb:cccc:dd:eeee::/96");
		set.prefixes[i].addr.s6_addr[11] = (uint8_t)i;
	}
	for (size_t i = 0; i < allow.count; i++) {
		entries[i].prefix = prefix("2002:aaaa:bbbb:cccc:dd:eeee::/96");
		entries[i].prefix.addr.s6_addr[10] = (uint8_t)(i >> 8 | 0x80);
		entries[i].prefix.addr.s6_addr[11] = (uint8_t)i;
	}
	size_t length = render_config(text, &set, &allow, path);
	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	assert_int_equal(lines, 2 + SET_PREFIXES_MAX + PREFIX_FILE_PREFIXES_MAX);
	assert_int_equal(length, strlen(text));
	free(entries);
}

static void a_path_that_bind_cannot_include_is_refused(void **state)
{
	static const char *const bad[] = {"",      "options", "./options", "/a\"b",     "/a\\b",
	                                  "/a\nb", "/a\x7f",  "/a\tb",     "/a\"; }; x"};
	char path[PATH_MAX + 1];
	(void)state;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(render_path_ok(bad[i]));
	assert_true(render_path_ok("/etc/bind/dns64 options'é;{}"));
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[PATH_MAX] = '\0';
	assert_false(render_path_ok(path));
	path[PATH_MAX - 1] = '\0';
	assert_true(render_path_ok(path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_written_in_its_order),
		cmocka_unit_test(listed_prefixes_that_do_not_overlap_the_set_are_reverse_only),
		cmocka_unit_test(options_are_included_in_each_active_block_only),
		cmocka_unit_test(the_largest_list_and_longest_path_fit),
		cmocka_unit_test(a_path_that_bind_cannot_include_is_refused),
	};

	return cmocka_run_group_tests_name("render", tests, NULL, NULL);
}
