/*
 * Lists and options that are no errors, and yet keep the monitor from doing its job. Nothing is
 * asked of the network or the system.
 */
#include "advice.h"

#include "check_output.h"
#include "log.h"
#include "text.h"
#include "units.h"

#include <stdio.h>

#define NAMED_MAX 3 /* prefixes or targets that are named; a list may be long */

/* Prefixes that are only there to compare with: any length will do. */
static const struct prefix well_known = {{{{0, 0x64, 0xff, 0x9b}}}, 96};
static const struct prefix local_use = {{{{0, 0x64, 0xff, 0x9b, 0, 1}}}, 48}; /* RFC 8215 */
static const struct prefix global_unicast = {{{{0x20}}}, 3};
static const struct prefix unique_local = {{{{0xfc}}}, 7};

static const struct {
	struct prefix range;
	const char *space;
} odd_ranges[] = {
	{{{{{0x20, 0x02}}}, 16}, "of 6to4 (2002::/16)"},
	{{{{{0x3f, 0xfe}}}, 16}, "of the former 6bone (3ffe::/16)"},
	{{{{{0x20, 0x01}}}, 32}, "of Teredo (2001::/32)"},
};

static bool is_within(const struct prefix *p, const struct prefix *range)
{
	return p->len >= range->len && prefix_overlaps(p, range);
}

static void oddity_say(const unsigned *missing, const char *problem, const char *cure)
{
	if (missing)
		check_output_note("%s; %s", problem, cure);
	else
		log_warning("%s; %s", problem, cure);
}

static void fault_say(unsigned *missing, const char *problem, const char *cure)
{
	if (missing)
		check_output_missing(missing, cure, "%s", problem);
	else
		log_warning("%s; %s", problem, cure);
}

/* One that dies is only replaced by one that is not needed while all work. */
static void spare_review(const struct prefix_file *file, const struct set_size *size,
                         unsigned *missing)
{
	char problem[160], cure[160];
	struct text text = text_in(problem, sizeof(problem));
	struct text remedy = text_in(cure, sizeof(cure));
	size_t usable = 0;

	for (size_t i = 0; i < file->count; i++)
		usable += !file->entries[i].drain;
	if (usable > size->min)
		return;
	if (usable == 1)
		text_add(&text, "there is one prefix to choose");
	else
		text_add(&text, "there are %zu prefixes to choose, and a set needs %u", usable,
		         size->min);
	if (usable < file->count)
		text_add(&text, " (%zu drained)", file->count - usable);
	text_add(&text, ": one that dies will be served on");
	if (usable == 1)
		text_add(&remedy, "list another one");
	else
		text_add(&remedy, "give both programs --count %zu-%zu, or list more", usable - 1,
		         usable < size->max ? usable : (size_t)size->max);
	fault_say(missing, problem, cure);
}

/* A translator drops what 64:ff9b::/96 must not stand for, so a healthy one would look dead. */
static void private_targets_review(const struct prefix_file *file, const struct targets *targets,
                                   unsigned *missing)
{
	char problem[256], name[TARGET_STRLEN];
	struct text text = text_in(problem, sizeof(problem));
	size_t count = 0;

	if (prefix_file_find(file, &well_known) == file->count)
		return;
	text_add(&text, "private targets behind 64:ff9b::/96, which must not stand for them "
	                "(RFC 6052, section 3.1): ");
	for (unsigned m = 0; m < targets->methods; m++) {
		const struct target_list *list = &targets->lists[m];
		for (unsigned i = 0; i < list->count; i++) {
			if (!target_is_private(&list->targets[i]) || count++ >= NAMED_MAX)
				continue;
			text_add(&text, "%s%s:%s", count > 1 ? ", " : "", list->method->name,
			         target_format(&list->targets[i], name));
		}
	}
	if (count > NAMED_MAX)
		text_add(&text, " and %zu more", count - NAMED_MAX);
	if (count > 0)
		fault_say(missing, problem,
		          "name global targets, or probe that prefix from a monitor of its own");
}

static void tiers_review(const struct prefix_file *file, const unsigned *missing)
{
	size_t locals = 0, globals = 0;

	for (size_t i = 0; i < file->count; i++) {
		const struct prefix_entry *entry = &file->entries[i];
		if (entry->drain)
			continue;
		if (is_within(&entry->prefix, &unique_local))
			locals++;
		else
			globals++;
	}
	if (locals > 0 && globals > 0)
		oddity_say(missing,
		           "unique local prefixes (fc00::/7) beside global ones: clients with a "
		           "global address take the global ones first, whatever the tiers "
		           "(RFC 6724)",
		           "list prefixes of one kind");
}

/* Returns what space it is in, or NULL if translators' prefixes are found there. */
static const char *odd_space(const struct prefix *p)
{
	for (size_t i = 0; i < COUNT(odd_ranges); i++) {
		if (is_within(p, &odd_ranges[i].range))
			return odd_ranges[i].space;
	}
	if (is_within(p, &well_known) || is_within(p, &local_use) || is_within(p, &unique_local) ||
	    is_within(p, &global_unicast))
		return NULL;
	return "that is not assigned";
}

static void misprints_review(const struct prefix_file *file, const unsigned *missing)
{
	char problem[128], name[PREFIX_STRLEN];
	unsigned found = 0;

	for (size_t i = 0; i < file->count && found < NAMED_MAX; i++) {
		const struct prefix *p = &file->entries[i].prefix;
		const char *space = odd_space(p);
		if (!space)
			continue;
		snprintf(problem, sizeof(problem), "%s is in space %s", prefix_format(p, name),
		         space);
		oddity_say(missing, problem,
		           "look for a misprint: what is set aside for NAT64 is 64:ff9b::/96 and "
		           "64:ff9b:1::/48");
		found++;
	}
}

void advice_give(const struct prefix_file *file, const struct options *options, unsigned *missing)
{
	spare_review(file, &options->size, missing);
	private_targets_review(file, &options->targets, missing);
	tiers_review(file, missing);
	misprints_review(file, missing);
}
