/*
 * Any bytes as what comes back to a probe of the dns method: it counts as an answer exactly when an
 * independent look at id, QR, opcode, count and question says that it is one.
 */
#include "fuzz.h"
#include "probe/probe.h"

#include <sys/socket.h>
#include <unistd.h>

enum { COOKIE = 0x00c05a17 }; /* its lower half is the id of the seeds */

static bool is_answer(const uint8_t *message, size_t length, uint32_t cookie)
{
	static const uint8_t question[] = {0 /* the root */, 0, 6 /* SOA */, 0, 1 /* IN */};
	const unsigned id = length >= 2 ? message[0] * 256U + message[1] : 0;

	if (length < 12 + sizeof(question) || id != (cookie & 0xffff))
		return false;
	for (size_t i = 0; i < sizeof(question); i++) {
		if (message[12 + i] != question[i])
			return false;
	}
	return message[2] >> 7 == 1 && (message[2] >> 3 & 0xf) == 0 && message[4] == 0 &&
	       message[5] == 1;
}

static void message_check(const int ends[2], const uint8_t *message, size_t length, uint32_t cookie)
{
	CHECK(send(ends[0], message, length, 0) == (ssize_t)length);
	enum probe_outcome outcome = probe_dns.receive(ends[1], cookie);
	CHECK(outcome == (is_answer(message, length, cookie) ? PROBE_ANSWERED : PROBE_WAIT));
	CHECK(probe_dns.receive(ends[1], cookie) == PROBE_WAIT); /* there is no more */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ends[2] = {-1, -1};

	if (ends[0] < 0)
		CHECK(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	message_check(ends, data, size, COOKIE);
	message_check(ends, data, size, COOKIE ^ 1);
	message_check(ends, data, size, COOKIE ^ 0x100);
	return 0;
}
