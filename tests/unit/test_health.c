/*
 * The health rule, one rule at a time, through its public interface: a network of which each test
 * says who is answered, and a clock that only the test moves.
 */
#include "unit.h"

#include "rule/health.h"
#include "rule/heap.h"

#include <math.h>
#include <string.h>

#define MS_US 1000ULL

#define INTERVAL (2 * SECOND_US)
#define PREFIXES 8
#define TARGETS  13
#define FLIGHTS  512
#define RTT_US   (40 * MS_US)
#define UDP      0
#define TCP      1

static struct network {
	struct health *health;
	struct health_config config;
	uint64_t now_us;
	struct heap arrivals;
	struct health_order orders[FLIGHTS];
	bool dead[PREFIXES][HEALTH_METHODS_MAX], refused[PREFIXES];
	bool target_dead[TARGETS], blocked[PREFIXES][TARGETS];
	bool uplink_down, unsent[PREFIXES];
	unsigned lost_percent[PREFIXES], lose[PREFIXES]; /* lose: that many, from now on */
	uint64_t rtt_us[PREFIXES];
	uint32_t random;
	unsigned probes[PREFIXES][HEALTH_METHODS_MAX], asked[TARGETS];
	struct health_verdict downs[64], ups[64];
	unsigned down_count, up_count;
	uint64_t down_us, up_us; /* of the last */
} net;

static int network_open(void **state)
{
	(void)state;
	memset(&net, 0, sizeof(net));
	for (unsigned i = 0; i < PREFIXES; i++)
		net.rtt_us[i] = RTT_US;
	net.random = 1;
	net.now_us = 1000 * SECOND_US;
	net.config = (struct health_config){
		.prefixes = 5,
		.methods = 2,
		.targets = {TARGETS, TARGETS},
		.interval_us = INTERVAL,
		.min = 2,
		.flights = FLIGHTS,
	};
	return heap_init(&net.arrivals, FLIGHTS);
}

static int network_close(void **state)
{
	(void)state;
	health_free(net.health);
	heap_free(&net.arrivals);
	return 0;
}

static bool is_lost(const struct health_order *o)
{
	net.random = net.random * 1664525 + 1013904223;
	if (net.lose[o->prefix] > 0) {
		net.lose[o->prefix]--;
		return true;
	}
	return net.uplink_down || net.dead[o->prefix][o->method] || net.target_dead[o->target] ||
	       net.blocked[o->prefix][o->target] ||
	       (net.random >> 8) % 100 < net.lost_percent[o->prefix];
}

static void order_obey(const struct health_order *o)
{
	if (o->kind == HEALTH_CLOSE) {
		heap_remove(&net.arrivals, o->flight);
		return;
	}
	assert_true(o->flight < net.config.flights);
	assert_int_equal(net.arrivals.places[o->flight], 0);
	net.orders[o->flight] = *o;
	net.probes[o->prefix][o->method]++;
	net.asked[o->target]++;
	if (net.unsent[o->prefix])
		health_unsent(net.health, o->flight, net.now_us);
	else if (net.refused[o->prefix])
		health_failure(net.health, o->flight, net.now_us);
	else if (!is_lost(o))
		heap_set(&net.arrivals, o->flight, net.now_us + net.rtt_us[o->prefix]);
}

static void verdicts_read(void)
{
	struct health_verdict v;

	while (health_verdict(net.health, &v)) {
		if (v.state == HEALTH_DOWN) {
			net.downs[net.down_count++ % COUNT(net.downs)] = v;
			net.down_us = net.now_us;
		} else {
			net.ups[net.up_count++ % COUNT(net.ups)] = v;
			net.up_us = net.now_us;
		}
	}
}

static void run_for(uint64_t duration)
{
	uint64_t end = net.now_us + duration;
	const struct heap_item *arrival;
	struct health_order order;

	if (!net.health) {
		net.health = health_new(&net.config);
		assert_non_null(net.health);
		health_load(net.health, NULL, net.config.prefixes, net.now_us);
	}
	for (;;) {
		while ((order = health_next(net.health, net.now_us)).kind != HEALTH_IDLE)
			order_obey(&order);
		verdicts_read();
		uint64_t next = health_due(net.health);
		if ((arrival = heap_top(&net.arrivals)) && arrival->time_us < next)
			next = arrival->time_us;
		if (next > end)
			break;
		if (next > net.now_us) /* after a stall it is not */
			net.now_us = next;
		while ((arrival = heap_top(&net.arrivals)) && arrival->time_us <= net.now_us) {
			uint32_t flight = arrival->id;
			heap_remove(&net.arrivals, flight);
			health_answer(net.health, flight, net.now_us);
		}
	}
	net.now_us = end;
}

static void prefix_set_dead(uint32_t prefix, bool dead)
{
	for (unsigned m = 0; m < HEALTH_METHODS_MAX; m++)
		net.dead[prefix][m] = dead;
}

static unsigned probes_of(uint32_t prefix)
{
	return net.probes[prefix][UDP] + net.probes[prefix][TCP];
}

static unsigned probes_all(void)
{
	unsigned sum = 0;

	for (uint32_t i = 0; i < PREFIXES; i++)
		sum += probes_of(i);
	return sum;
}

static bool is_up(uint32_t prefix)
{
	return health_prefix_state(net.health, prefix) == HEALTH_UP;
}

/* Down, and so long ago that only what follows counts. */
static void prefix_kill(uint32_t prefix)
{
	prefix_set_dead(prefix, true);
	run_for(10 * SECOND_US);
	assert_int_equal(health_prefix_state(net.health, prefix), HEALTH_DOWN);
}

static double seconds_until_back(uint32_t prefix)
{
	uint64_t since = net.now_us;

	prefix_set_dead(prefix, false);
	for (unsigned i = 0; i < 7000 && !is_up(prefix); i++)
		run_for(100 * MS_US);
	assert_true(is_up(prefix));
	return (double)(net.up_us - since) / (double)SECOND_US;
}

static void a_prefix_is_up_once_each_method_was_answered(void **state)
{
	(void)state;
	net.dead[0][TCP] = true;

	run_for(500 * MS_US);

	assert_int_equal(health_prefix_state(net.health, 0), HEALTH_NEW);
	assert_true(is_up(1));
	assert_false(health_settled(net.health));
}

static void healthy_prefixes_are_settled_within_a_second(void **state)
{
	(void)state;

	run_for(SECOND_US);

	assert_true(health_settled(net.health));
	assert_int_equal(net.up_count, 5);
	assert_int_equal(net.down_count, 0);
}

static void prefixes_dead_from_the_start_are_settled_within_5_s(void **state)
{
	(void)state;
	prefix_set_dead(4, true);

	run_for(5 * SECOND_US);

	assert_true(health_settled(net.health));
	assert_int_equal(health_prefix_state(net.health, 4), HEALTH_DOWN);
	assert_int_equal(health_prefix_flaps(net.health, 4, net.now_us), 0);
}

static void a_dead_prefix_goes_down_and_the_verdict_says_why(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	prefix_set_dead(3, true);
	run_for(4 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].prefix, 3);
	assert_true(net.downs[0].evidence > 10);
	assert_true(net.downs[0].failed_targets != 0);
	assert_true(net.downs[0].failed_targets < 1ULL << TARGETS);
	assert_int_not_equal(net.downs[0].witness, 3);
	assert_int_equal(health_prefix_failed_us(net.health, 3), net.down_us);
	assert_int_equal(health_prefix_flaps(net.health, 3, net.now_us), 1);
}

/* What is expected is learnt fast at first: not from the death itself. */
static void a_death_soon_after_the_start_is_found_as_soon(void **state)
{
	uint64_t took[2];
	(void)state;
	run_for(10 * SECOND_US);

	for (unsigned i = 0; i < 2; i++) {
		uint64_t died = net.now_us;
		prefix_kill(3);
		took[i] = net.down_us - died;
		prefix_set_dead(3, false);
		run_for(3600 * SECOND_US - (net.now_us - died));
	}

	assert_int_equal(net.down_count, 2);
	assert_in_range(took[0], took[1], took[1] + 200 * MS_US);
}

static void a_prefix_dead_by_one_method_goes_down_by_that(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	net.dead[2][TCP] = true;
	run_for(6 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].prefix, 2);
	assert_int_equal(net.downs[0].method, TCP);
}

static void a_refusal_is_a_failure_at_once(void **state)
{
	struct health_channel channel;
	(void)state;
	run_for(600 * SECOND_US);

	net.refused[1] = true;
	run_for(SECOND_US + 20 * MS_US); /* each channel is probed within that */

	health_channel_read(net.health, 1, UDP, &channel);
	assert_true(channel.failures > 0);
	run_for(3 * SECOND_US);
	assert_false(is_up(1));
}

static void failure_of_dead_target_is_not_charged(void **state)
{
	struct health_channel channel;
	(void)state;
	net.config.targets[UDP] = net.config.targets[TCP] = 3;
	run_for(600 * SECOND_US);

	net.target_dead[1] = true;
	for (unsigned i = 0; i < 600; i++) {
		run_for(SECOND_US);
		health_channel_read(net.health, 0, UDP, &channel);
		assert_true(channel.evidence <= 0);
	}

	assert_int_equal(net.down_count, 0);
	assert_true(channel.failures > 50);
}

static void a_dead_target_is_known_until_it_answers_again(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	net.target_dead[1] = true;

	run_for(120 * SECOND_US);
	assert_false(health_target_alive(net.health, UDP, 1));
	assert_true(health_target_alive(net.health, UDP, 2));

	net.target_dead[1] = false;
	run_for(60 * SECOND_US);
	assert_true(health_target_alive(net.health, UDP, 1));
}

static void a_known_dead_target_costs_no_more_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	net.target_dead[1] = true;
	run_for(120 * SECOND_US);
	unsigned before = probes_all();

	run_for(60 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 30);
}

static void a_dead_uplink_is_not_charged(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 50; i++) {
		net.uplink_down = true;
		run_for(31 * SECOND_US + i * 37 * MS_US);
		net.uplink_down = false;
		run_for(20 * SECOND_US);
	}

	assert_int_equal(net.down_count, 0);
}

static void silence_stops_fast_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	net.uplink_down = true;
	run_for(5 * SECOND_US);
	assert_true(health_silent(net.health, net.now_us));
	unsigned before = probes_all();

	run_for(20 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 10);
}

/* As by a firewall on the way that stops UDP: nobody can tell whose fault it is. */
static void a_method_that_nobody_answers_stops_its_own_fast_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	for (uint32_t i = 0; i < 5; i++)
		net.dead[i][UDP] = true;
	run_for(10 * SECOND_US);
	assert_true(health_silence_us(net.health, UDP, net.now_us) > 5 * SECOND_US);
	assert_int_equal(health_silence_us(net.health, TCP, net.now_us), 0);
	assert_false(health_silent(net.health, net.now_us));
	unsigned before = probes_all();

	run_for(20 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 10);
	assert_int_equal(net.down_count, 0);
}

static void dead_targets_are_no_silence(void **state)
{
	(void)state;
	net.config.prefixes = 2;
	for (unsigned t = 1; t < TARGETS; t++)
		net.target_dead[t] = true;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 300; i++) {
		run_for(100 * MS_US);
		assert_int_equal(health_silence_us(net.health, UDP, net.now_us), 0);
	}
}

static void a_lone_prefix_is_never_charged(void **state)
{
	(void)state;
	net.config.prefixes = 1;
	run_for(60 * SECOND_US);

	prefix_set_dead(0, true);
	run_for(600 * SECOND_US);

	assert_true(is_up(0));
}

/* Every other probe is answered by the only target: who may be witness is all that saves it. */
static void a_prefix_is_no_witness_against_itself(void **state)
{
	struct health_channel channel;
	(void)state;
	net.config.prefixes = 1;
	net.config.targets[UDP] = net.config.targets[TCP] = 1;
	run_for(60 * SECOND_US);

	net.lost_percent[0] = 50;
	for (unsigned i = 0; i < 600; i++) {
		run_for(SECOND_US);
		health_channel_read(net.health, 0, UDP, &channel);
		assert_true(channel.evidence <= 0);
	}

	assert_true(channel.failures > 100);
	assert_int_equal(net.down_count, 0);
}

/* Each time round, its failure is known just as the doubt about the one before is over. */
static void one_target_of_three_that_blocks_a_prefix_is_learnt(void **state)
{
	(void)state;
	net.config.prefixes = 2;
	net.config.methods = 1;
	net.config.targets[UDP] = 3;
	net.blocked[0][0] = true;
	run_for(300 * SECOND_US);
	unsigned before = probes_of(0);

	run_for(300 * SECOND_US);

	assert_true(probes_of(0) - before < 150 * 5 / 4);
	assert_int_equal(net.down_count, 0);
}

/* Answers come later than they are waited for, but come: each takes its own charge back. */
static void evidence_that_is_taken_back_leaves_none_below_zero(void **state)
{
	struct health_channel channel;

	(void)state;
	run_for(60 * SECOND_US);
	for (unsigned i = 0; i < 200; i++) {
		net.rtt_us[2] = i % 3 == 0 ? 900 * MS_US : RTT_US;
		run_for(330 * MS_US);
		health_channel_read(net.health, 2, UDP, &channel);
		assert_true(channel.evidence >= 0);
	}
}

static void a_blocked_pair_costs_the_prefix_nothing(void **state)
{
	(void)state;
	net.config.targets[UDP] = net.config.targets[TCP] = 3;
	run_for(600 * SECOND_US);

	net.blocked[2][0] = true;
	run_for(7200 * SECOND_US);

	assert_int_equal(net.down_count, 0);
}

static void a_known_blocked_pair_costs_no_more_probes(void **state)
{
	(void)state;
	net.config.targets[UDP] = net.config.targets[TCP] = 3;
	net.blocked[2][0] = true;
	run_for(7200 * SECOND_US);
	unsigned before = probes_all();

	run_for(60 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 30);
}

static void a_prefix_with_a_blocked_pair_is_still_seen_to_die(void **state)
{
	(void)state;
	net.config.targets[UDP] = net.config.targets[TCP] = 3;
	net.blocked[2][0] = true;
	run_for(7200 * SECOND_US);

	prefix_set_dead(2, true);
	run_for(8 * SECOND_US);

	assert_int_equal(net.down_count, 1);
}

static double evidence_of(uint32_t prefix, unsigned method)
{
	struct health_channel channel;

	health_channel_read(net.health, prefix, method, &channel);
	return channel.evidence;
}

/* Runs until the channel's evidence has changed; returns by how much. */
static double evidence_change(uint32_t prefix, unsigned method)
{
	double before = evidence_of(prefix, method), change = 0;

	for (unsigned i = 0; i < 10000 && !(change < 0 || change > 0); i++) {
		run_for(MS_US);
		change = evidence_of(prefix, method) - before;
	}
	return change;
}

/* What an answer in time takes off is less than a third of what a failure adds. */
static void a_late_answer_takes_its_charge_back(void **state)
{
	double charged = 0, change;
	(void)state;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = 700 * MS_US; /* beyond the timeout, until that has adapted */
	while ((change = evidence_change(4, UDP)) > 0)
		charged = change;

	assert_true(charged > 1);
	assert_true(change < -1);
	run_for(600 * SECOND_US);
	assert_int_equal(net.down_count, 0);
}

/* The system sends a lost SYN again after a second: what is answered then was lost all the same. */
static void an_answer_to_a_copy_takes_nothing_back(void **state)
{
	double charged = 0, change;
	(void)state;
	net.config.retransmit_us[TCP] = SECOND_US;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = SECOND_US + RTT_US;
	while ((change = evidence_change(4, TCP)) > 0)
		charged = change;
	net.rtt_us[4] = RTT_US;

	assert_true(charged > 1);
	assert_true(change > -0.5);
	run_for(600 * SECOND_US);
	assert_int_equal(net.down_count, 0);
	assert_true(evidence_of(4, TCP) <= 0);
}

/* The uplink was down when they were sent, and no longer when the system sent them again. */
static void answers_to_copies_are_no_witnesses(void **state)
{
	double most = 0;
	(void)state;
	net.config.retransmit_us[TCP] = SECOND_US;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 5; i++)
		net.rtt_us[i] = SECOND_US + RTT_US + i * MS_US;
	for (unsigned i = 0; i < 30; i++) {
		run_for(100 * MS_US);
		for (unsigned prefix = 0; prefix < 5; prefix++)
			most = fmax(most, evidence_of(prefix, TCP));
	}

	assert_true(most <= 0);
}

static void an_answer_to_a_copy_is_no_round_trip(void **state)
{
	(void)state;
	net.config.methods = 1;
	net.config.targets[0] = 1;
	net.config.retransmit_us[0] = SECOND_US;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = SECOND_US + RTT_US;
	run_for(3 * SECOND_US);

	assert_int_equal(health_prefix_srtt_us(net.health, 4), RTT_US);
}

/* With 13 targets, each of which would else have to be late once by itself. */
static void after_a_late_answer_all_targets_are_waited_for(void **state)
{
	struct health_channel channel;
	(void)state;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = 700 * MS_US;
	run_for(60 * SECOND_US);

	health_channel_read(net.health, 4, UDP, &channel);
	assert_in_range(channel.failures, 1, 6);
}

static void an_answer_is_listened_for_3_s_and_no_longer(void **state)
{
	struct health_channel before, channel;
	(void)state;
	run_for(600 * SECOND_US);

	net.rtt_us[4] = 2900 * MS_US;
	health_channel_read(net.health, 4, UDP, &before);
	run_for(5 * SECOND_US);
	health_channel_read(net.health, 4, UDP, &channel);
	assert_true(channel.answers > before.answers);

	net.rtt_us[4] = 3100 * MS_US;
	run_for(4 * SECOND_US);
	health_channel_read(net.health, 4, UDP, &before);
	run_for(5 * SECOND_US);
	health_channel_read(net.health, 4, UDP, &channel);
	assert_int_equal(channel.answers, before.answers);
}

static void a_lossy_prefix_goes_down(void **state)
{
	(void)state;
	run_for(1200 * SECOND_US);

	net.lost_percent[0] = 40;
	run_for(60 * SECOND_US);

	assert_true(net.down_count > 0);
	assert_int_equal(net.downs[0].prefix, 0);
}

static void what_everybody_loses_is_no_prefixs_fault(void **state)
{
	(void)state;
	run_for(1200 * SECOND_US);

	for (unsigned i = 0; i < PREFIXES; i++)
		net.lost_percent[i] = 30;
	run_for(120 * SECOND_US);

	assert_int_equal(net.down_count, 0);
}

static void a_first_failure_is_followed_by_fast_probes(void **state)
{
	(void)state;
	run_for(60 * SECOND_US);
	prefix_set_dead(1, true);
	unsigned udp = net.probes[1][UDP], tcp = net.probes[1][TCP];

	run_for(1900 * MS_US);

	assert_true(net.probes[1][UDP] - udp >= 3);
	assert_true(net.probes[1][TCP] - tcp >= 3);
}

static void a_first_failure_has_the_other_methods_asked_at_once(void **state)
{
	struct health_channel udp = {0};
	unsigned before = 0;
	(void)state;
	run_for(60 * SECOND_US);

	net.dead[1][UDP] = true;
	while (udp.failures == 0) {
		before = net.probes[1][TCP];
		run_for(10 * MS_US);
		health_channel_read(net.health, 1, UDP, &udp);
	}

	assert_int_equal(net.probes[1][TCP], before + 1);
}

static void one_lost_probe_costs_few_more(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	unsigned before = probes_all();

	net.lose[1] = 1;
	run_for(100 * SECOND_US);

	assert_in_range(probes_all() - before, 501, 515);
	assert_int_equal(net.down_count, 0);
}

static void a_host_that_slept_blames_nobody(void **state)
{
	struct health_channel channel;
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 100; i++) {
		run_for(3 * SECOND_US + i * 11 * MS_US);
		net.now_us += 60 * SECOND_US;
		while (heap_top(&net.arrivals)) /* what came meanwhile is lost */
			heap_remove(&net.arrivals, heap_top(&net.arrivals)->id);
	}
	run_for(10 * SECOND_US);

	assert_int_equal(net.down_count, 0);
	for (uint32_t i = 0; i < 5; i++) {
		health_channel_read(net.health, i, UDP, &channel);
		assert_int_equal(channel.failures, 0);
	}
}

/* Until the given probe of the prefix is under way, whatever becomes of it. */
static void run_until_asked(uint32_t prefix, unsigned method)
{
	for (unsigned before = net.probes[prefix][method]; net.probes[prefix][method] == before;)
		run_for(MS_US);
}

static void a_failure_during_a_stall_is_none(void **state)
{
	struct health_channel channel;
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 20; i++) {
		net.lose[2] = 1;
		run_until_asked(2, UDP);
		net.now_us += 500 * MS_US + i * 20 * MS_US;
		run_for(3 * SECOND_US);
	}

	health_channel_read(net.health, 2, UDP, &channel);
	assert_int_equal(channel.failures, 0);
}

/* A timeout that is noticed a moment late is one all the same. */
static void a_short_delay_is_no_stall(void **state)
{
	struct health_channel channel;
	(void)state;
	run_for(600 * SECOND_US);
	net.lose[2] = 1;
	run_until_asked(2, UDP);

	run_for(250 * MS_US);
	net.now_us += 250 * MS_US;
	run_for(SECOND_US);

	health_channel_read(net.health, 2, UDP, &channel);
	assert_int_equal(channel.failures, 1);
}

static void an_answer_that_waited_through_a_stall_is_no_round_trip(void **state)
{
	struct health_channel before, channel;
	(void)state;
	net.config.targets[UDP] = net.config.targets[TCP] = 1;
	run_for(600 * SECOND_US);
	uint32_t srtt_us = health_prefix_srtt_us(net.health, 2);
	health_channel_read(net.health, 2, UDP, &before);

	for (unsigned i = 0; i < 100; i++) {
		run_until_asked(2, UDP);
		net.now_us += 900 * MS_US;
		run_for(3 * SECOND_US);
	}

	health_channel_read(net.health, 2, UDP, &channel);
	assert_true(channel.answers - before.answers >= 100);
	assert_int_equal(channel.failures, 0);
	assert_int_equal(health_prefix_srtt_us(net.health, 2), srtt_us);
}

static void probes_that_were_never_sent_say_nothing(void **state)
{
	struct health_channel channel;
	(void)state;
	run_for(60 * SECOND_US);

	net.unsent[2] = true;
	run_for(600 * SECOND_US);

	health_channel_read(net.health, 2, UDP, &channel);
	assert_int_equal(channel.failures, 0);
	assert_true(is_up(2));
}

static void too_few_flights_blame_nobody(void **state)
{
	(void)state;
	net.config.flights = 3;
	for (unsigned i = 0; i < PREFIXES; i++)
		net.rtt_us[i] = 250 * MS_US;

	net.lost_percent[0] = 5;
	run_for(3600 * SECOND_US);

	assert_int_equal(net.down_count, 0);
	assert_true(health_settled(net.health));
}

static void a_returning_prefix_needs_a_run_of_answers(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);

	double seconds = seconds_until_back(3);

	assert_true(seconds > 8 && seconds < 11);
	assert_true(net.ups[(net.up_count - 1) % COUNT(net.ups)].run >= 5);
}

static void each_flap_doubles_the_run(void **state)
{
	double before = 0;
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 5; i++) {
		prefix_kill(3);
		double seconds = seconds_until_back(3);
		assert_true(i == 0 || (seconds > 1.7 * before && seconds < 2.3 * before));
		before = seconds;
	}
}

static void a_run_is_never_longer_than_10_minutes(void **state)
{
	double seconds = 0;
	(void)state;
	run_for(600 * SECOND_US);

	for (unsigned i = 0; i < 10; i++) {
		prefix_kill(3);
		seconds = seconds_until_back(3);
	}

	assert_true(seconds > 250 && seconds < 603);
}

static void flaps_are_forgotten_after_an_hour(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	seconds_until_back(3);

	run_for(3601 * SECOND_US);

	assert_int_equal(health_prefix_flaps(net.health, 3, net.now_us), 0);
}

static void a_failure_sets_a_returning_prefix_back(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	prefix_set_dead(3, false);
	run_for(7 * SECOND_US);

	prefix_set_dead(3, true);
	run_for(2 * SECOND_US);
	double seconds = seconds_until_back(3);

	assert_true(seconds > 7);
}

static void with_too_few_healthy_one_answer_is_enough(void **state)
{
	(void)state;
	net.config.prefixes = 2;
	run_for(600 * SECOND_US);
	prefix_kill(1);

	double seconds = seconds_until_back(1);

	assert_true(seconds < 2.2);
}

/* Whichever has its turn first: a prefix still in the set is the better one to come back. */
static void of_two_that_return_the_one_that_failed_last_is_first(void **state)
{
	(void)state;
	net.config.prefixes = 3;
	run_for(600 * SECOND_US);

	for (uint32_t last = 0; last < 2; last++) {
		prefix_kill(1 - last);
		prefix_kill(last);
		unsigned before = net.up_count;
		prefix_set_dead(0, false);
		prefix_set_dead(1, false);
		for (unsigned i = 0; i < 1000 && net.up_count == before; i++)
			run_for(MS_US * 10);
		assert_int_equal(net.ups[before % COUNT(net.ups)].prefix, last);
		run_for(7200 * SECOND_US);
		assert_true(is_up(1 - last));
	}
}

static void with_too_few_healthy_two_answers_of_another_are_enough(void **state)
{
	(void)state;
	net.config.prefixes = 3;
	run_for(600 * SECOND_US);
	prefix_kill(0);
	prefix_kill(1);

	double seconds = seconds_until_back(0);

	assert_true(seconds > 2 && seconds < 4.2);
}

static void a_dead_prefix_is_asked_no_more_often_than_a_healthy_one(void **state)
{
	(void)state;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	unsigned before = probes_all();

	run_for(100 * SECOND_US);

	assert_int_equal(probes_all() - before, 5 * 2 * 50);
}

static void those_on_their_way_back_are_taken_when_too_few_are_left(void **state)
{
	(void)state;
	net.config.prefixes = 3;
	run_for(600 * SECOND_US);
	prefix_kill(0);
	prefix_set_dead(0, false);
	run_for(5 * SECOND_US);
	assert_false(is_up(0));

	prefix_set_dead(1, true);
	run_for(4500 * MS_US);

	assert_false(is_up(1));
	assert_true(is_up(0));
	assert_int_equal(net.up_us, net.down_us);
}

static void a_drained_prefix_is_not_counted_among_the_healthy(void **state)
{
	(void)state;
	net.config.prefixes = 3;
	run_for(600 * SECOND_US);
	health_set_drained(net.health, 2, true);
	prefix_kill(1);

	double seconds = seconds_until_back(1);

	assert_true(seconds < 2.2);
}

static void a_drained_prefix_that_dies_makes_nobody_urgent(void **state)
{
	(void)state;
	net.config.prefixes = 4;
	run_for(600 * SECOND_US);
	health_set_drained(net.health, 3, true);
	prefix_kill(3);
	prefix_kill(2);

	double seconds = seconds_until_back(2);

	assert_true(seconds > 8);
}

static void a_drained_prefix_is_a_witness(void **state)
{
	(void)state;
	net.config.prefixes = 2;
	run_for(600 * SECOND_US);
	health_set_drained(net.health, 1, true);

	prefix_set_dead(0, true);
	run_for(4 * SECOND_US);

	assert_int_equal(net.down_count, 1);
	assert_int_equal(net.downs[0].witness, 1);
}

static void routine_probes_are_spread_over_time_and_targets(void **state)
{
	unsigned before;
	(void)state;
	run_for(60 * SECOND_US);
	memset(net.asked, 0, sizeof(net.asked));

	for (unsigned i = 0; i < 13 * 10; i++) {
		before = probes_all();
		run_for(INTERVAL / 10);
		assert_int_equal(probes_all() - before, 1);
	}
	for (unsigned t = 0; t < TARGETS; t++)
		assert_int_equal(net.asked[t], 10);
}

static void latency_is_the_median_of_round_trips(void **state)
{
	(void)state;
	net.rtt_us[1] = 90 * MS_US;

	run_for(120 * SECOND_US);

	assert_in_range(health_prefix_srtt_us(net.health, 0), 39 * MS_US, 41 * MS_US);
	assert_in_range(health_prefix_srtt_us(net.health, 1), 89 * MS_US, 91 * MS_US);
}

static void list_load(const uint32_t *was, size_t count)
{
	health_load(net.health, was, count, net.now_us);
	for (uint32_t flight = 0; flight < FLIGHTS; flight++)
		heap_remove(&net.arrivals, flight);
}

static void what_was_learnt_is_adopted(void **state)
{
	(void)state;
	net.rtt_us[1] = 90 * MS_US;
	run_for(600 * SECOND_US);
	prefix_kill(3);
	uint64_t failed_us = health_prefix_failed_us(net.health, 3);
	uint32_t srtt_us = health_prefix_srtt_us(net.health, 1);

	list_load((const uint32_t[]){3, 1}, 2);

	assert_int_equal(health_prefix_state(net.health, 0), HEALTH_DOWN);
	assert_true(is_up(1));
	assert_true(health_settled(net.health));
	assert_int_equal(health_prefix_flaps(net.health, 0, net.now_us), 1);
	assert_int_equal(health_prefix_failed_us(net.health, 0), failed_us);
	assert_int_equal(health_prefix_srtt_us(net.health, 1), srtt_us);
}

/* The file is read again while two of three are dead: the same one is first to come back. */
static void which_prefix_failed_last_is_adopted(void **state)
{
	(void)state;
	net.config.prefixes = 3;
	run_for(600 * SECOND_US);
	prefix_kill(0);
	prefix_kill(1);
	list_load((const uint32_t[]){0, 1, 2}, 3);
	unsigned before = net.up_count;

	prefix_set_dead(0, false);
	prefix_set_dead(1, false);
	for (unsigned i = 0; i < 1000 && net.up_count == before; i++)
		run_for(MS_US * 10);

	assert_int_equal(net.ups[before % COUNT(net.ups)].prefix, 1);
}

#define NETWORK(test) cmocka_unit_test_setup_teardown(test, network_open, network_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NETWORK(a_prefix_is_up_once_each_method_was_answered),
		NETWORK(healthy_prefixes_are_settled_within_a_second),
		NETWORK(prefixes_dead_from_the_start_are_settled_within_5_s),
		NETWORK(a_dead_prefix_goes_down_and_the_verdict_says_why),
		NETWORK(a_death_soon_after_the_start_is_found_as_soon),
		NETWORK(a_prefix_dead_by_one_method_goes_down_by_that),
		NETWORK(a_refusal_is_a_failure_at_once),
		NETWORK(failure_of_dead_target_is_not_charged),
		NETWORK(a_dead_target_is_known_until_it_answers_again),
		NETWORK(a_known_dead_target_costs_no_more_probes),
		NETWORK(a_dead_uplink_is_not_charged),
		NETWORK(silence_stops_fast_probes),
		NETWORK(a_lone_prefix_is_never_charged),
		NETWORK(a_prefix_is_no_witness_against_itself),
		NETWORK(a_method_that_nobody_answers_stops_its_own_fast_probes),
		NETWORK(dead_targets_are_no_silence),
		NETWORK(evidence_that_is_taken_back_leaves_none_below_zero),
		NETWORK(one_target_of_three_that_blocks_a_prefix_is_learnt),
		NETWORK(a_blocked_pair_costs_the_prefix_nothing),
		NETWORK(a_known_blocked_pair_costs_no_more_probes),
		NETWORK(a_prefix_with_a_blocked_pair_is_still_seen_to_die),
		NETWORK(a_late_answer_takes_its_charge_back),
		NETWORK(an_answer_to_a_copy_takes_nothing_back),
		NETWORK(answers_to_copies_are_no_witnesses),
		NETWORK(an_answer_to_a_copy_is_no_round_trip),
		NETWORK(after_a_late_answer_all_targets_are_waited_for),
		NETWORK(an_answer_is_listened_for_3_s_and_no_longer),
		NETWORK(a_lossy_prefix_goes_down),
		NETWORK(what_everybody_loses_is_no_prefixs_fault),
		NETWORK(a_first_failure_is_followed_by_fast_probes),
		NETWORK(a_first_failure_has_the_other_methods_asked_at_once),
		NETWORK(one_lost_probe_costs_few_more),
		NETWORK(a_host_that_slept_blames_nobody),
		NETWORK(a_failure_during_a_stall_is_none),
		NETWORK(a_short_delay_is_no_stall),
		NETWORK(an_answer_that_waited_through_a_stall_is_no_round_trip),
		NETWORK(probes_that_were_never_sent_say_nothing),
		NETWORK(too_few_flights_blame_nobody),
		NETWORK(a_returning_prefix_needs_a_run_of_answers),
		NETWORK(each_flap_doubles_the_run),
		NETWORK(a_run_is_never_longer_than_10_minutes),
		NETWORK(flaps_are_forgotten_after_an_hour),
		NETWORK(a_failure_sets_a_returning_prefix_back),
		NETWORK(with_too_few_healthy_one_answer_is_enough),
		NETWORK(of_two_that_return_the_one_that_failed_last_is_first),
		NETWORK(with_too_few_healthy_two_answers_of_another_are_enough),
		NETWORK(a_dead_prefix_is_asked_no_more_often_than_a_healthy_one),
		NETWORK(those_on_their_way_back_are_taken_when_too_few_are_left),
		NETWORK(a_drained_prefix_is_not_counted_among_the_healthy),
		NETWORK(a_drained_prefix_that_dies_makes_nobody_urgent),
		NETWORK(a_drained_prefix_is_a_witness),
		NETWORK(routine_probes_are_spread_over_time_and_targets),
		NETWORK(latency_is_the_median_of_round_trips),
		NETWORK(what_was_learnt_is_adopted),
		NETWORK(which_prefix_failed_last_is_adopted),
	};

	return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
