/*
 * A scene for tests of the choice: candidates, and the moment at which it is reviewed.
 */
#ifndef NAT64HEALTH_CHOICE_FIXTURE_H
#define NAT64HEALTH_CHOICE_FIXTURE_H

#include "unit.h"

#include "rule/choice.h"

#define MS     1000U
#define SECOND 1000000ULL
#define START  (100 * SECOND)
#define SLACK  (30 * MS)

/* Candidates are healthy and of tier 0 unless a test says otherwise; some latencies, in ms. */
struct scene {
	struct choice choice;
	struct choice_candidate candidates[8];
	size_t count;
	uint64_t now_us;
};

static inline struct scene scene_new(unsigned min, unsigned max, const uint32_t *latencies_ms,
                                     size_t count)
{
	struct scene s = {.count = count, .now_us = START};

	s.choice = (struct choice){.min = min, .max = max, .slack_us = SLACK, .start_us = START};
	for (size_t i = 0; i < count; i++) {
		s.candidates[i].healthy = true;
		s.candidates[i].latency_us = latencies_ms[i] * MS;
		s.candidates[i].was = UINT32_MAX;
	}
	return s;
}

#define SCENE(min, max, ...)                                 \
	scene_new(min, max, (const uint32_t[]){__VA_ARGS__}, \
	          COUNT(((const uint32_t[]){__VA_ARGS__})))

static inline bool review(struct scene *s)
{
	return choice_review(&s->choice, s->candidates, s->count, true, s->now_us);
}

static inline bool review_unsettled(struct scene *s)
{
	return choice_review(&s->choice, s->candidates, s->count, false, s->now_us);
}

static inline void candidate_fail(struct scene *s, uint32_t candidate)
{
	s->candidates[candidate].healthy = false;
	s->candidates[candidate].failed_us = s->now_us;
}

/* These, in this order. */
static inline void assert_members(const struct engine_set *set, const uint32_t *members,
                                  size_t count)
{
	assert_int_equal(set->count, count);
	assert_memory_equal(set->members, members, count * sizeof(*members));
}

#define ASSERT_SET(s, ...)                                                \
	assert_members(&(s)->choice.set, (const uint32_t[]){__VA_ARGS__}, \
	               COUNT(((const uint32_t[]){__VA_ARGS__})))

#endif
