/*
 * What is told to people about prefixes: verdicts, sets, and the table.
 */
#ifndef NAT64HEALTH_REPORT_H
#define NAT64HEALTH_REPORT_H

#include "counters.h"
#include "prefix_file.h"
#include "probe/targets.h"
#include "rule/engine.h"
#include "set_line.h"
#include "text.h"

/* Everything that has a name in a message. */
struct report_names {
	const struct prefix_file *file;
	const struct targets *targets;
	unsigned set_min;
};

/* What the hour's line counts from. */
struct report_hour {
	uint64_t since_us;
	struct counters then;
};

/* Logs why a prefix went up (notice) or down (warning). */
void report_verdict(const struct report_names *names, const struct verdict *verdict);

/* The set that was chosen, by its prefixes; count 0: none yet. */
struct prefix_set report_set_chosen(const struct report_names *names, const struct engine *engine);

/* Logs the new set, the one before (count 0: none), and why prefixes of that are out. */
void report_set(const struct report_names *names, const struct engine *engine,
                const struct prefix_set *set, const struct prefix_set *before, uint64_t now_us);

/* Logs that nobody answers any more (error), or that answers come again (notice). */
void report_silence(bool silent);

/* Says that nobody is answered by one method, while another is; or that it is over. */
void report_method_silence(const char *method, bool silent);

/* Returns how it is, and logs it if it is not as it was. */
enum engine_supply report_supply(const struct report_names *names, const struct engine *engine,
                                 uint64_t now_us, enum engine_supply was);

/* Once an hour has gone by, logs what was counted in it, and begins the next. */
void report_hour(struct report_hour *hour, const struct report_names *names,
                 const struct engine *engine, const struct counters *counters, uint64_t now_us);

/* Tells each line of the table to the writer, without a newline. */
void report_table(const struct report_names *names, const struct engine *engine, uint64_t now_us,
                  void (*writer)(const char *line));

enum report_state {
	REPORT_NEW, /* not judged yet */
	REPORT_UP,
	REPORT_DOUBT, /* up, but its last probes were lost */
	REPORT_DOWN,
	REPORT_DRAIN, /* never chosen, whether up or down */
};

#define REPORT_TROUBLE_MAX 160

/* What there is to say of one prefix, in the table and on the screen. */
struct report_row {
	char prefix[PREFIX_STRLEN];
	enum report_state state;
	unsigned tier;
	bool in_set;
	uint32_t srtt_us;                 /* 0: never answered */
	uint64_t answers, failures;       /* since the start */
	unsigned flaps;                   /* within the last hour */
	char trouble[REPORT_TROUBLE_MAX]; /* when it failed last and why, who blocks it; or empty */
};

void report_row_read(struct report_row *row, const struct report_names *names,
                     const struct engine *engine, uint32_t prefix, uint64_t now_us);

const char *report_state_name(enum report_state state);

/* The share of failures in percent, as "3%"; "-" if there was no probe yet. */
void report_loss(struct text *text, uint64_t answers, uint64_t failures);

/* Tells how many of the method's targets answer, and which do not; returns how many those are. */
unsigned report_targets(struct text *text, const struct report_names *names,
                        const struct engine *engine, unsigned method, uint64_t now_us);

#endif
