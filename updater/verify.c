/*
 * BIND as a server: asked over UDP which prefixes it serves. It asks only the one address that it
 * was connected to at the start, and decides nothing.
 */
#include "verify.h"

#include "units.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* In a cache the TTL has gone down by then. */
#define TTL_FALLS_US (2 * SECOND_US)

int verify_open(struct verify *v, const struct sockaddr_storage *address, const char *server,
                struct log_problem *problem)
{
	socklen_t length = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
	                                                  : sizeof(struct sockaddr_in);

	*v = (struct verify){.server = server};
	v->fd = socket(address->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (v->fd >= 0 && connect(v->fd, (const struct sockaddr *)address, length) == 0)
		return 0;
	int error = -errno;
	log_problem(problem, LOG_ERR, "cannot ask BIND at %s: %s (see --verify and --no-verify)",
	            server, strerror(-error));
	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
	return error;
}

void verify_ask(struct verify *v)
{
	uint8_t question[ANSWER_QUESTION_LENGTH];

	/* libc's getrandom() may map memory. */
	if (!v->waits && syscall(SYS_getrandom, &v->id, sizeof(v->id), 0) != (long)sizeof(v->id))
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

enum verify_result verify_read(struct verify *v, struct answer *answer, uint64_t now_us)
{
	/* One byte more than an answer may have, so that a longer one is seen to be longer. */
	uint8_t message[ANSWER_MAX + 1];
	struct answer read_now;
	ssize_t got = read(v->fd, message, sizeof(message));

	if (got < 0) {
		v->error = errno == EAGAIN || errno == EINTR ? v->error : errno;
		return VERIFY_NOTHING;
	}
	answer_parse(&read_now, message, (size_t)got, v->id);
	if (!v->waits || read_now.kind == ANSWER_IGNORED)
		return VERIFY_NOTHING;
	*answer = read_now;
	v->waits = false;
	v->error = 0;
	if (answer->kind == ANSWER_PREFIXES)
		return is_cached(v, answer, now_us) ? VERIFY_CACHED : VERIFY_PREFIXES;
	/*
	 * BIND may be told to synthesize for recursive questions only; but before it has its first
	 * dns64 block it looks elsewhere for them, and remembers a failure for a second.
	 */
	v->recurses = !v->recurses;
	return VERIFY_NONE;
}

void verify_explain(const struct verify *v, const struct answer *answer, struct text *why)
{
	const char *rcode = answer_rcode_name(answer->rcode);

	switch (answer->kind) {
	case ANSWER_IGNORED:
		text_add(why, v->error ? "nothing answers at %s: %s" : "BIND does not answer at %s",
		         v->server, strerror(v->error));
		return;
	case ANSWER_PREFIXES:
		text_add(why,
		         "what answers at %s is a cache, or BIND forwards ipv4only.arpa; name an "
		         "address of BIND itself with --verify",
		         v->server);
		return;
	case ANSWER_PLAIN:
		text_add(why,
		         "BIND at %s shows no prefix for ipv4only.arpa: it has loaded no dns64 "
		         "block, or its \"mapped\" leaves 192.0.0.170 out, or \"clients\" or a "
		         "view leaves localhost out",
		         v->server);
		return;
	case ANSWER_FAILED:
		text_add(why, "BIND at %s answers %s for ipv4only.arpa", v->server,
		         rcode ? rcode : "with an error");
		return;
	case ANSWER_CUT:
		text_add(why, "the answer of BIND at %s does not fit a datagram", v->server);
		return;
	}
}
