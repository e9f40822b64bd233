/*
 * The round-trip times of the last minutes. How they are drawn is the table's.
 */
#include "history.h"

#include "units.h"

#include <errno.h>
#include <stdlib.h>

int history_init(struct history *h)
{
	*h = (struct history){.half = 0};
	for (size_t i = 0; i < COUNT(h->halves); i++) {
		h->halves[i] = calloc(PREFIX_FILE_PREFIXES_MAX, sizeof(*h->halves[i]));
		if (!h->halves[i])
			return -ENOMEM;
	}
	return 0;
}

/* The first prefix of the slice. */
static uint32_t slice_first(const struct history *h, unsigned slice)
{
	return (uint32_t)(h->count * slice / HISTORY_SLICES);
}

static bool is_visited(const struct history *h, uint32_t prefix)
{
	return prefix < slice_first(h, h->slice);
}

void history_load(struct history *h, const struct list *list, uint64_t now_us)
{
	const struct history_prefix *old = h->halves[h->half];
	struct history_prefix *new = h->halves[!h->half];
	const size_t column = h->rounds % HISTORY_SAMPLES;
	const size_t before = (h->rounds + HISTORY_SAMPLES - 1) % HISTORY_SAMPLES;
	size_t count = list_file(list)->count;

	for (size_t i = 0; i < count; i++) {
		uint32_t was = h->count > 0 ? list->entries[i].was : ENGINE_NO_PREFIX;
		if (was == ENGINE_NO_PREFIX) {
			new[i] = (struct history_prefix){.well = false};
			continue;
		}
		new[i] = old[was];
		/* This round ends early: some were not visited in it. */
		if (!is_visited(h, was))
			new[i].samples[column] = new[i].samples[before];
	}
	h->rounds += h->count > 0;
	h->half = !h->half;
	h->count = count;
	h->slice = 0;
	h->due_us = now_us + HISTORY_SLICE_US;
}

void history_verdict(struct history *h, const struct verdict *verdict)
{
	h->halves[h->half][verdict->prefix].well = verdict->state == PREFIX_UP;
}

static void sample_take(struct history *h, const struct view *view, uint32_t prefix)
{
	struct history_prefix *p = &h->halves[h->half][prefix];
	uint64_t answers = 0, failures = 0;
	struct engine_prefix now;

	engine_prefix(view->engine, prefix, view->now_us, &now);
	for (unsigned m = 0; m < view->options->targets.methods; m++) {
		struct engine_channel c;
		engine_channel(view->engine, prefix, m, &c);
		answers += c.answers;
		failures += c.failures;
	}
	uint32_t srtt = (now.srtt_us + HISTORY_UNIT_US - 1) / HISTORY_UNIT_US;
	bool gap = answers == p->answers && failures > p->failures;
	p->samples[h->rounds % HISTORY_SAMPLES] =
		gap ? 0 : (uint16_t)(srtt < UINT16_MAX ? srtt : UINT16_MAX);
	p->answers = answers;
	p->failures = failures;
	p->well = now.state == PREFIX_UP && !now.doubt;
}

void history_review(struct history *h, const struct view *view)
{
	if (h->count == 0 || view->now_us < h->due_us)
		return;
	/* After a long sleep there is nothing to catch up with. */
	if (view->now_us - h->due_us > HISTORY_SAMPLE_US)
		h->due_us = view->now_us;
	h->due_us += HISTORY_SLICE_US;
	uint32_t end = slice_first(h, h->slice + 1);
	for (uint32_t i = slice_first(h, h->slice); i < end; i++)
		sample_take(h, view, i);
	if (++h->slice < HISTORY_SLICES)
		return;
	h->slice = 0;
	h->rounds++;
}

uint16_t history_read(const struct history *h, uint32_t prefix, unsigned n)
{
	/* Those that this round has visited have a sample of it. */
	uint64_t rounds = h->rounds + is_visited(h, prefix);

	if (n >= rounds || n >= HISTORY_SAMPLES)
		return 0;
	return h->halves[h->half][prefix].samples[(rounds - 1 - n) % HISTORY_SAMPLES];
}

bool history_well(const struct history *h, uint32_t prefix)
{
	return h->halves[h->half][prefix].well;
}
