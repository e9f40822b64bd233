/* named's configuration: does it include the output, and has it dns64 blocks of its own? */
#include "unit.h"

#include "named_conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[] = "/tmp/test_named_conf.XXXXXX";
static struct named_conf conf;

/* The path of a file in the scratch directory. */
static const char *at(const char *name)
{
	static char paths[4][128];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch, name);
	return path;
}

/* Writes a file; "@" in the text stands for the scratch directory. */
static void put(const char *name, const char *text)
{
	FILE *file = fopen(at(name), "w");

	assert_non_null(file);
	for (; *text != '\0'; text++) {
		if (*text == '@')
			fputs(scratch, file);
		else
			fputc(*text, file);
	}
	fclose(file);
}

static void look(void)
{
	named_conf_read(&conf, "", at("named.conf"), at("out"));
}

static void includes(const char *text, bool expected)
{
	put("named.conf", text);
	look();
	if (conf.includes != expected)
		fail_msg("%s: %s", expected ? "not seen in" : "seen in", text);
}

static void include_is_seen_where_named_would(void **state)
{
	(void)state;
	includes("options { include \"@/out\"; };", true);
	includes("include\"@/out\";", true);
	includes("options {\n\tdirectory \"/x\";\n\tinclude \"@/out\";\n};\n", true);
	includes("/* a */ // b\n# c\noptions{}; include \"@/out\" ;", true);
	includes("# include \"@/out\";\n", false);
	includes("// include \"@/out\";\n", false);
	includes("/* include \"@/out\"; */", false);
	includes("/* include \"@/out\";", false);
	includes("x \"include \"; y \"@/out\";", false);
	includes("x include \"@/out\";", false);
	includes("include \"@/out2\";", false);
	includes("x \"\\\"; include\" \"@/out\";", false);
	includes("x \"unfinished; include @/out;", false);
	includes("include", false);
	includes("include \"", false);
	includes("include \"out\";", false);
	includes("", false);
}

static void output_may_have_another_name(void **state)
{
	(void)state;
	put("out", "");
	assert_int_equal(symlink(at("out"), at("link")), 0);
	includes("include \"@/link\";", true);
	includes("include \"@/ou*\";", true);
	unlink(at("link"));
	unlink(at("out"));
}

static void included_files_are_followed_once(void **state)
{
	(void)state;
	put("a", "include \"@/b\"; include \"@/named.conf\";");
	put("b", "include \"@/a\";\n\n\tview v { include \"@/out\"; };");
	includes("include \"@/a\";", true);
	put("b", "dns64 x { };");
	includes("include \"@/a\";", false);
	assert_string_equal(conf.block, at("b:1"));
	put("b", "include \"@/out\";");
	includes("include \"@/[b-z]\";", true);
	assert_string_equal(conf.unread, "");
	unlink(at("a"));
	unlink(at("b"));
}

static void blocks_of_its_own_are_told_with_their_line(void **state)
{
	(void)state;
	put("out", "dns64 2001:db8:64:1::/96 { };");
	includes("options {\n\tinclude \"@/out\";\n\t/* \n */\n\tdns64 2001:db8::/96 { };\n"
	         "dns64 x { }; };",
	         true);
	assert_string_equal(conf.block, at("named.conf:5"));
	includes("include \"@/out\"; acl dns64 { any; }; # dns64 x\n", true);
	assert_string_equal(conf.block, "");
	unlink(at("out"));
}

static void what_cannot_be_read_is_told(void **state)
{
	(void)state;
	includes("include \"@/nowhere\"; include \"@/other\";", false);
	assert_string_equal(conf.unread, at("nowhere"));
	assert_int_equal(conf.unread_error, ENOENT);
	includes("include \"/\";", false);
	assert_int_equal(conf.unread_error, EISDIR);
	includes("include \"/dev/zero\";", false);
	assert_int_equal(conf.unread_error, EINVAL);
	put("large", "");
	assert_int_equal(truncate(at("large"), 16 * 1024 * 1024 + 1), 0);
	includes("include \"@/large\";", false);
	assert_int_equal(conf.unread_error, EFBIG);
	assert_int_equal(truncate(at("large"), 4 * 1024 * 1024), 0);
	includes("include \"@/large\"; include \"@/out\";", true);
	assert_string_equal(conf.unread, "");
	unlink(at("large"));
}

static void names_are_those_that_named_sees(void **state)
{
	(void)state;
	put("named.conf", "include \"/out\";");
	named_conf_read(&conf, scratch, "/named.conf", at("out"));
	assert_true(conf.includes);
	named_conf_read(&conf, "", at("named.conf"), at("out"));
	assert_false(conf.includes);
}

static void more_files_than_anybody_has_are_survived(void **state)
{
	char name[32], text[64];

	(void)state;
	for (int i = 0; i < 1100; i++) {
		snprintf(name, sizeof(name), "many.%d", i);
		snprintf(text, sizeof(text), "include \"@/many.%d\";", i + 1);
		put(name, i < 1099 ? text : "include \"@/out\";");
	}
	includes("include \"@/many.0\";", false);
	includes("include \"@/many.900\";", true);
	for (int i = 0; i < 1100; i++) {
		snprintf(name, sizeof(name), "many.%d", i);
		unlink(at(name));
	}
}

static int scratch_make(void **state)
{
	(void)state;
	return mkdtemp(scratch) ? 0 : -1;
}

static int scratch_remove(void **state)
{
	(void)state;
	unlink(at("named.conf"));
	return rmdir(scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(include_is_seen_where_named_would),
		cmocka_unit_test(output_may_have_another_name),
		cmocka_unit_test(included_files_are_followed_once),
		cmocka_unit_test(blocks_of_its_own_are_told_with_their_line),
		cmocka_unit_test(what_cannot_be_read_is_told),
		cmocka_unit_test(names_are_those_that_named_sees),
		cmocka_unit_test(more_files_than_anybody_has_are_survived),
	};

	return cmocka_run_group_tests_name("named_conf", tests, scratch_make, scratch_remove);
}
