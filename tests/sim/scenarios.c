/*
 * The named scenarios and their aims. Unless a row says otherwise: 5 prefixes, UDP and TCP, 13
 * targets, an interval of 2 s, sets of 2 to 3, and 1% of all packets lost at random.
 */
#include "scenarios.h"

#include <math.h>
#include <string.h>

#define ROW(NAME, TEXT, ...)                            \
	{                                               \
		.name = NAME, .text = TEXT, __VA_ARGS__ \
	}
#define FAULT(...)     .run.world.faults[0] = {__VA_ARGS__}
#define FAULT_TOO(...) .run.world.faults[1] = {__VA_ARGS__}

/* Many targets lost: out, and no way back while it lasts. Few: it stays up, but is not used. */
#define LOST_AIMS                                                                        \
	.aims.p50 = 15, .aims.p99 = 30, .aims.no_way_back = true, .aims.victim_cost = 3, \
	.aims.stay = 0.05
#define FEW_AIMS  .aims.kept = 0.05, .aims.named = true, .aims.victim_cost = 3
#define HASH_AIMS .aims.kept = 0.05, .aims.named = true, .aims.no_way_back = true

#define NOTHING 1e-9 /* zero would be the usual value */
#define DNS     1U
#define TCP     2U

#define COST 0.6 /* probes a second, of one prefix by one method, at an interval of 2 s */

#define ONE_DIES   FAULT(FAULT_DEAD, .count = 1, .every = 2400, .lasts = 180)
#define FOUND_SOON .aims.p50 = 3.5, .aims.p99 = 6

#define FLAP(NAME, OF, SECONDS)                                                             \
	ROW(NAME, "one of " #OF " flaps every " #SECONDS " s for an hour",                  \
	    .run.world.prefixes = OF,                                                       \
	    FAULT(FAULT_DEAD, .count = 1, .every = 7200, .lasts = 3600, .period = SECONDS), \
	    .aims.changes = 12)
#define LOST(N, OF, ...)                                                              \
	ROW("lost-" #N "-of-" #OF, #N " of " #OF " targets do not answer one prefix", \
	    .run.world.targets = OF,                                                  \
	    FAULT(FAULT_PAIR, .count = 1, .amount = N, .every = 7200, .lasts = 3600), __VA_ARGS__)
#define OUT_IN(SECONDS) .aims.gone50 = SECONDS, .aims.stay = 0.05
#define PORTS(N, SECONDS)                                                              \
	ROW("ports-" #N, "a translator of " #N " nodes, by port, one dies",            \
	    FAULT(FAULT_PORTS, .count = 1, .amount = N, .every = 3600, .lasts = 3600), \
	    OUT_IN(SECONDS))
#define STEADY(NAME, TEXT, AMOUNT, SECONDS)                                                \
	ROW(NAME, TEXT,                                                                    \
	    FAULT(FAULT_LOSS, .count = 1, .amount = AMOUNT, .every = 3600, .lasts = 3600), \
	    OUT_IN(SECONDS))

const struct scenario scenarios[] = {
	ROW("loss-0", "nothing is lost", .run.world.loss = NOTHING, .aims.cost = COST),
	ROW("loss-1", "1% is lost", .aims.cost = COST),
	ROW("loss-2", "2% is lost", .run.world.loss = 0.02, .aims.cost = COST),
	ROW("loss-5", "5% is lost", .run.world.loss = 0.05, .aims.removals = 1),
	ROW("loss-fresh", "3% is lost in the first two minutes, when little is known yet",
            .run.world.loss = 0.03, .job_days = 0.0014, .share = 0.2, .aims.removals = 1),
	ROW("silences", "each prefix is silent for 1 s every 10 min",
            .run.world.silence_every = 600, .run.world.silence_lasts = 1),
	ROW("bursts", "each prefix loses 80% for 0.1 s (mean) every 2 min",
            .run.world.burst_every = 120, .run.world.burst_lasts = 0.1, .run.world.burst_loss = 0.8,
            .aims.removals = 1),

	ROW("dead-1-of-5", "one of five dies for 3 min", ONE_DIES, .aims.p50 = 2.4,
            .aims.p99 = 3.2),
	ROW("dead-fresh", "one of five dies soon after the start, as in the lab's measurement",
            FAULT(FAULT_DEAD, .count = 1, .every = 12, .lasts = 20), .job_days = 0.0014,
            .share = 0.02, .aims.p50 = 2.8, .aims.p99 = 4),
	ROW("dead-1-of-3", "one of three dies, 3 targets", .run.world.prefixes = 3,
            .run.world.targets = 3, ONE_DIES, .aims.p50 = 3.2, .aims.p99 = 5),
	ROW("dead-2-of-3", "two of three die together", .run.world.prefixes = 3,
            FAULT(FAULT_DEAD, .count = 2, .every = 2400, .lasts = 180), FOUND_SOON),
	ROW("dead-4-of-5", "four of five die together",
            FAULT(FAULT_DEAD, .count = 4, .every = 2400, .lasts = 180), FOUND_SOON),
	ROW("dead-provider", "one provider's two of six die together", .run.world.prefixes = 6,
            FAULT(FAULT_DEAD, .count = 2, .provider = true, .every = 2400, .lasts = 180),
            FOUND_SOON),
	ROW("dead-tcp", "one of five dies, TCP only",
            FAULT(FAULT_DEAD, .count = 1, .methods = TCP, .every = 2400, .lasts = 180), FOUND_SOON),
	ROW("dead-udp", "one of five dies, UDP only",
            FAULT(FAULT_DEAD, .count = 1, .methods = DNS, .every = 2400, .lasts = 180), FOUND_SOON),
	ROW("pool-full", "one of five opens no new flow, old ones go on",
            FAULT(FAULT_FULL, .count = 1, .every = 2400, .lasts = 180), FOUND_SOON),
	ROW("refused", "one of five dies and answers with ICMP errors",
            FAULT(FAULT_REFUSED, .count = 1, .every = 2400, .lasts = 180), .aims.p50 = 2.8,
            .aims.p99 = 4),
	ROW("dead-far", "one of five dies, all targets 150 to 300 ms away",
            .run.world.rtt_min = 0.15, .run.world.rtt_max = 0.3, ONE_DIES, FOUND_SOON),

	ROW("uplink-10-min", "the uplink is gone for 10 min",
            FAULT(FAULT_UPLINK, .every = 1200, .lasts = 600)),
	ROW("uplink-flaps", "the uplink is gone for 5 s every 10 s, for 10 min",
            FAULT(FAULT_UPLINK, .every = 1200, .lasts = 600, .period = 10)),
	ROW("uplink-jitters", "the uplink is gone for 1.5 s every 3 s, for 10 min",
            FAULT(FAULT_UPLINK, .every = 1200, .lasts = 600, .period = 3)),
	ROW("uplink-lossy", "the uplink loses 30% for 10 min",
            FAULT(FAULT_UPLINK_LOSS, .amount = 0.3, .every = 3600, .lasts = 600)),
	ROW("target-1-of-3", "one of 3 targets is dead for 3 h", .run.world.targets = 3,
            FAULT(FAULT_TARGET, .count = 1, .every = 3600, .lasts = 10800)),
	ROW("target-1-of-13", "one of 13 targets is dead for 3 h",
            FAULT(FAULT_TARGET, .count = 1, .every = 3600, .lasts = 10800)),
	ROW("pair-3", "one of 3 targets does not answer one prefix, for 3 h",
            .run.world.targets = 3, FAULT(FAULT_PAIR, .count = 1, .every = 3600, .lasts = 10800)),
	ROW("pair-13", "one of 13 targets does not answer one prefix, for 3 h",
            FAULT(FAULT_PAIR, .count = 1, .every = 3600, .lasts = 10800)),
	ROW("rate-3", "one of 3 targets answers a prefix once in 5 s, for 3 h",
            .run.world.targets = 3,
            FAULT(FAULT_RATE, .count = 1, .amount = 5, .every = 3600, .lasts = 10800)),
	ROW("rate-13", "one of 13 targets answers a prefix once in 60 s, for 3 h",
            FAULT(FAULT_RATE, .count = 1, .amount = 60, .every = 3600, .lasts = 10800)),

	ROW("lossy-30", "one of five loses 30% for 10 min",
            FAULT(FAULT_LOSS, .count = 1, .amount = 0.3, .every = 3600, .lasts = 600),
            .aims.p50 = 12, .aims.p99 = 60, .share = 4),
	ROW("lossy-15", "one of five loses 15% for 20 min",
            FAULT(FAULT_LOSS, .count = 1, .amount = 0.15, .every = 5400, .lasts = 1200),
            .aims.p50 = 60, .aims.p99 = 600, .share = 4),

	FLAP("flap-5", 5, 5),
	FLAP("flap-30", 5, 30),
	FLAP("flap-120", 5, 120),
	FLAP("flap-30-of-3", 3, 30),
	FLAP("flap-120-of-3", 3, 120),
	ROW("flap-2-of-3", "two of three flap every 60 s for an hour, together",
            .run.world.prefixes = 3,
            FAULT(FAULT_DEAD, .count = 2, .every = 7200, .lasts = 3600, .period = 60)),
	ROW("flap-all", "all five flap every 30 s for an hour, together",
            FAULT(FAULT_DEAD, .every = 7200, .lasts = 3600, .period = 30), .aims.changes = 12),

	ROW("slow", "one of five is 200 ms slower for 20 min",
            FAULT(FAULT_SLOW, .count = 1, .amount = 0.2, .every = 3600, .lasts = 1200)),
	ROW("rtt-jump", "one of five is 380 ms slower for 20 min",
            FAULT(FAULT_SLOW, .count = 1, .amount = 0.38, .every = 3600, .lasts = 1200)),
	ROW("rtt-jump-1s", "one of five is 1 s slower for 20 min",
            FAULT(FAULT_SLOW, .count = 1, .amount = 1, .every = 3600, .lasts = 1200)),
	ROW("rtt-400", "every target is 400 ms away", .run.world.rtt_min = 0.4,
            .run.world.rtt_max = 0.401, .aims.cost = COST),
	ROW("suspend", "the host sleeps for a minute",
            FAULT(FAULT_SUSPEND, .every = 900, .lasts = 60)),
	ROW("stall", "the process stands still for 0.7 s",
            FAULT(FAULT_SUSPEND, .every = 300, .lasts = 0.7)),

	ROW("two", "two prefixes, one dies", .run.world.prefixes = 2, ONE_DIES, FOUND_SOON),
	ROW("one-target", "one target, one of five dies", .run.world.targets = 1, ONE_DIES,
            FOUND_SOON),
	ROW("one-method", "one method, one of five dies", .run.world.methods = 1, ONE_DIES,
            FOUND_SOON),
	ROW("every-0.5-s", "interval 0.5 s, one of five dies", .run.interval = 0.5, ONE_DIES,
            .share = 0.25, .aims.p50 = 2.4, .aims.p99 = 3.5),
	ROW("every-60-s", "interval 60 s, one of five dies", .run.interval = 60,
            FAULT(FAULT_DEAD, .count = 1, .every = 7200, .lasts = 600), .aims.p50 = 22,
            .aims.p99 = 40),
	ROW("thousand", "1000 prefixes, one provider's 200 die", .run.world.prefixes = 1000,
            FAULT(FAULT_DEAD, .count = 200, .provider = true, .every = 300, .lasts = 100),
            .job_days = 12, .share = 0.3, FOUND_SOON),
	ROW("thousand-few", "997 of 1000 prefixes die together", .run.world.prefixes = 1000,
            FAULT(FAULT_DEAD, .count = 997, .every = 300, .lasts = 100), .job_days = 12,
            .share = 0.3, .aims.p50 = 5, .aims.p99 = 10),
	ROW("thousand-calm", "1000 prefixes, nothing happens", .run.world.prefixes = 1000,
            .job_days = 8, .share = 0.2, .aims.cost = COST, .aims.busiest = 2),
	ROW("thousand-uplink", "1000 prefixes, the uplink is gone for 5 min",
            .run.world.prefixes = 1000, FAULT(FAULT_UPLINK, .every = 300, .lasts = 300),
            .job_days = 10, .share = 0.2),
	LOST(4, 13, LOST_AIMS),
	LOST(5, 13, LOST_AIMS),
	LOST(6, 13, LOST_AIMS),
	LOST(8, 13, LOST_AIMS),
	LOST(12, 13, LOST_AIMS),
	LOST(2, 3, LOST_AIMS),
	LOST(3, 5, LOST_AIMS),
	LOST(4, 5, LOST_AIMS),
	LOST(1, 13, FEW_AIMS),
	LOST(2, 13, FEW_AIMS),
	LOST(3, 13, FEW_AIMS),
	LOST(1, 3, FEW_AIMS),
	LOST(1, 5, FEW_AIMS),

	ROW("hash-2", "a translator of 2 nodes, by address, one dies; 16 targets",
            .run.world.targets = 16,
            FAULT(FAULT_HASH, .count = 1, .amount = 2, .every = 900, .lasts = 600), HASH_AIMS,
            .share = 8, .aims.not_in_60_s = 0.05),
	ROW("hash-3", "a translator of 3 nodes, by address, one dies; 16 targets",
            .run.world.targets = 16,
            FAULT(FAULT_HASH, .count = 1, .amount = 3, .every = 900, .lasts = 600), HASH_AIMS),
	ROW("hash-4", "a translator of 4 nodes, by address, one dies; 16 targets",
            .run.world.targets = 16,
            FAULT(FAULT_HASH, .count = 1, .amount = 4, .every = 900, .lasts = 600), HASH_AIMS),
	PORTS(2, 12),
	PORTS(3, 20),
	PORTS(4, 30),
	PORTS(6, 120),
	PORTS(8, 180),
	STEADY("steady-12", "one of five loses 12% one way", 0.12, 180),
	STEADY("steady-12-both", "one of five loses 12% on the way there, and on the way back",
               0.2256, 120),
	STEADY("steady-30", "one of five loses 30% one way", 0.3, 30),
	STEADY("steady-30-both", "one of five loses 30% on the way there, and on the way back",
               0.51, 20),
	ROW("alike-12", "all lose 12% alike", .run.world.loss = 0.12, .run.world.drift_every = 1e9,
            .aims.changes = 1),
	ROW("resets-tcp", "a middlebox resets all TCP of one of five",
            FAULT(FAULT_REFUSED, .count = 1, .methods = TCP, .every = 2400, .lasts = 180),
            .aims.p50 = 4, .aims.p99 = 8),

	ROW("filtered-start", "TCP is answered through no prefix, from the start",
            FAULT(FAULT_FILTER, .methods = TCP, .from_start = true), .job_days = 0.0014,
            .share = 0.01, .aims.first_set = 10),
	ROW("filtered-dead", "TCP is answered by none; one of five dies for 3 min",
            FAULT(FAULT_FILTER, .methods = TCP, .from_start = true),
            FAULT_TOO(FAULT_DEAD, .count = 1, .every = 2400, .lasts = 180), FOUND_SOON,
            .aims.back50 = 20),
	ROW("filtered-later", "TCP is answered by none from time to time; one of five dies",
            FAULT(FAULT_FILTER, .methods = TCP, .every = 7200, .lasts = 7200),
            FAULT_TOO(FAULT_DEAD, .count = 1, .every = 2400, .lasts = 180), FOUND_SOON,
            .aims.back50 = 20),
	ROW("start-1-of-5", "a start while one of five works",
            FAULT(FAULT_DEAD, .count = 4, .from_start = true), .job_days = 0.0014, .share = 0.01,
            .aims.first_set = 10),
	ROW("start-2-of-5", "a start while two of five work",
            FAULT(FAULT_DEAD, .count = 3, .from_start = true), .job_days = 0.0014, .share = 0.01,
            .aims.first_set = 10),
	ROW("reload-short", "in a shortage, a member that is down is taken from the list",
            .run.world.prefixes = 4, FAULT(FAULT_DEAD, .count = 3, .from_start = true),
            .run.reload = 60, .job_days = 0.005, .share = 0.01, .aims.first_set = 10),
	ROW("two-lossy", "two prefixes, one loses 50%", .run.world.prefixes = 2,
            FAULT(FAULT_LOSS, .count = 1, .amount = 0.5, .every = 7200, .lasts = 20000),
            .aims.downs = 12),
	ROW("slower-500", "one of five is 500 ms slower",
            FAULT(FAULT_SLOW, .count = 1, .amount = 0.5, .every = 3600, .lasts = 1200),
            .aims.gone99 = 20),
	ROW("slower-900", "one of five is 900 ms slower",
            FAULT(FAULT_SLOW, .count = 1, .amount = 0.9, .every = 3600, .lasts = 1200),
            .aims.gone99 = 20),
	ROW("back-0", "back after five flaps, nothing is lost", .run.world.loss = NOTHING,
            FAULT(FAULT_DEAD, .count = 1, .every = 7200, .lasts = 2701, .period = 600),
            .aims.back50 = 170),
	ROW("back-5", "back after five flaps, all lose 5%", .run.world.loss = 0.05,
            FAULT(FAULT_DEAD, .count = 1, .every = 7200, .lasts = 2701, .period = 600),
            .aims.back50 = 340),
	ROW("back-10", "back after five flaps, all lose 10%", .run.world.loss = 0.10,
            FAULT(FAULT_DEAD, .count = 1, .every = 7200, .lasts = 2701, .period = 600),
            .aims.removals_free = true, .aims.back50 = 340),
	ROW("ten-thousand", "10,000 prefixes, 2,000 die at once", .run.world.prefixes = 10000,
            FAULT(FAULT_DEAD, .count = 2000, .every = 40, .lasts = 30), .job_days = 8, .share = 0.1,
            .aims.p50 = 3.5, .aims.p99 = 8, .aims.busiest = 3),
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

static void fill(double *value, double usual)
{
	if (*value <= 0)
		*value = usual;
}

/* What a row leaves out is as usual. */
static struct run_config run_usual(const struct run_config *given)
{
	struct run_config c = *given;

	fill(&c.interval, 2);
	fill(&c.slack, 0.05);
	fill(&c.world.loss, 0.01);
	fill(&c.world.rtt_min, 0.008);
	fill(&c.world.rtt_max, 0.18);
	fill(&c.world.extra, 0.03);
	fill(&c.world.drift_every, 4 * 3600);
	c.min = c.min ? c.min : 2;
	c.max = c.max ? c.max : 3;
	c.world.prefixes = c.world.prefixes ? c.world.prefixes : 5;
	c.world.methods = c.world.methods ? c.world.methods : 2;
	c.world.targets = c.world.targets ? c.world.targets : 13;
	return c;
}

double scenario_job_days(const struct scenario *scenario)
{
	return scenario->job_days > 0 ? scenario->job_days : 8;
}

struct run_config scenario_run(const struct scenario *scenario, uint64_t seed)
{
	struct run_config c = run_usual(&scenario->run);

	if (scenario->random)
		c = random_run(&c, seed);
	c.lasts_us =
		(uint64_t)(scenario_job_days(scenario) / (double)c.world.prefixes * (double)DAY_US);
	return c;
}
