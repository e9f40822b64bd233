/* What is said of a list that is no error and yet will not do. */
#include "unit.h"

#include "advice.h"
#include "capture.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct capture capture;

/* What is logged of the list, with a set of min to max and these targets (the default for NULL). */
static const char *advice(const char *list, unsigned min, unsigned max, const char *target)
{
	struct options options = {.size = {min, max}};
	struct prefix_file file;
	int fd = memfd_create("list", MFD_CLOEXEC);

	assert_int_equal(write(fd, list, strlen(list)), (ssize_t)strlen(list));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(prefix_file_init(&file), 0);
	assert_int_equal(prefix_file_read(&file, fd, "list"), 0);
	close(fd);
	if (target)
		assert_null(targets_add(&options.targets, target));
	else
		targets_add_default(&options.targets);
	capture_begin(&capture);
	advice_give(&file, &options, NULL);
	free(file.entries);
	return capture_end(&capture);
}

static void a_list_that_will_do_needs_no_advice(void **state)
{
	(void)state;
	assert_string_equal(advice("2001:db8:1::\n2001:db8:2::\n2001:db8:3::\n", 2, 3, NULL), "");
	assert_string_equal(advice("2001:db8:1::\n64:ff9b::/96\n", 1, 2, NULL), "");
	assert_string_equal(advice("2001:db8:1::\n2001:db8:2::\n", 1, 2, "10.0.0.1"), "");
	assert_string_equal(advice("2001:db8:1::\n64:ff9b::\n", 1, 2, "1.1.1.1"), "");
	assert_string_equal(advice("fd00:64::\nfd00:65::\n2001:db8:1:: drain\n", 1, 2, NULL), "");
	assert_string_equal(advice("64:ff9b::\n64:ff9b:1::\n2a00:64::\n", 1, 2, NULL), "");
}

static void a_list_without_a_spare_is_told_what_would_give_one(void **state)
{
	(void)state;
	assert_string_equal(advice("2001:db8:1::\n", 1, 1, NULL),
	                    "nat64health: there is one prefix to choose: one that dies will be "
	                    "served on; list another one\n");
	assert_string_equal(
		advice("2001:db8:1::\n2001:db8:2::\n2001:db8:3::\n", 3, 3, NULL),
		"nat64health: there are 3 prefixes to choose, and a set needs 3: one that dies "
		"will be served on; give both programs --count 2-3, or list more\n");
	assert_string_equal(
		advice("2001:db8:1::\n2001:db8:2:: drain\n2001:db8:3::\n", 2, 3, NULL),
		"nat64health: there are 2 prefixes to choose, and a set needs 2 (1 drained): one "
		"that dies will be served on; give both programs --count 1-2, or list more\n");
}

static void private_targets_behind_the_well_known_prefix_are_named(void **state)
{
	(void)state;
	assert_string_equal(
		advice("2001:db8:1::\n64:ff9b::\n", 1, 2, "10.0.0.1"),
		"nat64health: private targets behind 64:ff9b::/96, which must not stand for them "
		"(RFC 6052, section 3.1): dns:10.0.0.1:53, tcp:10.0.0.1:53; name global "
		"targets, or probe that prefix from a monitor of its own\n");
}

static void unique_local_prefixes_beside_global_ones_are_noted(void **state)
{
	(void)state;
	assert_non_null(strstr(advice("fd00:64::\n2001:db8:1::\n", 1, 2, NULL), "(RFC 6724)"));
}

static void misprints_of_well_known_prefixes_are_noted(void **state)
{
	static const char *const odd[][2] = {
		{"64:ff9c::/96", "64:ff9c::/96 is in space that is not assigned"},
		{"65:ff9b::/96", "65:ff9b::/96 is in space that is not assigned"},
		{"64:ff9b::/64", "64:ff9b::/64 is in space that is not assigned"},
		{"64:ff9b:2::/48", "64:ff9b:2::/48 is in space that is not assigned"},
		{"2002:c000:201::/48", "2002:c000:201::/48 is in space of 6to4 (2002::/16)"},
		{"3ffe:64::/96", "3ffe:64::/96 is in space of the former 6bone (3ffe::/16)"},
		{"2001:0:64::/96", "2001:0:64::/96 is in space of Teredo (2001::/32)"},
	};
	char list[64];
	(void)state;

	for (size_t i = 0; i < COUNT(odd); i++) {
		snprintf(list, sizeof(list), "2001:db8:1::\n%s\n", odd[i][0]);
		assert_non_null(strstr(advice(list, 1, 2, NULL), odd[i][1]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_that_will_do_needs_no_advice),
		cmocka_unit_test(a_list_without_a_spare_is_told_what_would_give_one),
		cmocka_unit_test(private_targets_behind_the_well_known_prefix_are_named),
		cmocka_unit_test(unique_local_prefixes_beside_global_ones_are_noted),
		cmocka_unit_test(misprints_of_well_known_prefixes_are_noted),
	};

	return cmocka_run_group_tests_name("advice", tests, NULL, NULL);
}
