/*
 * BIND as a server: asked over UDP which prefixes it serves. It asks only the one address that it
 * was connected to at the start, and decides nothing.
 */
#include "verify.h"

#include "random.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

int verify_open(struct verify *v, const struct sockaddr_storage *address, const char *server,
                char reason[REASON_MAX])
{
	socklen_t length = address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
	                                                  : sizeof(struct sockaddr_in);

	*v = (struct verify){.server = server, .recursed = true};
	v->fd = socket(address->ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (v->fd >= 0 && connect(v->fd, (const struct sockaddr *)address, length) == 0)
		return 0;
	reason_set(reason, "cannot ask BIND at %s: %s (see --verify)", server, strerror(errno));
	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
	return -1;
}

void verify_ask(struct verify *v)
{
	uint8_t question[ANSWER_QUESTION_LENGTH];

	if (v->fd < 0 || random_fill(&v->id, sizeof(v->id)) != 0)
		return;
	/*
	 * In turn. BIND may be told to synthesize for recursive questions only; but before it has
	 * its first dns64 block it looks elsewhere for them, and remembers a failure for a second.
	 */
	v->recursed = !v->recursed;
	answer_question(question, v->id, v->recursed);
	/* The error of an earlier question may be waiting; it is reported in place of sending. */
	if (write(v->fd, question, sizeof(question)) < 0 && errno == ECONNREFUSED &&
	    write(v->fd, question, sizeof(question)) < 0)
		return;
}

static enum verify_result answer_judge(const struct verify *v, const struct answer *answer,
                                       char reason[REASON_MAX])
{
	const char *rcode = answer_rcode_name(answer->rcode);

	switch (answer->kind) {
	case ANSWER_IGNORED:
		return VERIFY_NOTHING;
	case ANSWER_PREFIXES:
		return VERIFY_PREFIXES;
	case ANSWER_PLAIN:
		reason_set(
			reason,
			"BIND at %s synthesizes nothing for us: it has loaded no dns64 block, or "
			"\"clients\", \"mapped\" or a view leaves us out",
			v->server);
		return VERIFY_NO_SHOW;
	case ANSWER_FAILED:
		reason_set(reason, "BIND at %s answers %s for ipv4only.arpa", v->server,
		           rcode ? rcode : "with an error");
		return VERIFY_NO_SHOW;
	case ANSWER_CUT:
		reason_set(reason, "the answer of BIND at %s does not fit a datagram", v->server);
		return VERIFY_NO_SHOW;
	}
	return VERIFY_NOTHING;
}

enum verify_result verify_read(struct verify *v, struct answer *answer, char reason[REASON_MAX])
{
	/* One byte more than an answer may have, so that a longer one is seen to be longer. */
	uint8_t message[ANSWER_MAX + 1];
	ssize_t got = read(v->fd, message, sizeof(message));

	if (got >= 0) {
		answer_parse(answer, message, (size_t)got, v->id);
		return answer_judge(v, answer, reason);
	}
	if (errno == EAGAIN || errno == EINTR)
		return VERIFY_NOTHING;
	reason_set(reason, "nothing answers at %s: %s", v->server, strerror(errno));
	return VERIFY_NO_SERVER;
}
