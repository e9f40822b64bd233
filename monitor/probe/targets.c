/*
 * The targets: IPv4 hosts to reach through each prefix, by method.
 */
#include "targets.h"

#include "number.h"
#include "units.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/*
 * A.ROOT-SERVERS.NET to M.ROOT-SERVERS.NET: InterNIC's named.root as last changed on 2024-04-18,
 * and the same list in BIND 9.18.49; compared on 2026-11-23. They are operated to be asked by
 * anyone, from networks all over, by 12 organizations that do not fail together. Then Cloudflare's,
 * Google's and Quad9's resolvers, offered to everyone: in the lower half of IPv4, where no root
 * server is, and by TCP on a port that no network's DNS proxy answers in their place.
 */
static const char *const defaults[] = {
	"198.41.0.4",   "170.247.170.2",   "192.33.4.12",   "199.7.91.13",     "192.203.230.10",
	"192.5.5.241",  "192.112.36.4",    "198.97.190.53", "192.36.148.17",   "192.58.128.30",
	"193.0.14.129", "199.7.83.42",     "202.12.27.33",  "dns:1.1.1.1",     "tcp:1.1.1.1:443",
	"dns:8.8.8.8",  "tcp:8.8.8.8:443", "dns:9.9.9.9",   "tcp:9.9.9.9:443",
};

/* RFC 5735, section 3, as RFC 6052 refers to it, and RFC 6598's space behind carriers' NAT. */
static const struct {
	uint32_t addr;
	unsigned len;
} private_ranges[] = {
	{0x0a000000, 8},  {0x64400000, 10}, {0xa9fe0000, 16}, {0xac100000, 12},
	{0xc0000000, 24}, {0xc0000200, 24}, {0xc0586300, 24}, {0xc0a80000, 16},
	{0xc6120000, 15}, {0xc6336400, 24}, {0xcb007100, 24},
};

static const char *target_append(struct targets *targets, const struct probe_method *method,
                                 struct target target)
{
	struct target_list *list = targets->lists;

	while (list < targets->lists + targets->methods && list->method != method)
		list++;
	if (list == targets->lists + targets->methods)
		targets->methods++;
	list->method = method;
	if (target.port == 0)
		target.port = method->port;
	for (unsigned i = 0; i < list->count; i++) {
		if (list->targets[i].addr.s_addr == target.addr.s_addr &&
		    list->targets[i].port == target.port)
			return "is given twice";
	}
	if (list->count == TARGETS_MAX)
		return "is one target too many; at most 64 a method";
	list->targets[list->count++] = target;
	return NULL;
}

static bool is_host(struct in_addr addr)
{
	uint32_t first = ntohl(addr.s_addr) >> 24;

	return first != 0 && first != 127 && first < 224;
}

const char *targets_add(struct targets *targets, const char *text)
{
	char addr[INET_ADDRSTRLEN + 1]; /* one that is cut is still too long */
	const struct probe_method *method = NULL;
	struct target target;
	unsigned port = 0;

	size_t length = strcspn(text, ":");
	if (text[length] == ':' && (method = probe_method_find(text, length)))
		text += length + 1;
	length = strcspn(text, ":");
	snprintf(addr, sizeof(addr), "%.*s", (int)length, text);
	if (inet_pton(AF_INET, addr, &target.addr) != 1)
		return "is not a target; expected [METHOD:]IPV4-ADDRESS[:PORT], METHOD dns, tcp or "
		       "icmp";
	if (!is_host(target.addr))
		return "is not an IPv4 host that can be reached through NAT64";
	if (text[length] == ':' &&
	    (number_parse(&port, text + length + 1, UINT16_MAX) < 0 || port == 0))
		return "has a bad port; expected 1 to 65535";
	if (method && method->port == 0 && port != 0)
		return "has a port, but its method knows none";
	target.port = (in_port_t)port;
	if (method)
		return target_append(targets, method, target);

	const char *wrong = target_append(targets, &probe_dns, target);
	return wrong ? wrong : target_append(targets, &probe_tcp, target);
}

void targets_add_default(struct targets *targets)
{
	for (size_t i = 0; i < COUNT(defaults); i++)
		targets_add(targets, defaults[i]);
}

bool target_is_private(const struct target *target)
{
	uint32_t addr = ntohl(target->addr.s_addr);

	for (size_t i = 0; i < COUNT(private_ranges); i++) {
		uint32_t mask = UINT32_MAX << (32 - private_ranges[i].len);
		if ((addr & mask) == private_ranges[i].addr)
			return true;
	}
	return false;
}

const char *target_format(const struct target *target, char buf[TARGET_STRLEN])
{
	char addr[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &target->addr, addr, sizeof(addr));
	snprintf(buf, TARGET_STRLEN, target->port != 0 ? "%s:%u" : "%s", addr,
	         (unsigned)target->port);
	return buf;
}

struct sockaddr_in6 target_behind(const struct target *target, const struct prefix *prefix)
{
	return (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_port = htons(target->port),
		.sin6_addr = prefix_embed(prefix, target->addr),
	};
}
