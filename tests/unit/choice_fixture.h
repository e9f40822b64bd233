/*
 * A scene for the choice: candidates, as many as a test names latencies, and a time that it moves.
 */
#ifndef NAT64HEALTH_CHOICE_FIXTURE_H
#define NAT64HEALTH_CHOICE_FIXTURE_H

#include "unit.h"

#include "rule/choice.h"

#define MS    1000U
#define START (100 * SECOND_US)
#define SLACK (30 * MS)

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
	struct scene s = {
		.choice = {.min = min, .max = max, .slack_us = SLACK, .start_us = START},
		.count = count,
		.now_us = START,
	};

	for (size_t i = 0; i < count; i++) {
		s.candidates[i].healthy = true;
		s.candidates[i].latency_us = latencies_ms[i] * MS;
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

/* Another list: candidate i of it was this one before. */
static inline void list_renumber(struct scene *s, const uint32_t *was, size_t count)
{
	for (size_t i = 0; i < count; i++)
		s->candidates[i].was = was[i];
	choice_renumber(&s->choice, s->candidates, count, s->now_us);
}

/*
 * Lets time pass until the set changes. Returns how long it took, to a tenth of a second; 0: it
 * changed at once, or not within an hour.
 */
static inline uint64_t change_await(struct scene *s)
{
	uint64_t begin_us = s->now_us;

	while (!review(s)) {
		s->now_us += 100 * MS_US;
		if (s->now_us - begin_us > HOUR_US)
			return 0;
	}
	return s->now_us - begin_us;
}

static inline void assert_members(const struct choice *choice, const uint32_t *members,
                                  size_t count)
{
	assert_int_equal(choice->set.count, count);
	assert_memory_equal(choice->set.members, members, count * sizeof(*members));
}

#define ASSERT_SET(s, ...)                                            \
	assert_members(&(s)->choice, (const uint32_t[]){__VA_ARGS__}, \
	               COUNT(((const uint32_t[]){__VA_ARGS__})))

#endif
