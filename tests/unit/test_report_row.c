/* What is told of a prefix: its state, its last failure in words, its loss, and the table. */
#include "unit.h"

#include "engine_fixture.h"

static char table[4096];

static int world_open(void **state)
{
	static const char *const words[] = {"198.51.100.1", "198.51.100.2"};

	(void)state;
	network_make(3, words, COUNT(words));
	fixture_open();
	table[0] = '\0';
	return 0;
}

static int world_close(void **state)
{
	(void)state;
	engine_free(engine);
	return 0;
}

static void run_for(uint64_t duration)
{
	for (uint64_t end = now_us + duration; now_us <= end;)
		network_step();
}

static const struct report_row *row_at(uint32_t prefix, uint64_t at_us)
{
	static struct report_row row;

	report_row_read(&row, &names, engine, prefix, at_us);
	return &row;
}

static void table_keep(const char *line)
{
	strncat(table, line, sizeof(table) - strlen(table) - 2);
	strcat(table, "\n");
}

static void states_are_told_apart(void **state)
{
	(void)state;
	assert_int_equal(row_at(0, now_us)->state, REPORT_NEW);
	run_for(60 * SECOND_US);
	assert_int_equal(row_at(0, now_us)->state, REPORT_UP);
	dead[0] = true;
	run_for(2 * SECOND_US + SECOND_US / 2);
	assert_int_equal(row_at(0, now_us)->state, REPORT_DOUBT);
	run_for(10 * SECOND_US);
	assert_int_equal(row_at(0, now_us)->state, REPORT_DOWN);
	entries[0].drain = true;
	assert_int_equal(row_at(0, now_us)->state, REPORT_DRAIN);
	assert_string_equal(report_state_name(REPORT_DOUBT), "doubt");
}

static void last_failure_is_told_with_its_age(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	assert_string_equal(row_at(0, now_us)->trouble, "");
	dead[0] = true;
	run_for(20 * SECOND_US);
	struct engine_prefix view;
	engine_prefix(engine, 0, now_us, &view);
	uint64_t at = view.failed_us;
	const char *method = targets.lists[view.failure.method].method->name;

	assert_memory_equal(row_at(0, at + 59 * SECOND_US)->trouble, "59s ago: no ", 12);
	assert_non_null(strstr(row_at(0, at)->trouble, method));
	assert_non_null(strstr(row_at(0, at)->trouble, " from 2 targets"));
	assert_memory_equal(row_at(0, at + 245 * SECOND_US)->trouble, "4m05s ago", 9);
	assert_memory_equal(row_at(0, at + 11220 * SECOND_US)->trouble, "3h07m ago", 9);
	assert_memory_equal(row_at(0, at + 1047600 * SECOND_US)->trouble, "12d03h ago", 10);
}

/* It is no news after the prefix has come back, but it is still known; also after a reload. */
static void last_failure_stays_known(void **state)
{
	struct engine_prefix view;
	(void)state;
	run_for(60 * SECOND_US);
	dead[1] = true;
	run_for(20 * SECOND_US);
	dead[1] = false;
	run_for(60 * SECOND_US);
	assert_int_equal(row_at(1, now_us)->state, REPORT_UP);
	char trouble[REPORT_TROUBLE_MAX];
	strcpy(trouble, row_at(1, now_us)->trouble);
	assert_non_null(strstr(trouble, "ago: no "));

	list_load((const uint32_t[]){1, 0, ENGINE_NO_PREFIX, ENGINE_NO_PREFIX});

	engine_prefix(engine, 0, now_us, &view);
	assert_non_null(strstr(row_at(0, view.failed_us)->trouble, "0s ago"));
	assert_string_equal(row_at(1, now_us)->trouble, "");
}

static const char *loss(uint64_t answers, uint64_t failures)
{
	static char words[16];
	struct text t = text_in(words, sizeof(words));

	report_loss(&t, answers, failures);
	return words;
}

static void loss_is_a_rounded_percentage(void **state)
{
	(void)state;
	assert_string_equal(loss(0, 0), "-");
	assert_string_equal(loss(1000, 0), "0%");
	assert_string_equal(loss(1000, 4), "0%");
	assert_string_equal(loss(1000, 6), "1%");
	assert_string_equal(loss(1, 2), "67%");
	assert_string_equal(loss(0, 7), "100%");
}

static void table_has_a_line_for_each_prefix_and_method(void **state)
{
	(void)state;
	run_for(30 * SECOND_US);
	dead[2] = true;
	dead_target[1] = true;
	run_for(60 * SECOND_US);

	report_table(&names, engine, now_us, table_keep);

	assert_non_null(strstr(table, "srtt ms loss flaps  method answers/probes evidence  last "
	                              "failure\n2001:db8:64:1::/96"));
	assert_non_null(strstr(table, "\n2001:db8:64:3::/96              0 down  no "));
	assert_non_null(strstr(table, "s ago: no "));
	assert_non_null(strstr(table, "\ndns targets: 1 of 2 answer; nobody is answered by "
	                              "198.51.100.2:53\ntcp targets: 1 of 2 answer"));
}

static void targets_of_a_silent_method_are_not_said_to_answer(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(dead) / sizeof(dead[0]); i++)
		dead[i] = true;
	run_for(30 * SECOND_US);

	report_table(&names, engine, now_us, table_keep);

	assert_non_null(strstr(table, "\ndns targets: none of 2 answers\n"
	                              "tcp targets: none of 2 answers"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
	const struct CMUnitTest tests[] = {
		TEST(states_are_told_apart),
		TEST(last_failure_is_told_with_its_age),
		TEST(last_failure_stays_known),
		TEST(loss_is_a_rounded_percentage),
		TEST(table_has_a_line_for_each_prefix_and_method),
		TEST(targets_of_a_silent_method_are_not_said_to_answer),
	};

	return cmocka_run_group_tests_name("report_row", tests, NULL, NULL);
}
