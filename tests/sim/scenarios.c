/*
 * The named scenarios and their aims, and how random worlds are made.
 */
#include "scenarios.h"

#include <math.h>

/* What a row leaves out is as usual: it is named here, and named again where it is not. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define ROW(NAME, TEXT, ...)                                                                     \
	{                                                                                        \
		.name = NAME, .text = TEXT, .job_days = 8, .share = 1, .run = USUAL, __VA_ARGS__ \
	}
#define USUAL                                                                \
	{                                                                    \
		.interval = 2, .min = 2, .max = 3, .slack = 0.05, .world = { \
			.prefixes = 5,                                       \
			.methods = 2,                                        \
			.targets = 13,                                       \
			.loss = 0.01,                                        \
			.rtt_min = 0.008,                                    \
			.rtt_max = 0.18,                                     \
			.extra = 0.03,                                       \
			.drift_every = 4 * 3600                              \
		}                                                            \
	}

#define DNS 1U
#define TCP 2U

#define PREFIXES(N) .run.world.prefixes = (N)
#define TARGETS(N)  .run.world.targets = (N)
#define LOSS(SHARE) .run.world.loss = (SHARE)

#define FAULT(...)       .run.world.faults[0] = {__VA_ARGS__}
#define ONE(KIND, ...)   FAULT(KIND, .count = 1, __VA_ARGS__)
#define FOR_3_MIN        .every = 2400, .lasts = 180
#define FOR_3_H          .every = 3600, .lasts = 10800
#define DIES(N)          FAULT(FAULT_DEAD, .count = (N), FOR_3_MIN)
#define DIES_TOO         .run.world.faults[1] = {FAULT_DEAD, .count = 1, FOR_3_MIN}
#define DEAD_AT_START(N) FAULT(FAULT_DEAD, .count = (N), .from_start = true)
#define FLAPS(N, S)      FAULT(FAULT_DEAD, .count = (N), .every = 7200, .lasts = 3600, .period = (S))
#define FLAPS_5          ONE(FAULT_DEAD, .every = 7200, .lasts = 2701, .period = 600)
#define LOSES(SHARE)     ONE(FAULT_LOSS, .amount = (SHARE), .every = 3600, .lasts = 3600)
#define SLOWER(S)        ONE(FAULT_SLOW, .amount = (S), .every = 3600, .lasts = 1200)
#define LOST(N)          ONE(FAULT_PAIR, .amount = (N), .every = 7200, .lasts = 3600)
#define PORTS(N)         ONE(FAULT_PORTS, .amount = (N), .every = 3600, .lasts = 3600)
#define HASH(N)          TARGETS(16), ONE(FAULT_HASH, .amount = (N), .every = 900, .lasts = 600)

#define COST              .aims.cost = 0.6
#define FOUND(HALF, MOST) .aims.p50 = (HALF), .aims.p99 = (MOST)
#define OUT(HALF)         .aims.gone50 = (HALF), .aims.stay = 0.05
#define START_AIMS        .job_days = 0.0014, .share = 0.01, .aims.first_set = 10

/* Many targets lost: out, and no way back while it lasts. Few: it stays up, but is not used. */
#define LOST_AIMS FOUND(15, 30), .aims.no_way_back = true, .aims.victim_cost = 3, .aims.stay = 0.05
#define FEW_AIMS  .aims.kept = 0.05, .aims.named = true, .aims.victim_cost = 3
#define HASH_AIMS .aims.kept = 0.05, .aims.named = true, .aims.no_way_back = true

const struct scenario scenarios[] = {
	ROW("loss-0", "nothing is lost", LOSS(0), COST),
	ROW("loss-1", "1% is lost", COST),
	ROW("loss-2", "2% is lost", LOSS(0.02), COST),
	ROW("loss-5", "5% is lost", LOSS(0.05), .aims.removals = 1),
	ROW("loss-fresh", "3% is lost in the first two minutes, when little is known yet",
            LOSS(0.03), .job_days = 0.0014, .share = 0.2, .aims.removals = 1),
	ROW("silences", "each prefix is silent for 1 s every 10 min",
            .run.world.silence_every = 600, .run.world.silence_lasts = 1),
	ROW("bursts", "each prefix loses 80% for 0.1 s (mean) every 2 min",
            .run.world.burst_every = 120, .run.world.burst_lasts = 0.1, .run.world.burst_loss = 0.8,
            .aims.removals = 1),

	ROW("dead-1-of-5", "one of five dies for 3 min", DIES(1), FOUND(2.4, 3.2)),
	ROW("dead-fresh", "one of five dies soon after the start, as in the lab's measurement",
            ONE(FAULT_DEAD, .every = 12, .lasts = 20), .job_days = 0.0014, .share = 0.02,
            FOUND(2.8, 4)),
	ROW("dead-1-of-3", "one of three dies, 3 targets", PREFIXES(3), TARGETS(3), DIES(1),
            FOUND(3.2, 5)),
	ROW("dead-2-of-3", "two of three die together", PREFIXES(3), DIES(2), FOUND(3.5, 6)),
	ROW("dead-4-of-5", "four of five die together", DIES(4), FOUND(3.5, 6)),
	ROW("dead-provider", "one provider's two of six die together", PREFIXES(6),
            FAULT(FAULT_DEAD, .count = 2, .provider = true, FOR_3_MIN), FOUND(3.5, 6)),
	ROW("dead-tcp", "one of five dies, TCP only", ONE(FAULT_DEAD, .methods = TCP, FOR_3_MIN),
            FOUND(3.5, 6)),
	ROW("dead-udp", "one of five dies, UDP only", ONE(FAULT_DEAD, .methods = DNS, FOR_3_MIN),
            FOUND(3.5, 6)),
	ROW("pool-full", "one of five opens no new flow, old ones go on",
            ONE(FAULT_FULL, FOR_3_MIN), FOUND(3.5, 6)),
	ROW("refused", "one of five dies and answers with ICMP errors",
            ONE(FAULT_REFUSED, FOR_3_MIN), FOUND(2.8, 4)),
	ROW("dead-far", "one of five dies, all targets 150 to 300 ms away",
            .run.world.rtt_min = 0.15, .run.world.rtt_max = 0.3, DIES(1), FOUND(3.5, 6)),

	ROW("uplink-10-min", "the uplink is gone for 10 min",
            FAULT(FAULT_UPLINK, .every = 1200, .lasts = 600)),
	ROW("uplink-flaps", "the uplink is gone for 5 s every 10 s, for 10 min",
            FAULT(FAULT_UPLINK, .every = 1200, .lasts = 600, .period = 10)),
	ROW("uplink-jitters", "the uplink is gone for 1.5 s every 3 s, for 10 min",
            FAULT(FAULT_UPLINK, .every = 1200, .lasts = 600, .period = 3)),
	ROW("uplink-lossy", "the uplink loses 30% for 10 min",
            FAULT(FAULT_UPLINK_LOSS, .amount = 0.3, .every = 3600, .lasts = 600)),
	ROW("target-1-of-3", "one of 3 targets is dead for 3 h", TARGETS(3),
            ONE(FAULT_TARGET, FOR_3_H)),
	ROW("target-1-of-13", "one of 13 targets is dead for 3 h", ONE(FAULT_TARGET, FOR_3_H)),
	ROW("pair-3", "one of 3 targets does not answer one prefix, for 3 h", TARGETS(3),
            ONE(FAULT_PAIR, FOR_3_H)),
	ROW("pair-13", "one of 13 targets does not answer one prefix, for 3 h",
            ONE(FAULT_PAIR, FOR_3_H)),
	ROW("rate-3", "one of 3 targets answers a prefix once in 5 s, for 3 h", TARGETS(3),
            ONE(FAULT_RATE, .amount = 5, FOR_3_H)),
	ROW("rate-13", "one of 13 targets answers a prefix once in 60 s, for 3 h",
            ONE(FAULT_RATE, .amount = 60, FOR_3_H)),

	ROW("lossy-30", "one of five loses 30% for 10 min",
            ONE(FAULT_LOSS, .amount = 0.3, .every = 3600, .lasts = 600), FOUND(12, 60), .share = 4),
	ROW("lossy-15", "one of five loses 15% for 20 min",
            ONE(FAULT_LOSS, .amount = 0.15, .every = 5400, .lasts = 1200), FOUND(60, 600),
            .share = 4),

	ROW("flap-5", "one of five flaps every 5 s for an hour", FLAPS(1, 5), .aims.changes = 12),
	ROW("flap-30", "one of five flaps every 30 s for an hour", FLAPS(1, 30),
            .aims.changes = 12),
	ROW("flap-120", "one of five flaps every 120 s for an hour", FLAPS(1, 120),
            .aims.changes = 12),
	ROW("flap-30-of-3", "one of three flaps every 30 s for an hour", PREFIXES(3), FLAPS(1, 30),
            .aims.changes = 12),
	ROW("flap-120-of-3", "one of three flaps every 120 s for an hour", PREFIXES(3),
            FLAPS(1, 120), .aims.changes = 12),
	ROW("flap-2-of-3", "two of three flap every 60 s for an hour, together", PREFIXES(3),
            FLAPS(2, 60)),
	ROW("flap-all", "all five flap every 30 s for an hour, together", FLAPS(0, 30),
            .aims.changes = 12),

	ROW("slow", "one of five is 200 ms slower for 20 min", SLOWER(0.2)),
	ROW("rtt-jump", "one of five is 380 ms slower for 20 min", SLOWER(0.38)),
	ROW("rtt-jump-1s", "one of five is 1 s slower for 20 min", SLOWER(1)),
	ROW("rtt-400", "every target is 400 ms away", .run.world.rtt_min = 0.4,
            .run.world.rtt_max = 0.401, COST),
	ROW("suspend", "the host sleeps for a minute",
            FAULT(FAULT_SUSPEND, .every = 900, .lasts = 60)),
	ROW("stall", "the process stands still for 0.7 s",
            FAULT(FAULT_SUSPEND, .every = 300, .lasts = 0.7)),

	ROW("two", "two prefixes, one dies", PREFIXES(2), DIES(1), FOUND(3.5, 6)),
	ROW("one-target", "one target, one of five dies", TARGETS(1), DIES(1), FOUND(3.5, 6)),
	ROW("one-method", "one method, one of five dies", .run.world.methods = 1, DIES(1),
            FOUND(3.5, 6)),
	ROW("every-0.5-s", "interval 0.5 s, one of five dies", .run.interval = 0.5, DIES(1),
            .share = 0.25, FOUND(2.4, 3.5)),
	ROW("every-60-s", "interval 60 s, one of five dies", .run.interval = 60,
            ONE(FAULT_DEAD, .every = 7200, .lasts = 600), FOUND(22, 40)),
	ROW("thousand", "1000 prefixes, one provider's 200 die", PREFIXES(1000),
            FAULT(FAULT_DEAD, .count = 200, .provider = true, .every = 300, .lasts = 100),
            .job_days = 12, .share = 0.3, FOUND(3.5, 6)),
	ROW("thousand-few", "997 of 1000 prefixes die together", PREFIXES(1000),
            FAULT(FAULT_DEAD, .count = 997, .every = 300, .lasts = 100), .job_days = 12,
            .share = 0.3, FOUND(5, 10)),
	ROW("thousand-calm", "1000 prefixes, nothing happens", PREFIXES(1000), .share = 0.2, COST,
            .aims.busiest = 2),
	ROW("thousand-uplink", "1000 prefixes, the uplink is gone for 5 min", PREFIXES(1000),
            FAULT(FAULT_UPLINK, .every = 300, .lasts = 300), .job_days = 10, .share = 0.2),

	ROW("lost-4-of-13", "4 of 13 targets do not answer one prefix", LOST(4), LOST_AIMS),
	ROW("lost-5-of-13", "5 of 13 targets do not answer one prefix", LOST(5), LOST_AIMS),
	ROW("lost-6-of-13", "6 of 13 targets do not answer one prefix", LOST(6), LOST_AIMS),
	ROW("lost-8-of-13", "8 of 13 targets do not answer one prefix", LOST(8), LOST_AIMS),
	ROW("lost-12-of-13", "12 of 13 targets do not answer one prefix", LOST(12), LOST_AIMS),
	ROW("lost-2-of-3", "2 of 3 targets do not answer one prefix", TARGETS(3), LOST(2),
            LOST_AIMS),
	ROW("lost-3-of-5", "3 of 5 targets do not answer one prefix", TARGETS(5), LOST(3),
            LOST_AIMS),
	ROW("lost-4-of-5", "4 of 5 targets do not answer one prefix", TARGETS(5), LOST(4),
            LOST_AIMS),
	ROW("lost-1-of-13", "one of 13 targets does not answer one prefix", LOST(1), FEW_AIMS),
	ROW("lost-2-of-13", "2 of 13 targets do not answer one prefix", LOST(2), FEW_AIMS),
	ROW("lost-3-of-13", "3 of 13 targets do not answer one prefix", LOST(3), FEW_AIMS),
	ROW("lost-1-of-3", "one of 3 targets does not answer one prefix", TARGETS(3), LOST(1),
            FEW_AIMS),
	ROW("lost-1-of-5", "one of 5 targets does not answer one prefix", TARGETS(5), LOST(1),
            FEW_AIMS),

	ROW("hash-2", "a translator of 2 nodes, by address, one dies; 16 targets", HASH(2),
            HASH_AIMS, .share = 8, .aims.not_in_60_s = 0.05),
	ROW("hash-3", "a translator of 3 nodes, by address, one dies; 16 targets", HASH(3),
            HASH_AIMS),
	ROW("hash-4", "a translator of 4 nodes, by address, one dies; 16 targets", HASH(4),
            HASH_AIMS),
	ROW("ports-2", "a translator of 2 nodes, by port, one dies", PORTS(2), OUT(12)),
	ROW("ports-3", "a translator of 3 nodes, by port, one dies", PORTS(3), OUT(20)),
	ROW("ports-4", "a translator of 4 nodes, by port, one dies", PORTS(4), OUT(30)),
	ROW("ports-6", "a translator of 6 nodes, by port, one dies", PORTS(6), OUT(120)),
	ROW("ports-8", "a translator of 8 nodes, by port, one dies", PORTS(8), OUT(180)),
	ROW("steady-12", "one of five loses 12% one way", LOSES(0.12), OUT(180)),
	ROW("steady-12-both", "one of five loses 12% on the way there, and on the way back",
            LOSES(0.2256), OUT(120)),
	ROW("steady-30", "one of five loses 30% one way", LOSES(0.3), OUT(30)),
	ROW("steady-30-both", "one of five loses 30% on the way there, and on the way back",
            LOSES(0.51), OUT(20)),
	ROW("alike-12", "all lose 12% alike", LOSS(0.12), .run.world.drift_every = 1e9,
            .aims.changes = 1),
	ROW("resets-tcp", "a middlebox resets all TCP of one of five",
            ONE(FAULT_REFUSED, .methods = TCP, FOR_3_MIN), FOUND(4, 8)),

	ROW("filtered-start", "TCP is answered through no prefix, from the start",
            FAULT(FAULT_FILTER, .methods = TCP, .from_start = true), START_AIMS),
	ROW("filtered-dead", "TCP is answered by none; one of five dies for 3 min",
            FAULT(FAULT_FILTER, .methods = TCP, .from_start = true), DIES_TOO, FOUND(3.5, 6),
            .aims.back50 = 20),
	ROW("filtered-later", "TCP is answered by none from time to time; one of five dies",
            FAULT(FAULT_FILTER, .methods = TCP, .every = 7200, .lasts = 7200), DIES_TOO,
            FOUND(3.5, 6), .aims.back50 = 20),
	ROW("start-1-of-5", "a start while one of five works", DEAD_AT_START(4), START_AIMS),
	ROW("start-2-of-5", "a start while two of five work", DEAD_AT_START(3), START_AIMS),
	ROW("reload-short", "in a shortage, a member that is down is taken from the list",
            PREFIXES(4), DEAD_AT_START(3), .run.reload = 60, .job_days = 0.005, .share = 0.01,
            .aims.first_set = 10),
	ROW("two-lossy", "two prefixes, one loses 50%", PREFIXES(2),
            ONE(FAULT_LOSS, .amount = 0.5, .every = 7200, .lasts = 20000), .aims.downs = 12),
	ROW("slower-500", "one of five is 500 ms slower", SLOWER(0.5), .aims.gone99 = 20),
	ROW("slower-900", "one of five is 900 ms slower", SLOWER(0.9), .aims.gone99 = 20),
	ROW("back-0", "back after five flaps, nothing is lost", LOSS(0), FLAPS_5,
            .aims.back50 = 170),
	ROW("back-5", "back after five flaps, all lose 5%", LOSS(0.05), FLAPS_5,
            .aims.back50 = 340),
	ROW("back-10", "back after five flaps, all lose 10%", LOSS(0.10), FLAPS_5,
            .aims.removals_free = true, .aims.back50 = 340),
	ROW("ten-thousand", "10,000 prefixes, 2,000 die at once", PREFIXES(10000),
            FAULT(FAULT_DEAD, .count = 2000, .every = 40, .lasts = 30), .share = 0.1, FOUND(3.5, 8),
            .aims.busiest = 3),
	ROW("random", "random worlds", .random = true, .aims.removals_free = true),
};

const size_t scenario_count = sizeof(scenarios) / sizeof(*scenarios);

static unsigned random_below(struct random *r, unsigned bound)
{
	return (unsigned)(random_next(r) % bound);
}

/* Between least and most; every order of magnitude is equally likely. */
static double random_scale(struct random *r, double least, double most)
{
	return least * pow(most / least, random_unit(r));
}

static struct fault_plan random_fault(struct random *r, unsigned prefixes, unsigned methods)
{
	struct fault_plan plan = {
		.kind = FAULT_DEAD + random_below(r, FAULT_SUSPEND - FAULT_DEAD + 1),
		.count = random_below(r, 3) ? 1 : 1 + random_below(r, prefixes),
		.methods = random_below(r, 3) ? 0 : 1U << random_below(r, methods),
		.every = random_scale(r, 600, 20000),
		.lasts = random_scale(r, 1, 8000),
		.provider = random_below(r, 4) == 0,
	};

	if (plan.kind == FAULT_LOSS || plan.kind == FAULT_UPLINK_LOSS)
		plan.amount = random_scale(r, 0.05, 1);
	if (plan.kind == FAULT_SLOW)
		plan.amount = random_scale(r, 0.02, 2);
	if (plan.kind == FAULT_RATE)
		plan.amount = random_scale(r, 1, 100);
	if (plan.kind != FAULT_SUSPEND && random_below(r, 4) == 0)
		plan.period = random_scale(r, 1, 1000);
	return plan;
}

static struct run_config random_run(const struct run_config *plain, uint64_t seed)
{
	struct random random = {~seed};
	struct run_config c = *plain;
	unsigned faults = random_below(&random, WORLD_FAULTS_MAX);

	c.world.prefixes = 2 + random_below(&random, 9);
	c.world.methods = 1 + random_below(&random, 3);
	c.world.targets = random_below(&random, 2) ? 13 : 1 + random_below(&random, 20);
	c.world.loss = random_below(&random, 3) ? 0.03 * random_unit(&random) : 0;
	c.interval = random_below(&random, 2) ? 2 : random_scale(&random, 0.5, 30);
	c.min = 1 + random_below(&random, 3);
	if (c.min > c.world.prefixes)
		c.min = (unsigned)c.world.prefixes;
	c.max = c.min + random_below(&random, 3);
	c.drained = c.world.prefixes > c.min ? random_below(&random, 2) : 0;
	c.tiers = random_below(&random, 3);
	if (random_below(&random, 3) == 0) {
		c.world.burst_every = random_scale(&random, 60, 3600);
		c.world.burst_lasts = random_scale(&random, 0.02, 0.5);
		c.world.burst_loss = random_unit(&random);
	}
	for (unsigned i = 0; i < faults; i++)
		c.world.faults[i] =
			random_fault(&random, (unsigned)c.world.prefixes, c.world.methods);
	return c;
}

struct run_config scenario_run(const struct scenario *scenario, uint64_t seed)
{
	struct run_config c = scenario->random ? random_run(&scenario->run, seed) : scenario->run;

	c.lasts_us = (uint64_t)(scenario->job_days / (double)c.world.prefixes * (double)DAY_US);
	return c;
}
