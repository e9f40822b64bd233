/*
 * BIND as a server: asked over UDP which prefixes it serves. It asks only the one address that it
 * was connected to at the start, and decides nothing.
 */
#ifndef NAT64HEALTH_VERIFY_H
#define NAT64HEALTH_VERIFY_H

#include "answer.h"
#include "reason.h"

#include <sys/socket.h>

struct verify {
	const char *server; /* for messages */
	int fd;             /* becomes readable when an answer or an error is there */
	uint16_t id;        /* of the last question */
	bool recursed;      /* the last question was for other servers, too */
};

/* server must outlive *v. Returns 0, or -1 with reason written. */
int verify_open(struct verify *v, const struct sockaddr_storage *address, const char *server,
                char reason[REASON_MAX]);

/* Sends a question. A failure shows as no answer. */
void verify_ask(struct verify *v);

enum verify_result {
	VERIFY_NOTHING,  /* nothing came that answers the last question */
	VERIFY_PREFIXES, /* answer->prefixes, and perhaps more, are served */
	VERIFY_NO_SHOW,  /* an answer that shows no prefix: reason says what may be the cause */
	VERIFY_NO_SERVER /* nobody is there: reason says so */
};

/* Reads what has come, without waiting. */
enum verify_result verify_read(struct verify *v, struct answer *answer, char reason[REASON_MAX]);

#endif
