/*
 * Words for single things: targets, times, and what is wrong. It judges nothing.
 */
#include "words.h"

#include "text.h"
#include "units.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define TARGETS_NAMED_MAX 4 /* in one message; the rest are counted */

const char *words_targets(const struct target_list *list, uint64_t bits, char words[WORDS_MAX])
{
	struct text t = text_in(words, WORDS_MAX);
	char name[TARGET_STRLEN];
	int named = 0, all = __builtin_popcountll(bits);

	for (unsigned i = 0; i < list->count && named < TARGETS_NAMED_MAX; i++) {
		if (bits >> i & 1)
			text_add(&t, "%s%s", named++ ? ", " : "",
			         target_format(&list->targets[i], name));
	}
	if (all > named)
		text_add(&t, " and %d more", all - named);
	return words;
}

const char *words_age(uint64_t age_us, char words[WORDS_MAX])
{
	struct text t = text_in(words, WORDS_MAX);
	unsigned long long s = age_us / SECOND_US;

	if (s < 60)
		text_add(&t, "%llus", s);
	else if (s < 3600)
		text_add(&t, "%llum%02llus", s / 60, s % 60);
	else if (s < 86400)
		text_add(&t, "%lluh%02llum", s / 3600, s / 60 % 60);
	else
		text_add(&t, "%llud%02lluh", s / 86400, s / 3600 % 24);
	return words;
}

/*
 * Not gmtime(): libc would open the file of the time zone for it. The days are counted from March,
 * so that a leap day is the last of its year (Hinnant, chrono-compatible date algorithms).
 */
const char *words_time(uint64_t wall_us, char words[WORDS_MAX])
{
	struct text t = text_in(words, WORDS_MAX);
	uint64_t s = wall_us / SECOND_US, days = s / 86400 + 719468;
	uint64_t era = days / 146097, day = days % 146097;
	uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;

	day -= 365 * year + year / 4 - year / 100;
	uint64_t month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	year += era * 400 + (month <= 2);
	text_add(&t, "%04u-%02u-%02u %02u:%02u:%02u", (unsigned)year, (unsigned)month,
	         (unsigned)day + 1, (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60),
	         (unsigned)(s % 60));
	return words;
}

const char *words_failure(const struct view *view, const struct verdict *v, char words[WORDS_MAX])
{
	const struct target_list *list = &view->options->targets.lists[v->method];
	const char *method = list->method->name;
	struct text t = text_in(words, WORDS_MAX);
	char targets[WORDS_MAX];

	words_targets(list, v->targets, targets);
	if (v->cause == CAUSE_LOSS)
		text_add(&t, "loses %.0f%% of %s probes, others %.0f%%", v->loss * 100, method,
		         v->common_loss * 100);
	else if (v->cause == CAUSE_TARGETS)
		text_add(&t, "%d of %u %s targets lost: %s", __builtin_popcountll(v->targets),
		         list->count, method, targets);
	else if (v->failure == FAILURE_RESET)
		text_add(&t, "%s resets in place of answers from %s", method, targets);
	else if (v->failure == FAILURE_ICMP)
		text_add(&t, "ICMP errors in place of %s answers from %s", method, targets);
	else if (v->failure == FAILURE_LOCAL)
		text_add(&t, "no way there from this host: no %s answer from %s", method, targets);
	else
		text_add(&t, "no %s answer from %s", method, targets);
	return words;
}

const char *words_silence(const char *method, char words[WORDS_MAX])
{
	struct text t = text_in(words, WORDS_MAX);

	text_add(&t,
	         "no %s probe is answered through any prefix, while others are: is it filtered on "
	         "the way? The other methods decide; for targets that answer, name others with "
	         "-t %s:ADDRESS%s",
	         method, method, strcmp(method, "tcp") == 0 ? ":443" : "");
	return words;
}

const char *words_lack(const struct view *view, char words[WORDS_MAX])
{
	struct text t = text_in(words, WORDS_MAX);
	const struct sockets *s = view->sockets;
	char source[INET6_ADDRSTRLEN];

	if (s->error == EADDRNOTAVAIL && s->source)
		text_add(&t, "the address %s of --source is not on this host",
		         inet_ntop(AF_INET6, &s->source->sin6_addr, source, sizeof(source)));
	else
		text_add(&t, "%s", strerror(s->error));
	if (s->error == EMFILE)
		text_add(&t, " (at most %zu: ulimit -n, or LimitNOFILE= of the unit)", s->max);
	return words;
}
