/*
 * BIND as a server: asked over UDP which prefixes it serves. It asks only the one address that it
 * was connected to at the start, and decides nothing.
 */
#pragma once

#include "answer.h"
#include "log.h"

#include <sys/socket.h>

#define VERIFY_WORDS_MAX 256

struct verify {
	const char *server; /* for messages */
	int fd;             /* becomes readable when an answer or an error is there */
	uint16_t id;        /* of the question */
	bool waits;         /* for its answer */
	bool recurses;      /* the question is for other servers, too */
	unsigned nones;     /* answers in a row that show no prefix */
	int error;          /* errno of the last question, 0 for none */
	int rcode;          /* of the last answer */
	/* Of addresses in answers: the longest TTL, and the last one with its time. */
	uint32_t ttl_max, ttl;
	uint64_t ttl_us;
};

/* server must outlive *v. Returns 0, or a negative errno after what is wrong was logged. */
int verify_open(struct verify *v, const struct sockaddr_storage *address, const char *server,
                struct log_problem *problem);

/* Sends the question, again if it waits for its answer. A failure shows as no answer. */
void verify_ask(struct verify *v);

/* Reads what has come, without waiting. Returns true if it answers the question. */
bool verify_read(struct verify *v, struct answer *answer, uint64_t now_us);

/* Why such an answer shows nothing (so not of ANSWER_PREFIXES), and what to do; returns words. */
const char *verify_explain(const struct verify *v, enum answer_kind kind,
                           char words[VERIFY_WORDS_MAX]);
