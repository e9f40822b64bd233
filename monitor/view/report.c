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
	log_warning("%s is down: no %s answer from %s, which answered other prefixes (last: %s)",
	            prefix, list->method->name, failed,
	            prefix_format(&names->file->entries[v->witness].prefix, witness));
}

static void set_name(struct text *t, const struct prefix_set *set)
{
	char prefix[PREFIX_STRLEN];

	for (size_t i = 0; i < set->count; i++)
		text_add(t, "%s%s", i ? " " : "", prefix_format(&set->prefixes[i], prefix));
}

struct prefix_set report_set_chosen(const struct report_names *names, const struct engine *engine)
{
	const struct choice *choice = &engine->choice;
	struct prefix_set set = {.count = choice->count};

	for (size_t i = 0; i < choice->count; i++)
		set.prefixes[i] = names->file->entries[choice->members[i]].prefix;
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

static unsigned set_worst_tier(const struct engine *engine)
{
	unsigned worst = 0;

	for (size_t i = 0; i < engine->choice.count; i++) {
		unsigned tier = engine->candidates[engine->choice.members[i]].tier;
		if (tier > worst)
			worst = tier;
	}
	return worst;
}

/* Why a prefix that was in the set is out of it. */
static const char *leaving_name(const struct report_names *names, const struct engine *engine,
                                const struct prefix *prefix)
{
	uint32_t i = prefix_find(names->file, prefix);

	if (i == names->file->count)
		return "is not listed any more";
	if (names->file->entries[i].drain)
		return "is drained";
	if (health_prefix_state(engine->health, i) != HEALTH_UP)
		return "is down";
	if (health_prefix_doubtful(engine->health, i))
		return "does not answer just now";
	if (names->file->entries[i].tier > set_worst_tier(engine))
		return "is of a tier that is not needed";
	return "is slower";
}

void report_set(const struct report_names *names, const struct engine *engine,
                const struct prefix_set *set, const struct prefix_set *before)
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
			         leaving_name(names, engine, &before->prefixes[i]));
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

/* After a start, and after a reload, there is nothing to say before all were judged. */
static enum report_supply supply_of(const struct engine *engine, enum report_supply was)
{
	const struct choice *choice = &engine->choice;

	if (choice->healthy >= choice->config.size.min)
		return REPORT_ENOUGH;
	if (choice->count == 0)
		return health_settled(engine->health) ? REPORT_NO_SET : was;
	return choice->healthy > 0 ? REPORT_SHORT : REPORT_NONE;
}

enum report_supply report_supply(const struct engine *engine, enum report_supply was)
{
	size_t healthy = engine->choice.healthy, all = engine->count;
	unsigned min = engine->choice.config.size.min;
	enum report_supply supply = supply_of(engine, was);

	if (supply == was)
		return supply;
	switch (supply) {
	case REPORT_ENOUGH:
		log_notice("%zu of %zu prefixes healthy again", healthy, all);
		break;
	case REPORT_SHORT:
		log_warning("%zu of %zu prefixes healthy, fewer than %u: filled up with those that "
		            "failed last",
		            healthy, all, min);
		break;
	case REPORT_NONE:
		log_error("%zu of %zu prefixes healthy, fewer than %u: the set in force stays",
		          healthy, all, min);
		break;
	case REPORT_NO_SET:
		log_error("%zu of %zu prefixes healthy, fewer than %u: no set goes out", healthy,
		          all, min);
		break;
	}
	return supply;
}

void report_hour(struct report_hour *hour, const struct report_names *names,
                 const struct engine *engine, const struct counters *counters, uint64_t now)
{
	const struct counters *then = &hour->then;
	const struct prefix_set set = report_set_chosen(names, engine);
	char words[LINE_MAX];
	struct text t = text_in(words, sizeof(words));

	if (now - hour->since_us < HOUR_US)
		return;
	set_name(&t, &set);
	log_notice("in the last hour: %llu probes, %llu answered, %llu times a prefix up or down, "
	           "%llu changes of the set; %zu of %zu prefixes healthy; set: %s",
	           (unsigned long long)(counters->probes - then->probes),
	           (unsigned long long)(counters->answers - then->answers),
	           (unsigned long long)(counters->ups - then->ups + counters->downs - then->downs),
	           (unsigned long long)(counters->set_changes - then->set_changes),
	           engine->choice.healthy, engine->count, set.count > 0 ? words : "none yet");
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

static enum report_state state_read(const struct prefix_entry *entry, const struct health *health,
                                    uint32_t prefix)
{
	enum health_state state = health_prefix_state(health, prefix);

	if (entry->drain)
		return REPORT_DRAIN;
	if (state == HEALTH_NEW)
		return REPORT_NEW;
	if (state == HEALTH_DOWN)
		return REPORT_DOWN;
	return health_prefix_doubtful(health, prefix) ? REPORT_DOUBT : REPORT_UP;
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

static void blocks_add(struct text *t, const struct report_names *names, const struct engine *engine,
                       uint32_t prefix)
{
	for (unsigned m = 0; m < names->targets->methods; m++) {
		const struct target_list *list = &names->targets->lists[m];
		uint64_t blocking = 0;

		for (unsigned i = 0; i < list->count; i++) {
			if (health_target_alive(engine->health, m, i) &&
			    health_target_blocks(engine->health, prefix, m, i))
				blocking |= 1ULL << i;
		}
		if (blocking == 0)
			continue;
		text_add(t, "%s%s blocked by ", t->used ? "; " : "", list->method->name);
		targets_name(t, list, blocking);
	}
}

static void trouble_read(struct text *t, const struct report_names *names,
                         const struct engine *engine, uint32_t prefix, uint64_t now)
{
	const struct engine_failure_record *failure = &engine->failures[prefix];
	int targets = __builtin_popcountll(failure->targets);

	if (targets > 0) {
		age_add(t, now - health_prefix_failed_us(engine->health, prefix));
		text_add(t, " ago: no %s from %d target%s",
		         names->targets->lists[failure->method].method->name, targets,
		         targets == 1 ? "" : "s");
	}
	blocks_add(t, names, engine, prefix);
}

void report_row_read(struct report_row *row, const struct report_names *names,
                     const struct engine *engine, uint32_t prefix, uint64_t now)
{
	const struct prefix_entry *entry = &names->file->entries[prefix];
	struct text trouble;

	*row = (struct report_row){
		.state = state_read(entry, engine->health, prefix),
		.tier = entry->tier,
		.in_set = choice_holds(&engine->choice, prefix),
		.srtt_us = health_prefix_srtt_us(engine->health, prefix),
		.flaps = health_prefix_flaps(engine->health, prefix, now),
	};
	prefix_format(&entry->prefix, row->prefix);
	for (unsigned m = 0; m < names->targets->methods; m++) {
		struct health_channel c;
		health_channel_read(engine->health, prefix, m, &c);
		row->answers += c.answers;
		row->failures += c.failures;
	}
	trouble = text_in(row->trouble, sizeof(row->trouble));
	trouble_read(&trouble, names, engine, prefix, now);
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
		struct health_channel c;
		health_channel_read(engine->health, i, m, &c);
		text_add(&t, "  %s %llu/%llu %.1f", names->targets->lists[m].method->name,
		         (unsigned long long)c.answers, (unsigned long long)c.probes, c.evidence);
	}
	if (row.trouble[0])
		text_add(&t, "  %s", row.trouble);
	writer(line);
}

unsigned report_targets(struct text *t, const struct report_names *names, const struct engine *engine,
                        unsigned method, uint64_t now)
{
	const struct target_list *list = &names->targets->lists[method];
	uint64_t dead = 0;
	unsigned count;

	if (health_silence_us(engine->health, method, now) > 0) {
		text_add(t, "%s targets: none of %u answers", list->method->name, list->count);
		return list->count;
	}
	for (unsigned i = 0; i < list->count; i++) {
		if (!health_target_alive(engine->health, method, i))
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
	for (uint32_t i = 0; i < engine->count; i++)
		row_write(names, engine, i, now, writer);
	for (unsigned m = 0; m < names->targets->methods; m++) {
		char line[LINE_MAX];
		struct text t = text_in(line, sizeof(line));
		report_targets(&t, names, engine, m, now);
		writer(line);
	}
}
