/*
 * The targets: IPv4 hosts to reach through each prefix, by method.
 */
#pragma once

#include "prefix.h"
#include "probe.h"
#include "rule/engine.h"

#define TARGET_STRLEN (sizeof("255.255.255.255:65535"))

struct target {
	struct in_addr addr;
	in_port_t port; /* host order; 0 where the method has none */
};

/* One probe method with its targets. */
struct target_list {
	const struct probe_method *method;
	struct target targets[TARGETS_MAX];
	unsigned count;
};

struct targets {
	struct target_list lists[METHODS_MAX];
	unsigned methods; /* lists in use, each with at least one target */
};

/*
 * Adds "[METHOD:]ADDR[:PORT]"; without METHOD it is a dns and a tcp target.
 * Returns NULL, or what is wrong with it.
 */
const char *targets_add(struct targets *targets, const char *text);

/* The 13 root name servers by dns and tcp, and three public resolvers by dns and tcp port 443. */
void targets_add_default(struct targets *targets);

/*
 * Whether the target is in private or reserved space, which 64:ff9b::/96 must not stand for (RFC
 * 6052, section 3.1): translators drop it.
 */
bool target_is_private(const struct target *target);

/* Prints "ADDR:PORT", or "ADDR" for a method without ports; returns buf. */
const char *target_format(const struct target *target, char buf[TARGET_STRLEN]);

/* The socket address of the target behind the prefix. */
struct sockaddr_in6 target_behind(const struct target *target, const struct prefix *prefix);
