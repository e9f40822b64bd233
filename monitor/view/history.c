/*
 * The round-trip times of the last minutes. How they are drawn is the table's.
 */
#include "history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int history_init(struct history *h)
{
	*h = (struct history){
		.prefixes = calloc(PREFIX_FILE_PREFIXES_MAX, sizeof(*h->prefixes)),
		.spare = calloc(PREFIX_FILE_PREFIXES_MAX, sizeof(*h->spare)),
	};
	return h->prefixes && h->spare ? 0 : -ENOMEM;
}

void history_load(struct history *h, const struct list *list)
{
	struct history_prefix *old = h->prefixes, *new = h->spare;

	h->count = list_file(list)->count;
	for (size_t i = 0; i < h->count; i++) {
		uint32_t was = list->entries[i].was;
		if (was == ENGINE_NO_PREFIX)
			new[i] = (struct history_prefix){.well = false};
		else
			new[i] = old[was];
	}
	h->prefixes = new;
	h->spare = old;
}

static void sample_take(struct history_prefix *p, const struct view *view, uint32_t prefix)
{
	uint64_t answers = 0, failures = 0;
	const struct engine_prefix now = engine_prefix(view->engine, prefix, view->now_us);

	for (unsigned m = 0; m < view->options->targets.methods; m++) {
		const struct engine_channel c = engine_channel(view->engine, prefix, m);
		answers += c.answers;
		failures += c.failures;
	}
	bool gap = answers == p->answers && failures > p->failures;
	memmove(p->srtts_us + 1, p->srtts_us, sizeof(p->srtts_us) - sizeof(p->srtts_us[0]));
	p->srtts_us[0] = gap ? 0 : now.srtt_us;
	p->answers = answers;
	p->failures = failures;
	p->well = now.state == PREFIX_UP && !now.doubt;
}

void history_review(struct history *h, const struct view *view)
{
	if (view->now_us < h->due_us)
		return;
	/* After a long sleep there is nothing to catch up with. */
	if (view->now_us - h->due_us > HISTORY_SAMPLE_US)
		h->due_us = view->now_us;
	h->due_us += HISTORY_SLICE_US;
	size_t end = h->count * (h->slice + 1) / HISTORY_SLICES;
	for (size_t i = h->count * h->slice / HISTORY_SLICES; i < end; i++)
		sample_take(&h->prefixes[i], view, (uint32_t)i);
	h->slice = (h->slice + 1) % HISTORY_SLICES;
}
