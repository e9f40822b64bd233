/* The list in force: what of a new one was known before, and what becomes of a bad one. */
#include "unit.h"

#include "capture.h"
#include "list.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct list *list;
static struct capture capture;

static int list_make(void **state)
{
	(void)state;
	list = list_new();
	return list ? 0 : -1;
}

static int text_read(const char *text)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	fputs(text, file);
	rewind(file);
	int result = list_read(list, fileno(file), "list", 2);
	fclose(file);
	return result;
}

static const char *text_refused(const char *text)
{
	capture_begin(&capture);
	int result = text_read(text);
	const char *said = capture_end(&capture);

	assert_true(result < 0);
	return said;
}

static void words_of_a_prefix_reach_the_engine(void **state)
{
	(void)state;
	assert_int_equal(text_read("2001:db8:1:: group=b\n2001:db8:2:: tier=3 group=a\n"
	                           "2001:db8:3:: drain group=b\n2001:db8:4::\n"),
	                 0);
	assert_int_equal(list_file(list)->count, 4);
	assert_int_equal(list->entries[1].tier, 3);
	assert_true(list->entries[2].drain);
	assert_int_equal(list->entries[0].group, list->entries[2].group);
	assert_int_not_equal(list->entries[0].group, list->entries[1].group);
	assert_int_equal(list->entries[3].group, 0);
	for (unsigned i = 0; i < 4; i++)
		assert_true(list->entries[i].was == ENGINE_NO_PREFIX);
}

static void prefixes_that_were_listed_are_known_by_their_old_numbers(void **state)
{
	char text[PREFIX_STRLEN];

	(void)state;
	assert_int_equal(text_read("2001:db8:1::\n2001:db8:2::\n2001:db8:3::\n"), 0);
	assert_int_equal(text_read("2001:db8:9::\n2001:db8:3::\n2001:db8:1:: tier=1\n"), 0);
	assert_true(list->entries[0].was == ENGINE_NO_PREFIX);
	assert_int_equal(list->entries[1].was, 2);
	assert_int_equal(list->entries[2].was, 0);
	assert_string_equal(prefix_format(list_prefix(list, 1), text), "2001:db8:3::/96");
}

static void a_bad_list_leaves_the_one_in_force(void **state)
{
	(void)state;
	assert_int_equal(text_read("2001:db8:1::\n2001:db8:2::\n"), 0);
	assert_non_null(strstr(text_refused("2001:db8:3::\nrubbish\n"), "list:2: rubbish: "));
	assert_string_equal(
		text_refused("2001:db8:3::\n2001:db8:4:: drain\n"),
		"list: 1 prefix not drained; a set needs at least 2: list more, or give "
		"both programs --count 1-1\n");
	assert_non_null(strstr(text_refused("2001:db8:3:: drain\n"), "all prefixes are drained"));
	assert_int_equal(list_file(list)->count, 2);
	assert_int_equal(text_read("2001:db8:2::\n2001:db8:1::\n"), 0);
	assert_int_equal(list->entries[0].was, 1);
}

/* A prober that dies leaves the list that it took to the next one. */
static void what_a_child_takes_its_parent_has(void **state)
{
	int status;

	(void)state;
	assert_int_equal(text_read("2001:db8:1::\n2001:db8:2::\n"), 0);
	pid_t pid = fork();
	if (pid == 0)
		_exit(text_read("2001:db8:3::\n2001:db8:4::\n2001:db8:5::\n") == 0 ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(list_file(list)->count, 3);
}

#define TEST(name) cmocka_unit_test_setup(name, list_make)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_of_a_prefix_reach_the_engine),
		TEST(prefixes_that_were_listed_are_known_by_their_old_numbers),
		TEST(a_bad_list_leaves_the_one_in_force),
		TEST(what_a_child_takes_its_parent_has),
	};

	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
