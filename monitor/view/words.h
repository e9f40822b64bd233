/*
 * Words for single things: targets, times, and what is wrong with a prefix, a method or this host.
 * Each function writes into words, and returns it.
 */
#pragma once

#include "view.h"

#define WORDS_MAX 512 /* bytes, of a message as well */

/* The first targets whose bits are set, and how many more. */
const char *words_targets(const struct target_list *list, uint64_t bits, char words[WORDS_MAX]);

/* A time since 1970, as "2026-05-12 12:34:56", in UTC. */
const char *words_time(uint64_t wall_us, char words[WORDS_MAX]);

/* As "41s" or "3h05m". */
const char *words_age(uint64_t age_us, char words[WORDS_MAX]);

/* Why the prefix was found to be down. */
const char *words_failure(const struct view *view, const struct verdict *v, char words[WORDS_MAX]);

/* Of a method that no target answers through any prefix, while other methods work. */
const char *words_silence(const char *method, char words[WORDS_MAX]);

/* What keeps this host from sending. */
const char *words_lack(const struct view *view, char words[WORDS_MAX]);
