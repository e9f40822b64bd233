/*
 * BIND as a server: asked over UDP which prefixes it serves. It asks only the one address that it
 * was connected to at the start, and decides nothing.
 */
#ifndef NAT64HEALTH_VERIFY_H
#define NAT64HEALTH_VERIFY_H

#include "answer.h"
#include "log.h"
#include "text.h"

#include <sys/socket.h>

struct verify {
	const char *server; /* for messages */
	int fd;             /* becomes readable when an answer or an error is there */
	uint16_t id;        /* of the question */
	bool waits;         /* for its answer */
	bool recurses;      /* the question is for other servers, too */
	int error;          /* of the last question: errno, 0 for none */
	/* Of addresses in answers: the longest TTL, and the last one with its time. */
	uint32_t ttl_max, ttl;
	uint64_t ttl_us;
};

/* server must outlive *v. Returns 0, or a negative errno after what is wrong was logged. */
int verify_open(struct verify *v, const struct sockaddr_storage *address, const char *server,
                struct log_problem *problem);

/* Sends the question, again if it waits for its answer. A failure shows as no answer. */
void verify_ask(struct verify *v);

enum verify_result {
	VERIFY_NOTHING,  /* nothing came that answers the question */
	VERIFY_PREFIXES, /* answer->prefixes are served */
	VERIFY_NONE,     /* an answer that shows no prefix */
	VERIFY_CACHED,   /* a cache's answer: answer->prefixes may be those of before */
};

/* Reads what has come, without waiting. */
enum verify_result verify_read(struct verify *v, struct answer *answer, uint64_t now_us);

/* Why nothing can be seen in an answer, and what to do. */
void verify_explain(const struct verify *v, const struct answer *answer, struct text *why);

#endif
