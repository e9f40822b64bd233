/*
 * The metrics file: what the monitor knows, for Prometheus (node_exporter's textfile collector). Of
 * a long list, only the first METRICS_PREFIXES_MAX prefixes, and those in the set, have series of
 * their own.
 */
#pragma once

#include "text.h"
#include "view.h"

#define METRICS_PREFIXES_MAX 256U

#define METRICS_PERIOD_US 10000000ULL /* scrapes are seldom more often than each 10 s */
#define METRICS_HASTE_US  1000000ULL  /* the least between two writes, after a change */

void metrics_format(struct text *t, const struct view *v);
