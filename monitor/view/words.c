/*
 * Words for single things: targets, sets, ages, and what is wrong with a prefix. It judges nothing.
 */
#include "words.h"

#include "units.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define TARGETS_NAMED_MAX 4 /* in one message; the rest are counted */

void words_targets(struct text *t, const struct target_list *list, uint64_t bits)
{
	char name[TARGET_STRLEN];
	int named = 0, all = __builtin_popcountll(bits);

	for (unsigned i = 0; i < list->count && named < TARGETS_NAMED_MAX; i++) {
		if (bits >> i & 1)
			text_add(t, "%s%s", named++ ? ", " : "",
			         target_format(&list->targets[i], name));
	}
	if (all > named)
		text_add(t, " and %d more", all - named);
}

void words_set(struct text *t, const struct prefix_set *set)
{
	char prefix[PREFIX_STRLEN];

	for (size_t i = 0; i < set->count; i++)
		text_add(t, "%s%s", i ? " " : "", prefix_format(&set->prefixes[i], prefix));
}

void words_age(struct text *t, uint64_t age_us)
{
	unsigned long long s = age_us / SECOND_US;

	if (s < 60)
		text_add(t, "%llus", s);
	else if (s < 3600)
		text_add(t, "%llum%02llus", s / 60, s % 60);
	else if (s < 86400)
		text_add(t, "%lluh%02llum", s / 3600, s / 60 % 60);
	else
		text_add(t, "%llud%02lluh", s / 86400, s / 3600 % 24);
}

/*
 * Not gmtime(): libc would open the file of the time zone for it. The days are counted from March,
 * so that a leap day is the last of its year (Hinnant, chrono-compatible date algorithms).
 */
char *words_time(char words[WORDS_TIME_MAX], uint64_t wall_us)
{
	uint64_t s = wall_us / SECOND_US, days = s / 86400 + 719468;
	uint64_t era = days / 146097, day = days % 146097;
	uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;

	day -= 365 * year + year / 4 - year / 100;
	uint64_t month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	struct text t = text_in(words, WORDS_TIME_MAX);
	text_add(&t, "%04u-%02u-%02u %02u:%02u:%02u", (unsigned)year, (unsigned)month,
	         (unsigned)day + 1, (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60),
	         (unsigned)(s % 60));
	return words;
}

/* What was seen in place of answers. */
static void outcome_add(struct text *t, enum probe_failure failure, const char *method)
{
	if (failure == FAILURE_RESET)
		text_add(t, "%s resets in place of answers", method);
	else if (failure == FAILURE_ICMP)
		text_add(t, "ICMP errors in place of %s answers", method);
	else if (failure == FAILURE_LOCAL)
		text_add(t, "no way there from this host: no %s answer", method);
	else
		text_add(t, "no %s answer", method);
	text_add(t, " from ");
}

void words_failure(struct text *t, const struct view *view, const struct verdict *v)
{
	const struct target_list *list = &view->options->targets.lists[v->method];
	const char *method = list->method->name;

	if (v->cause == CAUSE_LOSS) {
		text_add(t, "loses %.0f%% of %s probes, others %.0f%%", v->loss * 100, method,
		         v->common_loss * 100);
		return;
	}
	if (v->cause == CAUSE_TARGETS)
		text_add(t, "%d of %u %s targets lost: ", __builtin_popcountll(v->targets),
		         list->count, method);
	else
		outcome_add(t, v->failure, method);
	words_targets(t, list, v->targets);
}

void words_silence(struct text *text, const char *method)
{
	text_add(text,
	         "no %s probe is answered through any prefix, while others are: is it filtered on "
	         "the way? The other methods decide; for targets that answer, name others with "
	         "-t %s:ADDRESS%s",
	         method, method, strcmp(method, "tcp") == 0 ? ":443" : "");
}

void words_lack(struct text *t, const struct view *view)
{
	char source[INET6_ADDRSTRLEN];
	int error = view->sockets->error;

	if (error == EADDRNOTAVAIL && view->sockets->source)
		text_add(t, "the address %s of --source is not on this host",
		         inet_ntop(AF_INET6, &view->sockets->source->sin6_addr, source,
		                   sizeof(source)));
	else
		text_add(t, "%s", strerror(error));
	if (error == EMFILE)
		text_add(t, " (at most %zu: ulimit -n, or LimitNOFILE= of the unit)",
		         view->sockets->max);
}
