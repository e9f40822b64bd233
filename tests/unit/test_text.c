/*
 * Text in a buffer of fixed size: it never overruns, always ends, and says when it was cut.
 */
#include "unit.h"

#include "text.h"

#include <string.h>

static void pieces_are_joined(void **state)
{
	char buf[32];
	struct text t = text_in(buf, sizeof(buf));

	(void)state;
	assert_string_equal(buf, "");
	text_add(&t, "%s %d", "a", 1);
	text_add(&t, ",%c", 'b');
	assert_string_equal(buf, "a 1,b");
	assert_int_equal(t.used, 5);
	assert_false(t.cut);
}

static void text_that_just_fits_is_not_cut(void **state)
{
	char buf[6];
	struct text t = text_in(buf, sizeof(buf));

	(void)state;
	text_add(&t, "12345");
	assert_string_equal(buf, "12345");
	assert_false(t.cut);
	text_add(&t, "%s", "");
	assert_false(t.cut);
}

static void what_does_not_fit_is_cut_and_told(void **state)
{
	char buf[7];
	struct text t = text_in(buf, sizeof(buf) - 1);

	(void)state;
	buf[6] = 'x';
	text_add(&t, "1234");
	text_add(&t, "56789");
	assert_string_equal(buf, "12345");
	assert_true(t.cut);
	assert_int_equal(t.used, 5);
	text_add(&t, "more");
	assert_string_equal(buf, "12345");
	assert_int_equal(buf[6], 'x');
}

static void what_is_not_printable_is_shown_as_a_question_mark(void **state)
{
	char words[] = "a\tb\033[m\x7f\xc3\xa9~ ";

	(void)state;
	text_clean(words);
	assert_string_equal(words, "a?b?[m???~ ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_joined),
		cmocka_unit_test(text_that_just_fits_is_not_cut),
		cmocka_unit_test(what_does_not_fit_is_cut_and_told),
		cmocka_unit_test(what_is_not_printable_is_shown_as_a_question_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
