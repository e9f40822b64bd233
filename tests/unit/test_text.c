/*
 * Text in a buffer of fixed size: it never overruns, always ends, and says when it was cut.
 */
#include "unit.h"

#include "text.h"

#include <string.h>

TEST_THAT(pieces_are_joined)
{
	char buf[32];
	struct text t = text_in(buf, sizeof(buf));

	assert_string_equal(buf, "");
	text_add(&t, "%s %d", "a", 1);
	text_add(&t, ",%c", 'b');
	assert_string_equal(buf, "a 1,b");
	assert_int_equal(t.used, 5);
	assert_false(t.cut);
}

TEST_THAT(text_that_just_fits_is_not_cut_and_a_byte_more_is)
{
	char buf[6];
	struct text t = text_in(buf, sizeof(buf));

	text_add(&t, "12345");
	assert_string_equal(buf, "12345");
	assert_false(t.cut);
	text_add(&t, "%s", "");
	assert_false(t.cut);
	text_add(&t, "6");
	assert_true(t.cut);
}

TEST_THAT(what_does_not_fit_is_cut_and_told)
{
	char buf[7];
	struct text t = text_in(buf, sizeof(buf) - 1);

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

TEST_THAT(what_is_not_printable_is_shown_as_a_question_mark)
{
	char words[] = "a\tb\033[m\x7f\xc3\xa9~ ";

	text_clean(words);
	assert_string_equal(words, "a?b?[m???~ ");
}

RUN_TESTS(NULL, NULL)
