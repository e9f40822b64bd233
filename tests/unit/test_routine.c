/* The routine: spread evenly over time and targets, each channel and target in its turn. */
#include "engine_fixture.h"

#define LIST_MAX 40
#define SENT_MAX (LIST_MAX * 2 * 64 * 2)

static struct sent {
	uint64_t at_us;
	struct engine_order order;
} sent[SENT_MAX];
static size_t sent_count;

static void sent_add(const struct engine_order *order)
{
	assert_true(sent_count < SENT_MAX);
	sent[sent_count++] = (struct sent){net.now_us, *order};
}

/* All probes of as many intervals, once the start is over and while everything is answered. */
static void routine_record(size_t prefixes, unsigned targets, unsigned intervals)
{
	network_close(NULL);
	network_open(NULL);
	net.count = prefixes;
	net.config.targets[DNS] = net.config.targets[TCP] = targets;
	run_for(INTERVAL_US * 4);
	net.on_probe = sent_add;
	sent_count = 0;
	run_for(INTERVAL_US * intervals);
}

TEST_THAT(each_channel_asks_each_target_once_in_as_many_intervals)
{
	static const unsigned targets[] = {1, 2, 3, 5, 12, 13, 16, 64};

	for (size_t prefixes = 1; prefixes <= LIST_MAX; prefixes += 3) {
		for (size_t n = 0; n < COUNT(targets); n++) {
			uint64_t asked[LIST_MAX][2] = {{0}};
			routine_record(prefixes, targets[n], targets[n]);
			for (size_t i = 0; i < sent_count; i++) {
				const struct engine_order *o = &sent[i].order;
				assert_int_equal(asked[o->prefix][o->method] >> o->target & 1, 0);
				asked[o->prefix][o->method] |= 1ULL << o->target;
			}
			assert_int_equal(sent_count, prefixes * 2 * targets[n]);
		}
	}
}

/* Where there are fewer probes than half the targets, one probe is more than twice the share. */
TEST_THAT(no_target_has_more_than_twice_its_share_of_an_interval)
{
	for (size_t prefixes = 1; prefixes <= LIST_MAX; prefixes++) {
		unsigned asked[TARGETS] = {0}, most = 0;
		size_t first = 0;
		routine_record(prefixes, TARGETS, TARGETS);
		for (size_t i = 0; i < sent_count; i++) {
			for (; sent[i].at_us - sent[first].at_us >= INTERVAL_US; first++)
				asked[sent[first].order.target]--;
			if (++asked[sent[i].order.target] > most)
				most = asked[sent[i].order.target];
		}
		assert_true(most == 1 || most * TARGETS <= 2 * prefixes * 2);
	}
}

TEST_THAT(few_probes_are_evenly_apart)
{
	routine_record(5, TARGETS, 4);

	for (size_t i = 1; i < sent_count; i++)
		assert_int_equal(sent[i].at_us - sent[i - 1].at_us, INTERVAL_US / 10);
}

TEST_THAT(the_methods_of_a_prefix_are_asked_half_an_interval_apart)
{
	uint64_t at_us[2] = {0};

	routine_record(5, TARGETS, 1);

	for (size_t i = 0; i < sent_count; i++) {
		if (sent[i].order.prefix == 3)
			at_us[sent[i].order.method] = sent[i].at_us;
	}
	uint64_t apart = LATER(at_us[DNS], at_us[TCP]) - SOONER(at_us[DNS], at_us[TCP]);
	assert_int_equal(apart, INTERVAL_US / 2);
}

/* To wake up costs more than to probe. */
TEST_THAT(many_probes_go_out_in_pairs)
{
	size_t moments = 1;

	routine_record(60, TARGETS, 10);

	for (size_t i = 1; i < sent_count; i++)
		moments += sent[i].at_us != sent[i - 1].at_us;
	assert_int_equal(sent_count, 60 * 2 * 10);
	assert_int_equal(moments, sent_count / 2);
}

RUN_TESTS(network_open, network_close)
