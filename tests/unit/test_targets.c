/* Targets: how they are written, and the address that stands for one behind a prefix. */
#include "unit.h"

#include "probe/targets.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static struct targets targets;

static int targets_clear(void **state)
{
	targets = (struct targets){.methods = 0};
	return 0;
}

static const char *target_words(unsigned method, unsigned target)
{
	static char text[TARGET_STRLEN];

	return target_format(&targets.lists[method].targets[target], text);
}

TEST_THAT(without_a_method_it_is_a_dns_and_a_tcp_target)
{
	assert_null(targets_add(&targets, "192.0.2.1"));
	assert_int_equal(targets.methods, 2);
	assert_ptr_equal(targets.lists[0].method, &probe_dns);
	assert_ptr_equal(targets.lists[1].method, &probe_tcp);
	assert_string_equal(target_words(1, 0), "192.0.2.1:53");
}

TEST_THAT(method_and_port_are_read)
{
	assert_null(targets_add(&targets, "tcp:192.0.2.1:443"));
	assert_null(targets_add(&targets, "dns:192.0.2.1:5353"));
	assert_null(targets_add(&targets, "icmp:192.0.2.1"));
	assert_null(targets_add(&targets, "tcp:192.0.2.2"));
	assert_int_equal(targets.methods, 3);
	assert_int_equal(targets.lists[0].count, 2);
	assert_string_equal(target_words(0, 0), "192.0.2.1:443");
	assert_string_equal(target_words(0, 1), "192.0.2.2:53");
	assert_string_equal(target_words(2, 0), "192.0.2.1");
}

TEST_THAT(wrong_targets_are_refused_with_the_reason)
{
	static const struct {
		const char *text, *because;
	} cases[] = {
		{"", "is not a target"},
		{"hello", "is not a target"},
		{"1111:2222:3333:4444:5555:6666:7777:8888", "is not a target"},
		{"www.a-name-that-is-rather-long.example", "is not a target"},
		{"198.051.100.101", "is not a target"},
		{"198.151.100.1011", "is not a target"},
		{"http:192.0.2.1", "is not a target"},
		{"dns:", "is not a target"},
		{"2001:db8::1", "is not a target"},
		{"192.0.2.256", "is not a target"},
		{"192.0.2.1:0", "bad port"},
		{"192.0.2.1:65536", "bad port"},
		{"192.0.2.1:", "bad port"},
		{"192.0.2.1:53x", "bad port"},
		{"icmp:192.0.2.1:53", "knows none"},
		{"0.0.0.0", "not an IPv4 host"},
		{"127.0.0.1", "not an IPv4 host"},
		{"224.0.0.1", "not an IPv4 host"},
		{"255.255.255.255", "not an IPv4 host"},
		{"192.0.2.1", "is given twice"},
		{"tcp:192.0.2.1:53", "is given twice"},
	};

	assert_null(targets_add(&targets, "192.0.2.1"));
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *wrong = targets_add(&targets, cases[i].text);
		if (!wrong || !strstr(wrong, cases[i].because))
			fail_msg("%s: %s", cases[i].text, wrong ? wrong : "accepted");
	}
	assert_null(targets_add(&targets, "tcp:192.0.2.1:54"));
}

TEST_THAT(targets_of_a_method_are_bounded)
{
	char text[32];

	for (unsigned i = 0; i < TARGETS_MAX; i++) {
		snprintf(text, sizeof(text), "dns:192.0.2.%u", i);
		assert_null(targets_add(&targets, text));
	}
	assert_non_null(strstr(targets_add(&targets, "dns:198.51.100.1"), "too many"));
	assert_int_equal(targets.lists[0].count, TARGETS_MAX);
}

TEST_THAT(the_default_lies_in_both_halves_of_ipv4_and_not_all_on_port_53)
{
	targets_add_default(&targets);
	assert_int_equal(targets.methods, 2);
	for (unsigned m = 0; m < 2; m++) {
		const struct target_list *list = &targets.lists[m];
		unsigned lower = 0, others = 0;
		for (unsigned i = 0; i < list->count; i++) {
			lower += ntohl(list->targets[i].addr.s_addr) < 0x80000000;
			others += list->targets[i].port != 53;
			assert_false(target_is_private(&list->targets[i]));
		}
		assert_int_equal(list->count, 16);
		assert_int_equal(lower, 3);
		assert_int_equal(others, list->method == &probe_tcp ? 3 : 0);
	}
}

TEST_THAT(private_targets_are_known)
{
	static const char *const private[] = {"10.0.0.1",       "100.64.0.1",     "169.254.1.1",
	                                      "172.16.0.1",     "172.31.255.255", "192.0.0.170",
	                                      "192.0.2.1",      "192.88.99.1",    "192.168.1.1",
	                                      "198.19.255.255", "198.51.100.1",   "203.0.113.9"};
	static const char *const global[] = {"9.255.255.255", "100.128.0.1", "172.32.0.1",
	                                     "192.0.1.1",     "192.169.0.1", "198.20.0.1"};

	for (size_t i = 0; i < COUNT(private); i++)
		assert_null(targets_add(&targets, private[i]));
	for (size_t i = 0; i < COUNT(global); i++)
		assert_null(targets_add(&targets, global[i]));
	for (unsigned i = 0; i < targets.lists[0].count; i++)
		assert_int_equal(target_is_private(&targets.lists[0].targets[i]),
		                 i < COUNT(private));
}

TEST_THAT(a_target_behind_a_prefix_is_its_embedded_address)
{
	struct prefix prefix;
	char text[INET6_ADDRSTRLEN];

	assert_null(targets_add(&targets, "dns:192.0.2.33:5353"));
	assert_int_equal(prefix_parse(&prefix, "2001:db8:122:344::/64"), PREFIX_OK);
	struct sockaddr_in6 to = target_behind(&targets.lists[0].targets[0], &prefix);
	inet_ntop(AF_INET6, &to.sin6_addr, text, sizeof(text));
	assert_string_equal(text, "2001:db8:122:344:c0:2:2100:0");
	assert_int_equal(ntohs(to.sin6_port), 5353);
}

RUN_TESTS(targets_clear, NULL)
