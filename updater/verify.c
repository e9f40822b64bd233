/* BIND as a server. It asks only the address that it was connected to at the start. */
#include "verify.h"

#include "random.h"
#include "text.h"
#include "units.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* In a cache the TTL has gone down by then. */
#define TTL_FALLS_US (2 * SECOND_US)

/* So many answers without a prefix, and it is asked in another way. */
#define NONES_PLENTY 4

int verify_open(struct verify *v, const struct sockaddr_storage *address, const char *server,
                struct log_problem *problem)
{
	*v = (struct verify){.server = server};
	v->fd = socket(address->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (v->fd >= 0 && connect(v->fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return 0;
	int error = log_failure(problem, -errno,
	                        "cannot ask BIND at %s: %s (see --verify and --no-verify)", server,
	                        strerror(errno));
	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
	return error;
}

void verify_ask(struct verify *v)
{
	uint8_t question[ANSWER_QUESTION_LENGTH];

	if (!v->waits && random_fill(&v->id, sizeof(v->id)) != 0)
		return;
	v->waits = true;
	answer_question(question, v->id, v->recurses);
	/* The error of an earlier question may be waiting; it is reported in place of sending. */
	if (write(v->fd, question, sizeof(question)) < 0 && errno == ECONNREFUSED &&
	    write(v->fd, question, sizeof(question)) < 0)
		v->error = errno;
}

/* A cache counts a TTL down; what another one that stays came from is a zone that was changed. */
static bool is_cached(struct verify *v, const struct answer *answer, uint64_t now_us)
{
	bool steady = answer->ttl == v->ttl && now_us >= v->ttl_us + TTL_FALLS_US;

	if (answer->ttl != v->ttl || steady) {
		v->ttl = answer->ttl;
		v->ttl_us = now_us;
	}
	if (answer->authoritative && (answer->ttl >= v->ttl_max || steady))
		v->ttl_max = answer->ttl;
	return !answer->authoritative || answer->ttl < v->ttl_max;
}

bool verify_read(struct verify *v, struct answer *answer, uint64_t now_us)
{
	/* One byte more than an answer may have, so that a longer one is seen to be longer. */
	uint8_t message[ANSWER_MAX + 1];
	struct answer seen;
	ssize_t got = read(v->fd, message, sizeof(message));

	if (got < 0) {
		v->error = errno == EAGAIN || errno == EINTR ? v->error : errno;
		return false;
	}
	answer_parse(&seen, message, (size_t)got, v->id);
	if (!v->waits || seen.kind == ANSWER_IGNORED)
		return false;
	v->waits = false;
	v->error = 0;
	v->rcode = seen.rcode;
	v->nones = seen.kind == ANSWER_PREFIXES ? 0 : v->nones + 1;
	/*
	 * BIND may be told to synthesize for recursive questions only. But while it has no dns64
	 * block it looks elsewhere for them, and remembers for a second that it failed.
	 */
	if (v->nones > 0)
		v->recurses = seen.authoritative ? !v->recurses : v->nones % NONES_PLENTY == 0;
	if (seen.kind == ANSWER_PREFIXES && is_cached(v, &seen, now_us))
		seen.kind = ANSWER_CACHED;
	*answer = seen;
	return true;
}

const char *verify_explain(const struct verify *v, enum answer_kind kind,
                           char words[VERIFY_WORDS_MAX])
{
	static const char *const what[] = {
		[ANSWER_IGNORED] = "does not answer",
		[ANSWER_CACHED] = "is a cache, or BIND forwards ipv4only.arpa; name an address of "
				  "BIND itself with --verify",
		[ANSWER_PLAIN] =
			"shows no prefix for ipv4only.arpa: it has loaded no dns64 block, "
			"or its \"mapped\" leaves 192.0.0.170 out, or \"clients\" or a view "
			"leaves localhost out",
		[ANSWER_FAILED] = "answers the question for ipv4only.arpa with an error, rcode ",
		[ANSWER_CUT] = "gives an answer that does not fit a datagram",
	};
	struct text text = text_in(words, VERIFY_WORDS_MAX);

	text_add(&text, "%s %s %s", kind == ANSWER_CACHED ? "what answers at" : "BIND at",
	         v->server, what[kind]);
	if (kind == ANSWER_FAILED)
		text_add(&text, "%d", v->rcode);
	if (kind == ANSWER_IGNORED && v->error)
		text_add(&text, ": %s", strerror(v->error));
	return words;
}
