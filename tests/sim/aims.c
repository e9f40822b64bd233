/*
 * Aims as a table: each with its words, its limit and how it is measured.
 */
#include "aims.h"

#include "units.h"

#include <math.h>
#include <stddef.h>

#define YEAR_DAYS 365.25

struct aims aims_measure(const struct run_config *c, const struct result *r)
{
	double channels = (double)c->world.prefixes * c->world.methods;

	return (struct aims){
		.removals = (double)r->false_removals / (r->prefix_days / YEAR_DAYS),
		.p50 = times_within(&r->found, 0.5),
		.p99 = times_within(&r->found, 0.99),
		.not_in_60_s = 1 - times_share(&r->found, 60),
		.gone50 = times_within(&r->gone, 0.5),
		.gone99 = times_within(&r->gone, 0.99),
		.kept = r->looked > 0 ? (double)r->kept / (double)r->looked : INFINITY,
		.stay = r->stay_s > 0 ? r->stayed_s / r->stay_s : INFINITY,
		.back50 = times_within(&r->back, 0.5),
		.victim_cost = r->victim_usual > 0 ? r->victim_probes / r->victim_usual : INFINITY,
		.changes = (double)r->changes_hour_max,
		.downs = (double)r->downs_hour_max,
		.cost = (double)r->probes / (r->prefix_days * 86400 * c->world.methods) *
	                c->interval / 2,
		.busiest = (double)r->busiest / (channels / c->interval),
		.first_set = r->unset > 0 ? INFINITY : (double)r->first_set_us / (double)SECOND_US,
	};
}

static const struct {
	const char *name;
	const char *before, *after; /* of the limit, in words */
	size_t place;
} table[] = {
	{"found-half", "half found in", " s", offsetof(struct aims, p50)},
	{"found-99%", "99% in", " s", offsetof(struct aims, p99)},
	{"not-found-in-60-s", "a share of", " not found in 60 s",
         offsetof(struct aims, not_in_60_s)},
	{"out-half", "half out of the set in", " s", offsetof(struct aims, gone50)},
	{"out-99%", "99% out of the set in", " s", offsetof(struct aims, gone99)},
	{"kept", "a share of", " in the set after 60 s", offsetof(struct aims, kept)},
	{"stay", "in the set for a share of", " of an hour", offsetof(struct aims, stay)},
	{"back-half", "half back in", " s", offsetof(struct aims, back50)},
	{"victim-cost", "probes of it", " times the usual", offsetof(struct aims, victim_cost)},
	{"changes", "", " changes an hour", offsetof(struct aims, changes)},
	{"downs", "", " times down an hour", offsetof(struct aims, downs)},
	{"cost", "cost", "", offsetof(struct aims, cost)},
	{"burst", "burst", "", offsetof(struct aims, busiest)},
	{"first-set", "a set in", " s", offsetof(struct aims, first_set)},
};

static double value_of(const struct aims *aims, size_t i)
{
	return *(const double *)(const void *)((const char *)aims + table[i].place);
}

void aims_tell(struct text *t, const struct aims *aims)
{
	if (aims->removals > 0)
		text_add(t, "under %g false a year", aims->removals);
	else
		text_add(t, "%s", aims->removals_free ? "any removal" : "no false removal");
	for (size_t i = 0; i < COUNT(table); i++) {
		if (value_of(aims, i) > 0)
			text_add(t, "; %s %g%s", table[i].before, value_of(aims, i),
			         table[i].after);
	}
	text_add(t, "%s%s", aims->named ? "; all named" : "",
	         aims->no_way_back ? "; no way back" : "");
}

void aims_missed(struct text *t, const struct aims *aims, const struct aims *measured,
                 const struct result *result)
{
	if (!aims->removals_free && measured->removals > aims->removals)
		text_add(t, " false-removals %g", measured->removals);
	for (size_t i = 0; i < COUNT(table); i++) {
		if (value_of(aims, i) > 0 && value_of(measured, i) > value_of(aims, i))
			text_add(t, " %s %.3g", table[i].name, value_of(measured, i));
	}
	if (aims->named && result->unnamed > 0)
		text_add(t, " unnamed %llu of %llu", (unsigned long long)result->unnamed,
		         (unsigned long long)result->looked);
	if (aims->no_way_back && result->returns > 0)
		text_add(t, " returns %llu", (unsigned long long)result->returns);
}

void aims_measured(struct text *t, const struct aims *aims, const struct aims *measured)
{
	for (size_t i = 0; i < COUNT(table); i++) {
		if (value_of(aims, i) > 0)
			text_add(t, "%s%s %.3g", t->used > 0 ? ", " : "", table[i].name,
			         value_of(measured, i));
	}
}
