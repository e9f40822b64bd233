/*
 * The command line of nat64-monitor: read, checked, and turned into numbers.
 * It opens nothing; whether the files and the user exist is found out later.
 */
#include "options.h"

#include "command_line.h"
#include "log.h"
#include "number.h"
#include "units.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

enum {
	OPT_SLACK = COMMAND_LINE_LONG_ONLY,
	OPT_HEARTBEAT,
	OPT_METRICS,
	OPT_STATUS,
	OPT_ONCE,
	OPT_CHECK,
};

static const struct option option_table[] = {
	{"target", required_argument, NULL, 't'},
	{"interval", required_argument, NULL, 'i'},
	{"source", required_argument, NULL, 's'},
	{"count", required_argument, NULL, 'c'},
	{"slack", required_argument, NULL, OPT_SLACK},
	{"heartbeat", required_argument, NULL, OPT_HEARTBEAT},
	{"user", required_argument, NULL, 'u'},
	{"metrics", required_argument, NULL, OPT_METRICS},
	{"status", required_argument, NULL, OPT_STATUS},
	{"once", no_argument, NULL, OPT_ONCE},
	{"check", no_argument, NULL, OPT_CHECK},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static const char usage[] =
	"usage: nat64-monitor [options] PREFIXES                       sets on standard output\n"
	"       nat64-monitor [options] PREFIXES -- COMMAND [ARG...]   COMMAND reads the sets\n"
	"\n"
	"Probes the NAT64 prefixes listed in the file PREFIXES, and keeps choosing the best.\n"
	"\n"
	"  -t, --target [METHOD:]ADDR[:PORT]  an IPv4 host to reach through each prefix, by dns\n"
	"                            (UDP), tcp or icmp; without METHOD, dns and tcp; repeatable\n"
	"                            (the 13 root name servers, and 1.1.1.1, 8.8.8.8, 9.9.9.9)\n"
	"  -i, --interval SECONDS    between routine probes of a prefix by a method (2)\n"
	"  -s, --source ADDR         IPv6 address to probe from (the system's choice)\n"
	"  -c, --count MIN-MAX       how many prefixes a set holds (2-3)\n"
	"      --slack MS            how much slower than the fastest one beyond MIN may be (50)\n"
	"      --heartbeat SECONDS   repeat the set in force this often (60)\n"
	"  -u, --user NAME           when started as root, become NAME first (" DEFAULT_USER ")\n"
	"      --metrics FILE        keep Prometheus metrics in FILE, replaced every 10 s\n"
	"      --status FILE         keep the table of what is known in FILE, replaced every "
	"second\n"
	"      --once                probe for some seconds, print a table and one set, exit\n"
	"      --check               print what would run, and which steps of the installation\n"
	"                            are missing; nat64-update tells of BIND's side; exit\n"
	"  -v, --verbose             say more; twice: much more\n"
	"  -h, --help, -V, --version\n"
	"\n"
	"TERM and INT end it, HUP reads PREFIXES again, USR1 logs the table.\n"
	"Exit status: 0 ended as asked, 1 failed, 2 usage or a bad file.\n"
	"--check: 0 nothing is missing, 1 something is.\n";

static const char *source_parse(struct sockaddr_in6 *source, const char *text)
{
	struct in6_addr addr;

	if (inet_pton(AF_INET6, text, &addr) != 1 || IN6_IS_ADDR_UNSPECIFIED(&addr) ||
	    IN6_IS_ADDR_MULTICAST(&addr))
		return "is not an IPv6 address of this host";
	*source = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = addr};
	return NULL;
}

static const char *slack_parse(uint32_t *slack_us, const char *text)
{
	unsigned ms;

	if (number_parse(&ms, text, 60000) < 0)
		return "is not a slack; expected 0 to 60000 milliseconds";
	*slack_us = (uint32_t)(ms * MS_US);
	return NULL;
}

/* Returns NULL, or what is wrong with the value. */
static const char *option_set(void *options, int option, const char *value)
{
	struct options *o = options;

	switch (option) {
	case 't':
		return targets_add(&o->targets, value);
	case 'i':
		return seconds_parse(&o->interval_us, value, 0.1, 3600) == 0
		               ? NULL
		               : "is not an interval; expected 0.1 to 3600 seconds";
	case 's':
		return source_parse(&o->source, value);
	case 'c':
		return set_size_parse(&o->size, value) == 0
		               ? NULL
		               : "is not a count; expected MIN-MAX, as in 2-3, within 1 to 8";
	case OPT_SLACK:
		return slack_parse(&o->slack_us, value);
	case OPT_HEARTBEAT:
		return seconds_parse(&o->heartbeat_us, value, 1, 86400) == 0
		               ? NULL
		               : "is not a heartbeat; expected 1 to 86400 seconds";
	case OPT_METRICS:
		o->metrics = value;
		return *value ? NULL : "is not a file name";
	case OPT_STATUS:
		o->status = value;
		return *value ? NULL : "is not a file name";
	case 'u':
		o->user = value;
		return *value ? NULL : "is not a user name";
	case OPT_ONCE:
		o->mode = MODE_ONCE;
		return NULL;
	default:
		o->mode = MODE_CHECK;
		return NULL;
	}
}

/* The words before "--" are ours, those behind it are COMMAND's. */
static int own_words(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return i;
	}
	return argc;
}

/* Takes the words that are no options: PREFIXES, and COMMAND behind the "--" at own. */
static int operands_take(struct options *o, int first, int own, int argc, char **argv)
{
	if (own == first) {
		log_error("the PREFIXES file is missing (see nat64-monitor --help)");
		return -EINVAL;
	}
	if (own - first > 1) {
		log_error("\"%s\" is one word too many; expected one PREFIXES file, and COMMAND "
		          "behind \"--\"",
		          argv[first + 1]);
		return -EINVAL;
	}
	o->prefixes = argv[first];
	if (own + 1 == argc) {
		log_error("COMMAND is missing behind \"--\"");
		return -EINVAL;
	}
	o->command = own < argc ? argv + own + 1 : NULL;
	return 0;
}

/* --once prints its set and ends: nothing that lasts goes with it. */
static int mode_check(const struct options *o)
{
	if (o->mode != MODE_ONCE)
		return 0;
	if (!o->command && !o->metrics && !o->status)
		return 0;
	log_error("\"--once\" prints its set and ends; it takes no COMMAND, --metrics or --status");
	return -EINVAL;
}

int options_parse(struct options *o, int argc, char **argv)
{
	const struct command_line line = {
		.program = "nat64-monitor",
		.help = usage,
		.table = option_table,
		.take = option_set,
	};
	int own = own_words(argc, argv);

	*o = (struct options){
		.user = DEFAULT_USER,
		.interval_us = 2 * SECOND_US,
		.heartbeat_us = MINUTE_US,
		.slack_us = 50 * MS_US,
		.size = {2, 3},
	};
	int first = command_line_read(&line, own, argv, o);
	if (first == COMMAND_LINE_DONE) {
		o->mode = MODE_END;
		return 0;
	}
	if (first < 0)
		return first;
	int result = operands_take(o, first, own, argc, argv);
	if (result == 0)
		result = mode_check(o);
	if (result == 0 && o->targets.methods == 0)
		targets_add_default(&o->targets);
	return result;
}
