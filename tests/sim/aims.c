/*
 * Aims as a table: each with its words and its limit.
 */
#include "aims.h"

#include "units.h"

#include <math.h>
#include <stddef.h>

#define YEAR_DAYS 365.25

double aims_removals(const struct result *r)
{
	return (double)r->false_removals / (r->prefix_days / YEAR_DAYS);
}

double aims_cost(const struct run_config *c, const struct result *r)
{
	double channel_seconds = r->prefix_days * 86400 * c->world.methods;

	return (double)r->probes / channel_seconds * c->interval / 2;
}

/* What was measured of all that there may be an aim for. */
static struct aims aims_measure(const struct run_config *c, const struct result *r)
{
	double routine = (double)(c->world.prefixes * c->world.methods) / c->interval;

	return (struct aims){
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
		.cost = aims_cost(c, r),
		.busiest = (double)r->busiest / routine,
		.first_set = r->unset > 0 ? INFINITY : (double)r->first_set_us / (double)SECOND_US,
	};
}

static const struct {
	const char *before, *after; /* of the limit, in words */
	const char *name;
	size_t place;
} table[] = {
#define AIM(MEMBER, NAME, BEFORE, AFTER)                           \
	{                                                          \
		BEFORE, AFTER, NAME, offsetof(struct aims, MEMBER) \
	}
	AIM(p50, "found-half", "half found in", " s"),
	AIM(p99, "found-99%", "99% in", " s"),
	AIM(not_in_60_s, "not-found-in-60-s", "a share of", " not found in 60 s"),
	AIM(gone50, "out-half", "half out of the set in", " s"),
	AIM(gone99, "out-99%", "99% out of the set in", " s"),
	AIM(kept, "kept", "a share of", " in the set after 60 s"),
	AIM(stay, "stay", "in the set for a share of", " of an hour"),
	AIM(back50, "back-half", "half back in", " s"),
	AIM(victim_cost, "victim-cost", "probes of it", " times the usual"),
	AIM(changes, "changes", "", " changes an hour"),
	AIM(downs, "downs", "", " times down an hour"),
	AIM(cost, "cost", "cost", ""),
	AIM(busiest, "burst", "burst", ""),
	AIM(first_set, "first-set", "a set in", " s"),
};

static double aim_of(const struct aims *aims, size_t i)
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
		if (aim_of(aims, i) > 0)
			text_add(t, "; %s %g%s", table[i].before, aim_of(aims, i), table[i].after);
	}
	text_add(t, "%s%s", aims->named ? "; all named" : "",
	         aims->no_way_back ? "; no way back" : "");
}

void aims_missed(struct text *t, const struct aims *aims, const struct run_config *config,
                 const struct result *result)
{
	const struct aims all = aims_measure(config, result);

	if (!aims->removals_free && aims_removals(result) > aims->removals)
		text_add(t, " false-removals %g", aims_removals(result));
	for (size_t i = 0; i < COUNT(table); i++) {
		double measured = aim_of(&all, i);
		if (aim_of(aims, i) > 0 && measured > aim_of(aims, i))
			text_add(t, " %s %.3g", table[i].name, measured);
	}
	if (aims->named && result->unnamed > 0)
		text_add(t, " unnamed %llu of %llu", (unsigned long long)result->unnamed,
		         (unsigned long long)result->looked);
	if (aims->no_way_back && result->returns > 0)
		text_add(t, " returns %llu", (unsigned long long)result->returns);
}

void aims_measured(struct text *t, const struct aims *aims, const struct run_config *config,
                   const struct result *result)
{
	const struct aims measured = aims_measure(config, result);

	for (size_t i = 0; i < COUNT(table); i++) {
		if (aim_of(aims, i) > 0)
			text_add(t, "%s%s %.3g", t->used > 0 ? ", " : "", table[i].name,
			         aim_of(&measured, i));
	}
}
