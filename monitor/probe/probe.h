/*
 * A probe: one question through one prefix to one target, in a flow of its own. A method is a file
 * that fills one struct; the prober knows no more of it.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum probe_outcome {
	PROBE_WAIT,     /* nothing that counts has come yet */
	PROBE_ANSWERED, /* the target was reached */
	PROBE_RESET,    /* refused: a TCP reset, or port unreachable */
	PROBE_ICMP,     /* another ICMP error */
};

struct probe_method {
	const char *name;
	in_port_t port;  /* of a target that names none, host order; 0: the method has no ports */
	uint32_t events; /* of epoll, that tell of an answer */
	uint32_t retransmit_us; /* after which the system sends a probe again; 0: never */

	/*
	 * Sends a probe from a new socket, bound to from unless that is NULL. cookie is random and
	 * returns in the answer. Returns the socket, or a negative errno: see probe_is_shortage.
	 */
	int (*send)(const struct sockaddr_in6 *to, const struct sockaddr_in6 *from,
	            uint32_t cookie);

	/* Reads what the socket has. An answer that may be forged is PROBE_WAIT. */
	enum probe_outcome (*receive)(int fd, uint32_t cookie);
};

extern const struct probe_method probe_dns;  /* UDP query for ". SOA" (RFC 1035) */
extern const struct probe_method probe_tcp;  /* connect: a SYN-ACK is the answer */
extern const struct probe_method probe_icmp; /* echo (RFC 4443), where the system permits it */

/* The method of that name (length bytes), or NULL. */
const struct probe_method *probe_method_find(const char *name, size_t length);

/*
 * Whether an error of sending is a shortage of this host's: of descriptors, memory or ports, which
 * every probe needs. Any other error says that there is no way to this address: no route, one that
 * is a blackhole, no source address, a firewall.
 */
bool probe_is_shortage(int error);

/* 0 if an echo socket can be had, else a negative errno. */
int probe_icmp_permitted(void);

/* --- for the methods ------------------------------------------------------------------------ */

/*
 * A non-blocking socket of the type and protocol, bound and connected, with ICMP errors reported;
 * bytes are sent from it unless they are NULL. Returns it, or a negative errno. A connection that
 * is under way is no error.
 */
int probe_socket(int type, int protocol, const struct sockaddr_in6 *to,
                 const struct sockaddr_in6 *from, const void *bytes, size_t length);

/* What an error of a socket, an errno, says of its probe. */
enum probe_outcome probe_outcome_of(int error);
