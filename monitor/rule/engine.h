/*
 * Health and choice together: from outcomes of probes to the set in force. Pure: the prober and the
 * simulator drive the same object code, one with sockets and a clock, the other without.
 */
#ifndef NAT64HEALTH_ENGINE_H
#define NAT64HEALTH_ENGINE_H

#include "choice.h"
#include "health.h"
#include "prefix_file.h"

struct engine_config {
	const struct prefix_file *file; /* copied from, not kept */
	unsigned methods;
	unsigned targets[HEALTH_METHODS_MAX];
	uint64_t retransmit_us[HEALTH_METHODS_MAX];
	uint64_t interval_us;
	struct set_size size;
	uint32_t slack_us;
	size_t flights; /* see health_config */
	uint64_t now_us;
};

/* Why a prefix went down last; when, says health_prefix_failed_us(). */
struct engine_failure_record {
	unsigned method;
	uint64_t targets; /* a bit for each that counted; 0: it never went down */
};

struct engine {
	struct health *health; /* ask it for probes, and tell it their outcomes */
	struct choice choice;
	struct choice_candidate *candidates; /* one a prefix, in the order of the file */
	struct engine_failure_record *failures;      /* likewise */
	size_t count;
	uint64_t reviewed_us;
};

/* Returns 0 or -ENOMEM. */
int engine_init(struct engine *engine, const struct engine_config *config);
void engine_free(struct engine *engine);

/* Takes over what old knew of prefix "as", and its place in the set. Call right after engine_init.
 */
void engine_adopt(struct engine *engine, uint32_t prefix, const struct engine *old, uint32_t as);

/*
 * Call after outcomes were told and time went by. Hands each verdict to the listener (may be NULL),
 * and returns true if the set changed.
 */
bool engine_review(struct engine *engine, uint64_t now_us,
                  void (*listener)(void *context, const struct health_verdict *verdict),
                  void *context);

/* When engine_review, or health_next, has something to do again. */
uint64_t engine_due(const struct engine *engine, uint64_t now_us);

#endif
