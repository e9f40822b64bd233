/*
 * The status of the running monitor, on pages of 80 columns: a table of prefixes and targets, which
 * is also logged at USR1 and printed by --once, and the whole page of the status file.
 */
#pragma once

#include "history.h"
#include "report.h"
#include "text.h"

#define STATUS_TABLE_MAX (4UL << 20) /* bytes, enough for all prefixes that a list may have */

#define STATUS_PERIOD_US 1000000ULL /* between two writes, while nothing happens */
#define STATUS_HASTE_US  200000ULL  /* at least */

/*
 * Adds a row a prefix, what is wrong with it below the row, and a line a method. Of a long list, it
 * shows those in the set, then those that are not well, then others; the rest are counted. Without
 * a history (NULL), each row tells how many probes were answered by each method.
 */
void status_table(struct text *t, const struct view *view, const struct history *history);

/* The page of the status file. */
void status_format(struct text *t, const struct view *view, const struct history *history,
                   const struct report *report);
