/*
 * The aims of a scenario, and whether a result meets them.
 */
#pragma once

#include "run.h"
#include "text.h"

/* 0 is no aim, but for false removals: of these there are to be none. */
struct aims {
	double removals; /* false ones per prefix-year */
	bool removals_free;
	double p50, p99;       /* seconds to the verdict */
	double not_in_60_s;    /* share of the victims that are not found within a minute */
	double gone50, gone99; /* seconds until a victim is out of the set */
	double kept;           /* share of the victims that are in the set after a minute */
	bool named;            /* a minute after, what is lost is known of each victim */
	double stay;           /* share of its first hour that a victim is in the set */
	bool no_way_back;      /* while the fault lasts */
	double back50;         /* seconds from the end of a fault until a victim is up again */
	double victim_cost;    /* probes of a victim, after a minute: times the usual */
	double changes, downs; /* of the set, and verdicts, within any hour */
	double cost;           /* probes per second, prefix and method, at an interval of 2 s */
	double busiest;        /* probes in the busiest second, per mean second */
	double first_set;      /* seconds until the first set, in every run */
};

/* What came of it: the numbers alone. */
struct aims aims_measure(const struct run_config *config, const struct result *result);

/* What is to be shown, in words. */
void aims_tell(struct text *text, const struct aims *aims);

/* Which of it is not shown, with what was measured; none if it is. */
void aims_missed(struct text *text, const struct aims *aims, const struct aims *measured,
                 const struct result *result);

/* What was measured of all that there is an aim for. */
void aims_measured(struct text *text, const struct aims *aims, const struct aims *measured);
