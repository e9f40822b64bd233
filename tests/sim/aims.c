/*
 * Aims as a table: each with its words, its limit and how it is measured.
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

static double p50(const struct run_config *c, const struct result *r)
{
	(void)c;
	return times_within(&r->found, 0.5);
}

static double p99(const struct run_config *c, const struct result *r)
{
	(void)c;
	return times_within(&r->found, 0.99);
}

static double not_in_60_s(const struct run_config *c, const struct result *r)
{
	(void)c;
	return 1 - times_share(&r->found, 60);
}

static double gone50(const struct run_config *c, const struct result *r)
{
	(void)c;
	return times_within(&r->gone, 0.5);
}

static double gone99(const struct run_config *c, const struct result *r)
{
	(void)c;
	return times_within(&r->gone, 0.99);
}

static double kept(const struct run_config *c, const struct result *r)
{
	(void)c;
	return r->looked > 0 ? (double)r->kept / (double)r->looked : INFINITY;
}

static double stay(const struct run_config *c, const struct result *r)
{
	(void)c;
	return r->stay_s > 0 ? r->stayed_s / r->stay_s : INFINITY;
}

static double back50(const struct run_config *c, const struct result *r)
{
	(void)c;
	return times_within(&r->back, 0.5);
}

static double victim_cost(const struct run_config *c, const struct result *r)
{
	(void)c;
	return r->victim_usual > 0 ? r->victim_probes / r->victim_usual : INFINITY;
}

static double changes(const struct run_config *c, const struct result *r)
{
	(void)c;
	return (double)r->changes_hour_max;
}

static double downs(const struct run_config *c, const struct result *r)
{
	(void)c;
	return (double)r->downs_hour_max;
}

static double busiest(const struct run_config *c, const struct result *r)
{
	return (double)r->busiest / ((double)(c->world.prefixes * c->world.methods) / c->interval);
}

static double first_set(const struct run_config *c, const struct result *r)
{
	(void)c;
	return r->unset > 0 ? INFINITY : (double)r->first_set_us / (double)SECOND_US;
}

static const struct {
	const char *before, *after; /* of the limit, in words */
	const char *name;
	size_t place;
	double (*measure)(const struct run_config *config, const struct result *result);
} table[] = {
#define AIM(MEMBER, NAME, BEFORE, AFTER, MEASURE)                           \
	{                                                                   \
		BEFORE, AFTER, NAME, offsetof(struct aims, MEMBER), MEASURE \
	}
	AIM(p50, "found-half", "half found in", " s", p50),
	AIM(p99, "found-99%", "99% in", " s", p99),
	AIM(not_in_60_s, "not-found-in-60-s", "a share of", " not found in 60 s", not_in_60_s),
	AIM(gone50, "out-half", "half out of the set in", " s", gone50),
	AIM(gone99, "out-99%", "99% out of the set in", " s", gone99),
	AIM(kept, "kept", "a share of", " in the set after 60 s", kept),
	AIM(stay, "stay", "in the set for a share of", " of an hour", stay),
	AIM(back50, "back-half", "half back in", " s", back50),
	AIM(victim_cost, "victim-cost", "probes of it", " times the usual", victim_cost),
	AIM(changes, "changes", "", " changes an hour", changes),
	AIM(downs, "downs", "", " times down an hour", downs),
	AIM(cost, "cost", "cost", "", aims_cost),
	AIM(busiest, "burst", "burst", "", busiest),
	AIM(first_set, "first-set", "a set in", " s", first_set),
};

static double limit_of(const struct aims *aims, size_t i)
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
		if (limit_of(aims, i) > 0)
			text_add(t, "; %s %g%s", table[i].before, limit_of(aims, i),
			         table[i].after);
	}
	text_add(t, "%s%s", aims->named ? "; all named" : "",
	         aims->no_way_back ? "; no way back" : "");
}

void aims_missed(struct text *t, const struct aims *aims, const struct run_config *config,
                 const struct result *result)
{
	if (!aims->removals_free && aims_removals(result) > aims->removals)
		text_add(t, " false-removals %g", aims_removals(result));
	for (size_t i = 0; i < COUNT(table); i++) {
		double measured = table[i].measure(config, result);
		if (limit_of(aims, i) > 0 && measured > limit_of(aims, i))
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
	for (size_t i = 0; i < COUNT(table); i++) {
		if (limit_of(aims, i) > 0)
			text_add(t, "%s%s %.3g", t->used > 0 ? ", " : "", table[i].name,
			         table[i].measure(config, result));
	}
}
