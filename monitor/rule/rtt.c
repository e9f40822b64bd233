/*
 * Round-trip times and timeouts. Samples come in, nothing is sent and no clock is asked.
 */
#include "rtt.h"

#include "units.h"

#define TIMEOUT_FIRST_US 1000000U /* RFC 6298, 2.1 */
#define TIMEOUT_MIN_US   300000U  /* probes are many and small: RFC 6298 has 1 s */
#define TIMEOUT_MAX_US   2000000U
#define MARGIN_MIN_US    100000U /* jitter that a steady path has not shown yet */

/* RFC 6298, section 2. */
static void rtt_measure(struct rtt *rtt, uint32_t sample_us)
{
	uint32_t sample = LATER(sample_us, 1U), srtt = rtt->srtt_us;

	if (srtt == 0) {
		*rtt = (struct rtt){.srtt_us = sample, .rttvar_us = sample / 2};
		return;
	}
	uint32_t deviation = sample > srtt ? sample - srtt : srtt - sample;
	rtt->rttvar_us = (uint32_t)((3ULL * rtt->rttvar_us + deviation) / 4);
	rtt->srtt_us = (uint32_t)((7ULL * srtt + sample + 7) / 8);
}

bool rtt_is_ambiguous(const struct rtt_path *path, uint64_t sample_us, uint64_t retransmit_us)
{
	return retransmit_us != 0 && sample_us >= retransmit_us &&
	       path->all.srtt_us + retransmit_us / 4 < sample_us;
}

/* A path that became slower is slower to all targets: the next ones are waited for, too. */
void rtt_learn(struct rtt_path *path, struct rtt *target, uint32_t sample_us, bool ambiguous)
{
	int32_t off = target->srtt_us != 0 ? (int32_t)sample_us - (int32_t)target->srtt_us : 0;

	path->excess_us -= path->excess_us / 8;
	if (off > 0 && (uint32_t)off > path->excess_us)
		path->excess_us = SOONER((uint32_t)off, TIMEOUT_MAX_US);
	if (!ambiguous) {
		path->shift_us += (off - path->shift_us) / 4;
		rtt_measure(target, sample_us);
	}
	rtt_measure(&path->all, sample_us);
}

uint32_t rtt_timeout_us(const struct rtt_path *path, const struct rtt *target)
{
	const struct rtt *rtt = target->srtt_us != 0 ? target : &path->all;

	if (rtt->srtt_us == 0)
		return TIMEOUT_FIRST_US;
	uint64_t margin = LATER(4ULL * rtt->rttvar_us, MARGIN_MIN_US);
	uint64_t timeout = LATER(rtt->srtt_us + margin + path->excess_us, TIMEOUT_MIN_US);
	return (uint32_t)SOONER(timeout, TIMEOUT_MAX_US);
}
