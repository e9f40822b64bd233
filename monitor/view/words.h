/*
 * Words for single things: targets, sets, times, and what is wrong with a prefix.
 */
#ifndef NAT64HEALTH_WORDS_H
#define NAT64HEALTH_WORDS_H

#include "text.h"
#include "view.h"

#define WORDS_TIME_MAX sizeof("2026-05-12 12:34:56")

/* The first targets whose bits are set, and how many more. */
void words_targets(struct text *t, const struct target_list *list, uint64_t bits);

/* The prefixes, with a space between two. */
void words_set(struct text *t, const struct prefix_set *set);

/* A time since 1970, in UTC; returns words. */
char *words_time(char words[WORDS_TIME_MAX], uint64_t wall_us);

/* As "41s" or "3h05m". */
void words_age(struct text *t, uint64_t age_us);

/* Why the prefix was found to be down. */
void words_failure(struct text *t, const struct view *view, const struct verdict *v);

/* Of a method that no target answers through any prefix, while other methods work. */
void words_silence(struct text *text, const char *method);

/* What keeps this host from sending. */
void words_lack(struct text *t, const struct view *view);

#endif
