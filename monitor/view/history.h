/*
 * The round-trip times of the last minutes, a sample of each prefix every 5 seconds.
 */
#pragma once

#include "view.h"

#define HISTORY_SAMPLES   32U
#define HISTORY_SAMPLE_US 5000000ULL

/* Prefixes are visited in slices, so that a long list does not take its time at once. */
#define HISTORY_SLICES   5U
#define HISTORY_SLICE_US (HISTORY_SAMPLE_US / HISTORY_SLICES)

struct history_prefix {
	uint32_t srtts_us[HISTORY_SAMPLES]; /* newest first; 0: nothing was answered */
	uint64_t answers, failures;         /* when the last sample was taken */
	bool well;                          /* up and not in doubt, when last looked at */
};

struct history {
	struct history_prefix *prefixes; /* by number, as many as the longest list has */
	struct history_prefix *spare;    /* for the next list */
	size_t count;
	unsigned slice;  /* to be visited next */
	uint64_t due_us; /* when */
};

/* Memory for the longest list, untouched. Returns 0 or -ENOMEM. */
int history_init(struct history *h);

/* Begins with the list, or goes on with another one: a prefix that was listed keeps its samples. */
void history_load(struct history *h, const struct list *list);

/* Visits the slice that is due, if one is. */
void history_review(struct history *h, const struct view *view);
