/*
 * The live table, looked at through a terminal of a few lines that knows just what a frame may use:
 * anything else in it fails.
 */
#include "unit.h"

#include "judged.h"
#include "watch.h"

#include <stdlib.h>

#define PREFIXES     6
#define ROWS_MOST    (WATCH_ROWS_MOST + 4)
#define COLUMNS_MOST (WATCH_COLUMNS_MOST + 4)
#define UNTOUCHED    '#'

static struct watch watch;
static struct watch_screen screen;
static char frame[WATCH_FRAME_MAX + 1];
static char cells[ROWS_MOST][COLUMNS_MOST + 1]; /* blocks are '1' to '8' */
static unsigned styles, blocks;

static int world_open(void **state)
{
	static const char *const words[] = {"dns:198.51.100.1", "dns:198.51.100.2",
	                                    "dns:198.51.100.3", "dns:198.51.100.4"};

	(void)state;
	network_make(PREFIXES, words, COUNT(words));
	for (unsigned i = 0; i < PREFIXES; i++)
		entries[i].tier = (uint8_t)i;
	judge_open();
	assert_int_equal(watch_init(&watch, PREFIXES, now_us), 0);
	screen = (struct watch_screen){
		.rows = 24,
		.columns = 100,
		.color = true,
		.utf8 = true,
		.time = {.tm_hour = 9, .tm_min = 8, .tm_sec = 7},
		.interval_us = 2 * SECOND_US,
	};
	return 0;
}

static int world_close(void **state)
{
	(void)state;
	watch_free(&watch);
	judge_free(&judge);
	return 0;
}

static void run_for(uint64_t duration)
{
	for (uint64_t end = now_us + duration; now_us <= end;) {
		watch_sample(&watch, &names, &judge, now_us);
		network_step(NULL);
	}
}

/* --- the terminal --- */

/* Returns how many bytes of the sequence were used. */
static size_t sequence_obey(const char *s, unsigned row, unsigned column)
{
	if (s[0] == '[' && s[1] == 'K') {
		assert_true(column < (screen.columns
		                              ? screen.columns
		                              : 1)); /* else it would erase the last character */
		memset(cells[row] + column, ' ', COLUMNS_MOST - column);
		return 2;
	}
	assert_int_equal(s[0], '[');
	size_t digits = strspn(s + 1, "0123456789");
	assert_int_equal(s[1 + digits], 'm');
	styles++;
	return digits + 2;
}

static void frame_show(size_t length)
{
	unsigned row = 0, column = 0;

	assert_true(length < WATCH_FRAME_MAX - 1); /* not cut */
	assert_memory_equal(frame, "\033[H", 3);
	styles = blocks = 0;
	for (size_t i = 3; i < length; i++) {
		unsigned char c = (unsigned char)frame[i];
		if (c == '\033') {
			i += sequence_obey(frame + i + 1, row, column);
		} else if (c == '\r') {
			assert_int_equal(frame[++i], '\n');
			column = 0;
			row++;
		} else {
			if (c == 0xe2) { /* U+2581 to U+2588 */
				assert_int_equal((unsigned char)frame[++i], 0x96);
				c = (unsigned char)frame[++i];
				assert_in_range(c, 0x81, 0x88);
				c = (unsigned char)('1' + c - 0x81);
				blocks++;
			}
			assert_in_range(c, ' ', '~');
			assert_true(column < screen.columns || screen.columns == 0);
			cells[row][column++] = (char)c;
		}
		assert_true(row < screen.rows || row == 0);
		assert_true(row < ROWS_MOST - 1 && column < COLUMNS_MOST - 1);
	}
}

/* Draws over a screen that is full of something else. */
static void draw(void)
{
	memset(frame, 0, sizeof(frame));
	memset(cells, UNTOUCHED, sizeof(cells));
	frame_show(watch_draw(&watch, &screen, &names, &judge, now_us, frame));
	for (unsigned row = 0; row < ROWS_MOST; row++) {
		char *end = cells[row] + screen.columns;
		if (screen.columns > COLUMNS_MOST)
			end = cells[row] + COLUMNS_MOST;
		while (end > cells[row] && end[-1] == ' ')
			end--;
		*end = '\0';
	}
}

static bool shown(const char *words)
{
	for (unsigned row = 0; row < ROWS_MOST; row++) {
		if (strstr(cells[row], words))
			return true;
	}
	return false;
}

/* The row of the table that begins with it. */
static const char *row_of(const char *prefix)
{
	for (unsigned row = 1; row < ROWS_MOST; row++) {
		if (strncmp(cells[row], prefix, strlen(prefix)) == 0)
			return cells[row];
	}
	fail_msg("no row of %s", prefix);
	return NULL;
}

/* Below the heading "history". */
static const char *history_of(const char *prefix)
{
	static char history[WATCH_SAMPLES + 1];
	const char *heading = strstr(cells[1], "history");
	size_t width = (size_t)(strstr(heading, "loss") - heading) - 1;

	if (width > WATCH_SAMPLES)
		width = WATCH_SAMPLES;
	memcpy(history, row_of(prefix) + (heading - cells[1]), width);
	history[width] = '\0';
	return history;
}

static void samples_set(unsigned prefix, const struct watch_sample *samples, size_t count)
{
	memcpy(watch.histories[prefix].samples, samples, count * sizeof(*samples));
	watch.sampled = count;
}

/* --- what is shown --- */

static void rows_tell_state_set_and_trouble(void **state)
{
	(void)state;
	entries[4].drain = true;
	run_for(20 * SECOND_US);
	dead[0] = true;
	run_for(20 * SECOND_US);

	draw();

	assert_non_null(strstr(cells[0], "09:08:07  "));
	assert_non_null(strstr(cells[0], " of 6 healthy  every 2 s  set: 2001:db8:64:2::/96 "));
	assert_string_equal(cells[1], "prefix             state set tier srtt ms history      "
	                              "        loss  last failure");
	assert_ptr_equal(strstr(row_of("2001:db8:64:1::/96"), " down  no     0"),
	                 row_of("2001:db8:64:1::/96") + 18);
	assert_non_null(strstr(row_of("2001:db8:64:1::/96"), "s ago: no dns from 4 targets"));
	assert_non_null(strstr(row_of("2001:db8:64:2::/96"), " up    yes    1    "));
	assert_true(shown("dns targets: 4 of 4 answer"));
}

static void dead_target_is_named(void **state)
{
	(void)state;
	run_for(20 * SECOND_US);
	dead_target[1] = true;
	run_for(60 * SECOND_US);

	draw();

	assert_true(shown("dns targets: 3 of 4 answer; nobody is answered by 198.51.100.2:53"));
}

static void one_that_blocks_a_prefix_is_named_in_its_row(void **state)
{
	(void)state;
	run_for(20 * SECOND_US);
	for (uint64_t end = now_us + 600 * SECOND_US; now_us <= end; now_us += RTT_US) {
		struct health_order order;
		while ((order = health_next(judge.health, now_us)).kind != HEALTH_IDLE) {
			if (order.kind == HEALTH_PROBE && (order.prefix != 2 || order.target != 1))
				health_answer(judge.health, order.flight, now_us);
		}
		judge_review(&judge, now_us, NULL, NULL);
	}

	draw();

	assert_non_null(strstr(row_of("2001:db8:64:3::/96"), "dns blocked by 198.51.100.2:53"));
	assert_non_null(strstr(row_of("2001:db8:64:3::/96"), " up "));
	assert_null(strstr(row_of("2001:db8:64:2::/96"), "blocked"));
}

static void silence_is_told_in_the_head(void **state)
{
	(void)state;
	run_for(20 * SECOND_US);
	memset(dead, true, sizeof(dead));
	run_for(20 * SECOND_US);

	draw();

	assert_non_null(strstr(cells[0], "nobody answers: is the uplink down?"));
}

static void before_the_first_answer_there_is_nothing_to_tell(void **state)
{
	(void)state;
	draw();

	assert_non_null(strstr(cells[0], "set: none yet"));
	assert_string_equal(row_of("2001:db8:64:1::/96"),
	                    "2001:db8:64:1::/96 new   no     0       -                         -");
}

/* --- history and loss --- */

static void history_is_scaled_from_its_least_to_twice_that(void **state)
{
	const struct watch_sample samples[] = {
		{10000, 5, 0}, {10000, 5, 0}, {15000, 5, 0}, {20000, 5, 0}, {10000, 5, 0}};
	(void)state;
	samples_set(0, samples, COUNT(samples));

	draw();

	assert_non_null(strstr(history_of("2001:db8:64:1::/96"), " 11481"));
	assert_int_equal(blocks, 5);
}

static void history_of_more_than_twice_reaches_to_its_most(void **state)
{
	const struct watch_sample samples[] = {{10000, 5, 0}, {45000, 5, 0}, {80000, 5, 0}};
	(void)state;
	samples_set(0, samples, COUNT(samples));

	draw();

	assert_non_null(strstr(history_of("2001:db8:64:1::/96"), " 148"));
}

static void history_has_a_gap_where_nothing_was_answered(void **state)
{
	const struct watch_sample samples[] = {
		{0, 0, 3}, {10000, 5, 0}, {10000, 0, 2}, {10000, 0, 0}, {UINT32_MAX, 1, 0}};
	(void)state;
	samples_set(0, samples, COUNT(samples));

	draw();

	assert_non_null(strstr(history_of("2001:db8:64:1::/96"), "  1 18"));
}

static void history_forgets_what_is_older_than_its_room(void **state)
{
	(void)state;
	screen.columns = 300;
	for (unsigned i = 0; i < WATCH_SAMPLES; i++)
		watch.histories[0].samples[i] = (struct watch_sample){10000, 1, 1};
	watch.sampled = 3 * WATCH_SAMPLES;
	watch.histories[0].samples[WATCH_SAMPLES - 1].srtt_us = 20000;

	draw();

	assert_int_equal(strspn(history_of("2001:db8:64:1::/96"), "1"), WATCH_SAMPLES - 1);
	assert_int_equal(history_of("2001:db8:64:1::/96")[WATCH_SAMPLES - 1], '8');
	assert_non_null(strstr(row_of("2001:db8:64:1::/96"), " 50%"));
}

static void samples_count_what_came_since_the_last(void **state)
{
	(void)state;
	run_for(4 * SECOND_US);
	assert_int_equal(watch.sampled, 0);
	run_for(2 * SECOND_US);
	assert_int_equal(watch.sampled, 1);
	assert_in_range(watch.histories[0].samples[0].answers, 2, 5);
	assert_int_equal(watch.histories[0].samples[0].failures, 0);
	assert_in_range(watch.histories[0].samples[0].srtt_us, 1, SECOND_US);
	uint16_t first = watch.histories[0].samples[0].answers;
	run_for(5 * SECOND_US);
	assert_int_equal(watch.sampled, 2);
	assert_in_range(watch.histories[0].samples[1].answers, 2, first + 1);
}

static void after_a_long_stop_one_sample_is_taken(void **state)
{
	(void)state;
	now_us += 1000 * SECOND_US;
	watch_sample(&watch, &names, &judge, now_us);
	watch_sample(&watch, &names, &judge, now_us);
	assert_int_equal(watch.sampled, 1);
	assert_int_equal(watch.sample_us, now_us + WATCH_SAMPLE_US);
}

static void without_utf8_the_history_is_in_digits(void **state)
{
	const struct watch_sample samples[] = {{10000, 5, 0}, {20000, 5, 0}};
	(void)state;
	screen.utf8 = false;
	samples_set(0, samples, COUNT(samples));

	draw();

	assert_non_null(strstr(history_of("2001:db8:64:1::/96"), " 18"));
	assert_int_equal(blocks, 0);
}

static void without_color_there_is_no_style_either(void **state)
{
	(void)state;
	draw();
	assert_true(styles > 0);
	screen.color = false;
	draw();
	assert_int_equal(styles, 0);
}

/* --- sizes --- */

static void any_size_is_filled_and_never_left(void **state)
{
	static const unsigned sizes[] = {0, 1, 2, 3, 4, 5, 6, 10, 24, 40, 80, 100, 300};
	(void)state;
	run_for(20 * SECOND_US);
	for (unsigned i = 0; i < WATCH_MESSAGES; i++)
		watch_message(&watch, &screen.time, "2001:db8:64:1::/96 is up: it answers");
	for (size_t r = 0; r < COUNT(sizes); r++) {
		for (size_t c = 0; c < COUNT(sizes); c++) {
			screen.rows = sizes[r];
			screen.columns = sizes[c];
			draw();
			for (unsigned row = 0; row < screen.rows && row < WATCH_ROWS_MOST; row++)
				assert_null(strchr(cells[row], UNTOUCHED));
			if (screen.rows > 0 && screen.rows < WATCH_ROWS_MOST)
				assert_int_equal(cells[screen.rows][0],
				                 screen.columns ? UNTOUCHED : '\0');
		}
	}
}

static void size_beyond_all_terminals_is_bounded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WATCH_SAMPLES; i++)
		watch.histories[0].samples[i] = (struct watch_sample){10000, 1, 1};
	watch.sampled = WATCH_SAMPLES;
	screen.rows = screen.columns = 10000;
	draw();
	assert_string_equal(cells[WATCH_ROWS_MOST - 1], "");
	assert_int_equal(cells[WATCH_ROWS_MOST][0], UNTOUCHED);
	screen.rows = screen.columns = UINT32_MAX;
	draw();
}

static void narrow_screen_shows_the_columns_that_matter_most(void **state)
{
	(void)state;
	screen.columns = 40;
	draw();
	assert_string_equal(cells[1], "prefix             state set srtt ms");
	screen.columns = 42;
	draw();
	assert_string_equal(cells[1], "prefix             state set srtt ms loss");
	screen.columns = 56;
	draw();
	assert_string_equal(cells[1], "prefix             state set srtt ms loss  last failure");
	screen.columns = 20;
	draw();
	assert_string_equal(cells[1], "prefix         state");
	assert_string_equal(cells[2], "2001:db8:64:1: new");
}

static void short_screen_tells_how_many_are_hidden(void **state)
{
	(void)state;
	dead[5] = true;
	run_for(30 * SECOND_US);
	screen.rows = 6;

	draw();

	assert_true(shown("2001:db8:64:3::/96"));
	assert_false(shown("2001:db8:64:4::/96 "));
	assert_string_equal(cells[5], "3 not shown, 1 of them down; j and k scroll");
}

static void keys_scroll_within_bounds(void **state)
{
	(void)state;
	screen.rows = 6;
	draw();
	assert_true(watch_key(&watch, 'j'));
	draw();
	row_of("2001:db8:64:4::/96");
	assert_false(shown("2001:db8:64:1::/96 "));
	for (const char *key = "\033[B\033OB\033[6~jjjj"; *key; key++)
		assert_true(watch_key(&watch, (unsigned char)*key));
	draw();
	row_of("2001:db8:64:6::/96");
	row_of("2001:db8:64:4::/96");
	for (const char *key = "k\033[A"; *key; key++)
		assert_true(watch_key(&watch, (unsigned char)*key));
	draw();
	row_of("2001:db8:64:2::/96");
	for (const char *key = "b kkkk\033[5~\033[A"; *key; key++)
		assert_true(watch_key(&watch, (unsigned char)*key));
	draw();
	row_of("2001:db8:64:1::/96");
	assert_true(shown("3 not shown, 0 of them down"));
}

static void only_q_and_control_c_quit(void **state)
{
	(void)state;
	assert_false(watch_key(&watch, 'q'));
	assert_false(watch_key(&watch, 3));
	assert_true(watch_key(&watch, '\033'));
	assert_false(watch_key(&watch, 'q')); /* escape alone was no sequence */
	for (const char *key = "\033[q"; *key; key++)
		assert_true(watch_key(&watch, (unsigned char)*key));
	assert_false(watch_key(&watch, 'q'));
	for (unsigned key = 0; key < 256; key++) {
		if (key != 'q' && key != 3)
			assert_true(watch_key(&watch, (unsigned char)key));
	}
}

static void keys_of_any_kind_do_no_harm(void **state)
{
	(void)state;
	srand(1);
	for (unsigned i = 0; i < 20000; i++) {
		watch_key(&watch, (unsigned char)rand());
		if (i % 100 == 0) {
			screen.rows = (unsigned)rand() % 12;
			draw();
		}
	}
}

/* --- messages --- */

static void messages_stand_below_the_newest_last(void **state)
{
	(void)state;
	for (unsigned i = 0; i < WATCH_MESSAGES + 5; i++) {
		char line[] = "message A";
		line[8] = (char)('A' + i);
		watch_message(&watch, &screen.time, line);
	}
	draw();
	assert_string_equal(cells[23], "09:08:07  message U");
	assert_string_equal(cells[22], "09:08:07  message T");
	assert_string_equal(watch_message_read(&watch, WATCH_MESSAGES - 1), "09:08:07  message F");
	assert_null(watch_message_read(&watch, WATCH_MESSAGES));
}

static void message_cannot_control_the_terminal(void **state)
{
	char line[2 * WATCH_MESSAGE];
	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	watch_message(&watch, &screen.time, line);
	watch_message(&watch, &screen.time, "a\033[2Jb\r\n\xc3\xa4\x9b\x7f");
	draw();
	assert_true(shown("09:08:07  a?[2Jb??????"));
	screen.columns = 10000;
	draw();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
	const struct CMUnitTest tests[] = {
		TEST(rows_tell_state_set_and_trouble),
		TEST(dead_target_is_named),
		TEST(one_that_blocks_a_prefix_is_named_in_its_row),
		TEST(silence_is_told_in_the_head),
		TEST(before_the_first_answer_there_is_nothing_to_tell),
		TEST(history_is_scaled_from_its_least_to_twice_that),
		TEST(history_of_more_than_twice_reaches_to_its_most),
		TEST(history_has_a_gap_where_nothing_was_answered),
		TEST(history_forgets_what_is_older_than_its_room),
		TEST(samples_count_what_came_since_the_last),
		TEST(after_a_long_stop_one_sample_is_taken),
		TEST(without_utf8_the_history_is_in_digits),
		TEST(without_color_there_is_no_style_either),
		TEST(any_size_is_filled_and_never_left),
		TEST(size_beyond_all_terminals_is_bounded),
		TEST(narrow_screen_shows_the_columns_that_matter_most),
		TEST(short_screen_tells_how_many_are_hidden),
		TEST(keys_scroll_within_bounds),
		TEST(only_q_and_control_c_quit),
		TEST(keys_of_any_kind_do_no_harm),
		TEST(messages_stand_below_the_newest_last),
		TEST(message_cannot_control_the_terminal),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
