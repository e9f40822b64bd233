/*
 * What is told to people about prefixes: verdicts, sets, and the table.
 * It judges nothing: the words follow what health and choice have decided.
 */
#include "report.h"

#include "log.h"

#include <string.h>

#define TARGETS_NAMED 4 /* in one message; the rest are counted */

#define LINE_MAX 512 /* bytes of a message or a row of the table */

#define HOUR_US 3600000000ULL

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

void report_verdict(const struct report_names *names, const struct verdict *v)
{
	char prefix[PREFIX_STRLEN], witness[PREFIX_STRLEN], failed[LINE_MAX];
	struct text t = text_in(failed, sizeof(failed));

	prefix_format(&names->file->entries[v->prefix].prefix, prefix);
	if (v->state == PREFIX_UP) {
		if (v->run > 1)
			log_notice("%s is up: %u answers in a row by each method", prefix, v->run);
		else
			log_notice("%s is up: it answers by each method", prefix);
		return;
	}
	const struct target_list *list = &names->targets->lists[v->method];
	targets_name(&t, list, v->targets);
	log_warning("%s is down: no %s answer from %s, which answered other prefixes (last: %s)",
	            prefix, list->method->name, failed,
	            prefix_format(&names->file->entries[v->control].prefix, witness));
}

static void set_name(struct text *t, const struct prefix_set *set)
{
	char prefix[PREFIX_STRLEN];

	for (size_t i = 0; i < set->count; i++)
		text_add(t, "%s%s", i ? " " : "", prefix_format(&set->prefixes[i], prefix));
}

struct prefix_set report_set_chosen(const struct report_names *names, const struct engine *engine)
{
	const struct engine_set *chosen = engine_set(engine);
	struct prefix_set set = {.count = chosen->count};

	for (size_t i = 0; i < chosen->count; i++)
		set.prefixes[i] = names->file->entries[chosen->members[i]].prefix;
	return set;
}

/* The prefix's place in the file; the file's length if it is not there any more. */
static uint32_t prefix_find(const struct prefix_file *file, const struct prefix *prefix)
{
	uint32_t i = 0;

	while (i < file->count && prefix_compare(&file->entries[i].prefix, prefix) != 0)
		i++;
	return i;
}

static unsigned set_worst_tier(const struct report_names *names, const struct prefix_set *set)
{
	unsigned worst = 0;

	for (size_t i = 0; i < set->count; i++) {
		uint32_t place = prefix_find(names->file, &set->prefixes[i]);
		if (place < names->file->count && names->file->entries[place].tier > worst)
			worst = names->file->entries[place].tier;
	}
	return worst;
}

/* Why a prefix that was in the set is out of it. */
static const char *leaving_name(const struct report_names *names, const struct engine *engine,
                                const struct prefix_set *set, const struct prefix *prefix,
                                uint64_t now)
{
	uint32_t i = prefix_find(names->file, prefix);
	struct engine_prefix view;

	if (i == names->file->count)
		return "is not listed any more";
	if (names->file->entries[i].drain)
		return "is drained";
	engine_prefix(engine, i, now, &view);
	if (view.state != PREFIX_UP)
		return "is down";
	if (view.doubt)
		return "does not answer just now";
	if (names->file->entries[i].tier > set_worst_tier(names, set))
		return "is of a tier that is not needed";
	return "is slower";
}

void report_set(const struct report_names *names, const struct engine *engine,
                const struct prefix_set *set, const struct prefix_set *before, uint64_t now_us)
{
	char now_words[LINE_MAX], was_words[LINE_MAX], why_words[LINE_MAX], prefix[PREFIX_STRLEN];
	struct text now = text_in(now_words, sizeof(now_words));
	struct text was = text_in(was_words, sizeof(was_words));
	struct text why = text_in(why_words, sizeof(why_words));

	set_name(&now, set);
	set_name(&was, before);
	for (size_t i = 0; i < before->count; i++) {
		if (!prefix_set_holds(set, &before->prefixes[i]))
			text_add(&why, "; %s %s", prefix_format(&before->prefixes[i], prefix),
			         leaving_name(names, engine, set, &before->prefixes[i], now_us));
	}
	if (before->count > 0)
		log_notice("set: %s (was: %s)%s", now.buf, was.buf, why.buf);
	else
		log_notice("set: %s", now.buf);
}

void report_silence(bool silent)
{
	if (silent)
		log_error("nobody answers through any prefix: is the uplink down? The set in force "
		          "stays");
	else
		log_notice("answers come again");
}

void report_method_silence(const char *method, bool silent)
{
	if (silent)
		log_warning("no %s probe is answered through any prefix, while others are: is it "
		            "filtered on the way, or are the targets? It counts against nobody",
		            method);
	else
		log_notice("%s probes are answered again", method);
}

enum engine_supply report_supply(const struct report_names *names, const struct engine *engine,
                                 uint64_t now, enum engine_supply was)
{
	struct engine_summary s;
	unsigned min = names->set_min;

	engine_summary(engine, now, &s);
	if (s.supply == SUPPLY_PENDING || s.supply == was)
		return was;
	if (s.supply == SUPPLY_ENOUGH && was != SUPPLY_PENDING)
		log_notice("%zu of %zu prefixes healthy again", s.healthy, s.prefixes);
	else if (s.supply != SUPPLY_ENOUGH && engine_set(engine)->count == 0)
		log_error("%zu of %zu prefixes healthy, fewer than %u: no set goes out", s.healthy,
		          s.prefixes, min);
	else if (s.supply == SUPPLY_SHORT)
		log_warning("%zu of %zu prefixes healthy, fewer than %u: filled up with those that "
		            "failed last",
		            s.healthy, s.prefixes, min);
	else if (s.supply == SUPPLY_NONE)
		log_error("%zu of %zu prefixes healthy, fewer than %u: the set in force stays",
		          s.healthy, s.prefixes, min);
	return s.supply;
}

void report_hour(struct report_hour *hour, const struct report_names *names,
                 const struct engine *engine, const struct counters *counters, uint64_t now)
{
	const struct counters *then = &hour->then;
	const struct prefix_set set = report_set_chosen(names, engine);
	char words[LINE_MAX];
	struct text t = text_in(words, sizeof(words));
	struct engine_summary summary;

	if (now - hour->since_us < HOUR_US)
		return;
	engine_summary(engine, now, &summary);
	set_name(&t, &set);
	log_notice("in the last hour: %llu probes, %llu answered, %llu times a prefix up or down, "
	           "%llu changes of the set; %zu of %zu prefixes healthy; set: %s",
	           (unsigned long long)(counters->probes - then->probes),
	           (unsigned long long)(counters->answers - then->answers),
	           (unsigned long long)(counters->ups - then->ups + counters->downs - then->downs),
	           (unsigned long long)(counters->set_changes - then->set_changes), summary.healthy,
	           summary.prefixes, set.count > 0 ? words : "none yet");
	*hour = (struct report_hour){.since_us = now, .then = *counters};
}

const char *report_state_name(enum report_state state)
{
	static const char *const names[] = {[REPORT_NEW] = "new",
	                                    [REPORT_UP] = "up",
	                                    [REPORT_DOUBT] = "doubt",
	                                    [REPORT_DOWN] = "down",
	                                    [REPORT_DRAIN] = "drain"};

	return names[state];
}

static enum report_state state_read(const struct prefix_entry *entry,
                                    const struct engine_prefix *view)
{
	if (entry->drain)
		return REPORT_DRAIN;
	if (view->state == PREFIX_NEW)
		return REPORT_NEW;
	if (view->state == PREFIX_DOWN)
		return REPORT_DOWN;
	return view->doubt ? REPORT_DOUBT : REPORT_UP;
}

static void age_add(struct text *t, uint64_t age_us)
{
	unsigned long long s = age_us / 1000000;

	if (s < 60)
		text_add(t, "%llus", s);
	else if (s < 3600)
		text_add(t, "%llum%02llus", s / 60, s % 60);
	else if (s < 86400)
		text_add(t, "%lluh%02llum", s / 3600, s / 60 % 60);
	else
		text_add(t, "%llud%02lluh", s / 86400, s / 3600 % 24);
}

static void blocks_add(struct text *t, const struct report_names *names,
                       const struct engine_prefix *view)
{
	for (unsigned m = 0; m < names->targets->methods; m++) {
		const struct target_list *list = &names->targets->lists[m];

		if (view->lost[m] == 0)
			continue;
		text_add(t, "%s%s blocked by ", t->used ? "; " : "", list->method->name);
		targets_name(t, list, view->lost[m]);
	}
}

static void trouble_read(struct text *t, const struct report_names *names,
                         const struct engine_prefix *view, uint64_t now)
{
	int targets = __builtin_popcountll(view->failure.targets);

	if (targets > 0) {
		age_add(t, now - view->failed_us);
		text_add(t, " ago: no %s from %d target%s",
		         names->targets->lists[view->failure.method].method->name, targets,
		         targets == 1 ? "" : "s");
	}
	blocks_add(t, names, view);
}

void report_row_read(struct report_row *row, const struct report_names *names,
                     const struct engine *engine, uint32_t prefix, uint64_t now)
{
	const struct prefix_entry *entry = &names->file->entries[prefix];
	struct engine_prefix view;
	struct text trouble;

	engine_prefix(engine, prefix, now, &view);
	*row = (struct report_row){
		.state = state_read(entry, &view),
		.tier = entry->tier,
		.in_set = view.in_set,
		.srtt_us = view.srtt_us,
		.flaps = view.flaps,
	};
	prefix_format(&entry->prefix, row->prefix);
	for (unsigned m = 0; m < names->targets->methods; m++) {
		struct engine_channel c;
		engine_channel(engine, prefix, m, &c);
		row->answers += c.answers;
		row->failures += c.failures;
	}
	trouble = text_in(row->trouble, sizeof(row->trouble));
	trouble_read(&trouble, names, &view, now);
}

void report_loss(struct text *t, uint64_t answers, uint64_t failures)
{
	uint64_t all = answers + failures;

	if (all == 0)
		text_add(t, "-");
	else
		text_add(t, "%llu%%", (unsigned long long)((failures * 100 + all / 2) / all));
}

static void row_write(const struct report_names *names, const struct engine *engine, uint32_t i,
                      uint64_t now, void (*writer)(const char *))
{
	struct report_row row;
	char line[LINE_MAX], latency_words[16], loss_words[16];
	struct text t = text_in(line, sizeof(line));
	struct text latency = text_in(latency_words, sizeof(latency_words));
	struct text loss = text_in(loss_words, sizeof(loss_words));

	report_row_read(&row, names, engine, i, now);
	if (row.srtt_us != 0)
		text_add(&latency, "%.1f", row.srtt_us / 1000.0);
	else
		text_add(&latency, "-");
	report_loss(&loss, row.answers, row.failures);
	text_add(&t, "%-28s %4u %-5s %-3s %8s %4s %5u", row.prefix, row.tier,
	         report_state_name(row.state), row.in_set ? "yes" : "no", latency.buf, loss.buf,
	         row.flaps);
	for (unsigned m = 0; m < names->targets->methods; m++) {
		struct engine_channel c;
		engine_channel(engine, i, m, &c);
		text_add(&t, "  %s %llu/%llu %.1f", names->targets->lists[m].method->name,
		         (unsigned long long)c.answers, (unsigned long long)c.probes, c.evidence);
	}
	if (row.trouble[0])
		text_add(&t, "  %s", row.trouble);
	writer(line);
}

unsigned report_targets(struct text *t, const struct report_names *names,
                        const struct engine *engine, unsigned method, uint64_t now)
{
	const struct target_list *list = &names->targets->lists[method];
	uint64_t dead = 0;
	unsigned count;
	struct engine_summary summary;

	engine_summary(engine, now, &summary);
	if (summary.method_silent_us[method] > 0) {
		text_add(t, "%s targets: none of %u answers", list->method->name, list->count);
		return list->count;
	}
	for (unsigned i = 0; i < list->count; i++) {
		if (!engine_target_alive(engine, method, i))
			dead |= 1ULL << i;
	}
	count = (unsigned)__builtin_popcountll(dead);
	text_add(t, "%s targets: %u of %u answer", list->method->name, list->count - count,
	         list->count);
	if (count == 0)
		return 0;
	text_add(t, "; nobody is answered by ");
	targets_name(t, list, dead);
	return count;
}

void report_table(const struct report_names *names, const struct engine *engine, uint64_t now,
                  void (*writer)(const char *line))
{
	writer("prefix                       tier state set  srtt ms loss flaps  method "
	       "answers/probes evidence  last failure");
	for (uint32_t i = 0; i < names->file->count; i++)
		row_write(names, engine, i, now, writer);
	for (unsigned m = 0; m < names->targets->methods; m++) {
		char line[LINE_MAX];
		struct text t = text_in(line, sizeof(line));
		report_targets(&t, names, engine, m, now);
		writer(line);
	}
}
