/*
 * Round-trip times and timeouts. Samples come in, nothing is sent and no clock is asked.
 */
#include "rtt.h"

#define SAMPLE_MOST_US   3000000U
#define TIMEOUT_FIRST_US 1000000U /* RFC 6298, 2.1 */
#define TIMEOUT_LEAST_US 300000U  /* probes are many and small: RFC 6298 has 1 s */
#define TIMEOUT_MOST_US  2000000U
#define MARGIN_LEAST_US  100000U /* jitter that a steady path has not shown yet */

/* RFC 6298, section 2. */
void rtt_measure(struct rtt *rtt, uint64_t sample_us)
{
	uint32_t sample = sample_us > SAMPLE_MOST_US ? SAMPLE_MOST_US : (uint32_t)sample_us;

	if (sample == 0)
		sample = 1;
	if (rtt->srtt_us == 0) {
		*rtt = (struct rtt){.srtt_us = sample, .rttvar_us = sample / 2};
		return;
	}
	uint32_t deviation = sample > rtt->srtt_us ? sample - rtt->srtt_us : rtt->srtt_us - sample;
	rtt->rttvar_us = (uint32_t)((3ULL * rtt->rttvar_us + deviation) / 4);
	rtt->srtt_us = (uint32_t)((7ULL * rtt->srtt_us + sample + 7) / 8);
}

bool rtt_is_ambiguous(const struct rtt_path *path, uint64_t sample_us, uint64_t retransmit_us)
{
	return retransmit_us != 0 && sample_us >= retransmit_us &&
	       path->all.srtt_us < retransmit_us;
}

/* A path that became slower is slower to all targets: the next ones are waited for, too. */
void rtt_learn(struct rtt_path *path, struct rtt *target, uint64_t sample_us, bool ambiguous)
{
	uint64_t expected = target->srtt_us;
	uint64_t excess = expected != 0 && sample_us > expected ? sample_us - expected : 0;

	path->excess_us -= path->excess_us / 8;
	if (excess > path->excess_us)
		path->excess_us = (uint32_t)(excess < TIMEOUT_MOST_US ? excess : TIMEOUT_MOST_US);
	if (!ambiguous)
		rtt_measure(target, sample_us);
	rtt_measure(&path->all, sample_us);
}

uint32_t rtt_timeout_us(const struct rtt_path *path, const struct rtt *target)
{
	const struct rtt *rtt = target->srtt_us != 0 ? target : &path->all;

	if (rtt->srtt_us == 0)
		return TIMEOUT_FIRST_US;
	uint64_t margin = 4ULL * rtt->rttvar_us;
	uint64_t timeout = rtt->srtt_us + (margin > MARGIN_LEAST_US ? margin : MARGIN_LEAST_US) +
	                   path->excess_us;
	if (timeout < TIMEOUT_LEAST_US)
		return TIMEOUT_LEAST_US;
	return timeout > TIMEOUT_MOST_US ? TIMEOUT_MOST_US : (uint32_t)timeout;
}
