/*
 * What is told to people about prefixes: verdicts, sets, and the table.
 * It judges nothing: the words follow what health and choice have decided.
 */
#include "report.h"

#include "log.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define TARGETS_NAMED 4 /* in one message; the rest are counted */

#define LINE_MAX 512 /* bytes of a message or a row of the table */

static void targets_name(struct text *t, const struct target_list *list, uint64_t bits)
{
	char name[TARGET_STRLEN];
	int named = 0, all = __builtin_popcountll(bits);

	for (unsigned i = 0; i < list->count && named < TARGETS_NAMED; i++) {
		if (bits >> i & 1)
			text_add(t, "%s%s", named++ ? ", " : "",
			         target_format(&list->targets[i], name));
	}
	if (all > named)
		text_add(t, " and %d more", all - named);
}

void report_verdict(const struct report_names *names, const struct health_verdict *v)
{
	char prefix[PREFIX_STRLEN], witness[PREFIX_STRLEN], failed[LINE_MAX];
	struct text t = text_in(failed, sizeof(failed));

	prefix_format(&names->file->entries[v->prefix].prefix, prefix);
	if (v->state == HEALTH_UP) {
		if (v->run > 1)
			log_notice("%s is up: %u answers in a row by each method", prefix, v->run);
		else
			log_notice("%s is up: it answers by each method", prefix);
		return;
	}
	const struct target_list *list = &names->targets->lists[v->method];
	targets_name(&t, list, v->failed_targets);
	log_notice("%s is down: no %s answer from %s, while they answered %s (evidence %.1f)",
	           prefix, list->method->name, failed,
	           prefix_format(&names->file->entries[v->witness].prefix, witness), v->evidence);
}

static void set_name(struct text *t, const struct prefix_set *set)
{
	char prefix[PREFIX_STRLEN];

	for (size_t i = 0; i < set->count; i++)
		text_add(t, "%s%s", i ? " " : "", prefix_format(&set->prefixes[i], prefix));
}

void report_set(const struct prefix_set *set, const struct prefix_set *before)
{
	char now_words[LINE_MAX], was_words[LINE_MAX];
	struct text now = text_in(now_words, sizeof(now_words));
	struct text was = text_in(was_words, sizeof(was_words));

	set_name(&now, set);
	set_name(&was, before);
	if (before->count > 0)
		log_notice("set: %s (was: %s)", now.buf, was.buf);
	else
		log_notice("set: %s", now.buf);
}

static void row_write(const struct report_names *names, const struct judge *judge, uint32_t i,
                      uint64_t now, void (*writer)(const char *))
{
	static const char *const states[] = {
		[HEALTH_NEW] = "new", [HEALTH_UP] = "up", [HEALTH_DOWN] = "down"};
	const struct prefix_entry *entry = &names->file->entries[i];
	char line[LINE_MAX], prefix[PREFIX_STRLEN], latency[16] = "-";
	struct text t = text_in(line, sizeof(line));

	uint32_t srtt_us = health_prefix_srtt_us(judge->health, i);
	if (srtt_us != 0)
		snprintf(latency, sizeof(latency), "%.1f", srtt_us / 1000.0);
	text_add(&t, "%-28s %4u %-5s %-3s %8s %5u", prefix_format(&entry->prefix, prefix),
	         entry->tier,
	         entry->drain ? "drain" : states[health_prefix_state(judge->health, i)],
	         choice_holds(&judge->choice, i) ? "yes" : "no", latency,
	         health_prefix_flaps(judge->health, i, now));
	for (unsigned m = 0; m < names->targets->methods; m++) {
		struct health_channel c;
		health_channel_read(judge->health, i, m, &c);
		text_add(&t, "  %s %llu/%llu %.1f", names->targets->lists[m].method->name,
		         (unsigned long long)c.answers, (unsigned long long)c.probes, c.evidence);
	}
	writer(line);
}

static void dead_targets_write(const struct report_names *names, const struct judge *judge,
                               void (*writer)(const char *))
{
	for (unsigned m = 0; m < names->targets->methods; m++) {
		const struct target_list *list = &names->targets->lists[m];
		char line[LINE_MAX];
		struct text t = text_in(line, sizeof(line));
		uint64_t dead = 0;

		for (unsigned i = 0; i < list->count; i++) {
			if (!health_target_alive(judge->health, m, i))
				dead |= 1ULL << i;
		}
		if (dead == 0)
			continue;
		text_add(&t, "%s targets that answer nobody: ", list->method->name);
		targets_name(&t, list, dead);
		writer(line);
	}
}

void report_table(const struct report_names *names, const struct judge *judge, uint64_t now,
                  void (*writer)(const char *line))
{
	writer("prefix                       tier state set  srtt ms flaps  method answers/probes "
	       "evidence");
	for (uint32_t i = 0; i < judge->count; i++)
		row_write(names, judge, i, now, writer);
	dead_targets_write(names, judge, writer);
}
