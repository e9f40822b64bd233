/*
 * The command line of nat64-monitor: read, checked, and turned into numbers.
 * It opens nothing; whether the files and the user exist is found out later.
 */
#include "options.h"

#include "log.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_SLACK = 256,
	OPT_HEARTBEAT,
	OPT_METRICS,
	OPT_STATUS,
	OPT_ONCE,
	OPT_CHECK,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
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
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
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
	"                            (default: the 13 root name servers, port 53)\n"
	"  -i, --interval SECONDS    between routine probes of a prefix by a method (2)\n"
	"  -s, --source ADDR         IPv6 address to probe from (the system's choice)\n"
	"  -c, --count MIN-MAX       how many prefixes a set holds (2-3)\n"
	"      --slack MS            how much slower than the fastest one beyond MIN may be (50)\n"
	"      --heartbeat SECONDS   repeat the set in force this often (60)\n"
	"  -u, --user NAME           when started as root, become NAME first (bind)\n"
	"      --metrics FILE        keep Prometheus metrics in FILE, replaced every 10 s\n"
	"      --status FILE         keep a table of how it is in FILE, replaced every second:\n"
	"                            watch -n 1 cat FILE\n"
	"      --once                probe for some seconds, print a table and one set, exit\n"
	"      --check               print what would run, and which steps of the installation\n"
	"                            are missing; nat64-update tells of BIND's side; exit\n"
	"  -v, --verbose             say more; twice: much more\n"
	"      --help, --version\n"
	"\n"
	"TERM and INT end it, HUP reads PREFIXES again, USR1 logs the table.\n"
	"Exit status: 0 ended as asked, 1 failed, 2 usage or a bad file.\n"
	"--check: 0 nothing is missing, 1 something is.\n";

/* A decimal number, fractions allowed, of seconds; 0 if it is none or out of bounds. */
static uint64_t seconds_parse(const char *text, double least, double most)
{
	char *end;

	if (*text == '\0' || strspn(text, "0123456789.") != strlen(text))
		return 0;
	double seconds = strtod(text, &end);
	if (*end != '\0' || seconds < least || seconds > most)
		return 0;
	return (uint64_t)llround(seconds * 1e6);
}

/* Milliseconds, a whole number of up to a minute; -1 if it is none. */
static int64_t slack_parse(const char *text)
{
	size_t length = strlen(text);

	if (length == 0 || length > 5 || strspn(text, "0123456789") != length)
		return -1;
	long ms = strtol(text, NULL, 10);
	return ms <= 60000 ? ms * 1000 : -1;
}

static const char *source_parse(struct sockaddr_in6 *source, const char *text)
{
	struct in6_addr addr;

	if (inet_pton(AF_INET6, text, &addr) != 1 || IN6_IS_ADDR_UNSPECIFIED(&addr) ||
	    IN6_IS_ADDR_MULTICAST(&addr))
		return "is not an IPv6 address of this host";
	*source = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_addr = addr};
	return NULL;
}

/* Returns NULL, or what is wrong with the value. */
static const char *value_parse(struct options *o, int option, const char *value)
{
	int64_t slack;

	switch (option) {
	case 't':
		return targets_add(&o->targets, value);
	case 'i':
		o->interval_us = seconds_parse(value, 0.1, 3600);
		return o->interval_us ? NULL : "is not an interval; expected 0.1 to 3600 seconds";
	case 's':
		return source_parse(&o->source, value);
	case 'c':
		return set_size_parse(&o->size, value) == 0
		               ? NULL
		               : "is not a count; expected MIN-MAX, as in 2-3, within 1 to 8";
	case OPT_SLACK:
		slack = slack_parse(value);
		o->slack_us = slack < 0 ? 0 : (uint32_t)slack;
		return slack >= 0 ? NULL : "is not a slack; expected 0 to 60000 milliseconds";
	case OPT_HEARTBEAT:
		o->heartbeat_us = seconds_parse(value, 1, 86400);
		return o->heartbeat_us ? NULL : "is not a heartbeat; expected 1 to 86400 seconds";
	case OPT_METRICS:
		o->metrics = value;
		return *value ? NULL : "is not a file name";
	case OPT_STATUS:
		o->status = value;
		return *value ? NULL : "is not a file name";
	case 'u':
		o->user = value;
		return *value ? NULL : "is not a user name";
	default:
		return "is unknown";
	}
}

static void flag_set(struct options *o, int option)
{
	switch (option) {
	case OPT_ONCE:
		o->mode = MODE_ONCE;
		return;
	case OPT_CHECK:
		o->mode = MODE_CHECK;
		return;
	case OPT_HELP:
		fputs(usage, stdout);
		o->mode = MODE_END;
		return;
	case OPT_VERSION:
		puts("nat64-monitor " VERSION);
		o->mode = MODE_END;
		return;
	default:
		o->verbose++;
	}
}

static int words_parse(struct options *o, int argc, char **argv)
{
	int option;

	opterr = 0;
	while (o->mode != MODE_END &&
	       (option = getopt_long(argc, argv, ":t:i:s:c:u:v", long_options, NULL)) != -1) {
		if (option == '?' && optopt > 0 && optopt < OPT_SLACK) {
			log_error("unknown option \"-%c\"; see nat64-monitor --help", optopt);
			return -1;
		}
		if (option == '?') {
			log_error("unknown option \"%s\"; see nat64-monitor --help",
			          argv[optind - 1]);
			return -1;
		}
		if (option == ':') {
			log_error("option \"%s\" needs a value; see nat64-monitor --help",
			          argv[optind - 1]);
			return -1;
		}
		if (!optarg) {
			flag_set(o, option);
			continue;
		}
		const char *wrong = value_parse(o, option, optarg);
		if (wrong) {
			log_error("\"%s\" %s", optarg, wrong);
			return -1;
		}
	}
	return 0;
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

int options_parse(struct options *o, int argc, char **argv)
{
	int own = own_words(argc, argv);

	*o = (struct options){
		.user = "bind",
		.interval_us = 2000000,
		.heartbeat_us = 60000000,
		.slack_us = 50000,
		.size = {2, 3},
	};
	if (words_parse(o, own, argv) < 0)
		return -1;
	if (o->mode == MODE_END)
		return 0;
	if (own - optind != 1) {
		if (own > optind)
			log_error("\"%s\" is one word too many; expected one PREFIXES file, and "
			          "COMMAND "
			          "behind \"--\"",
			          argv[optind + 1]);
		else
			log_error("the PREFIXES file is missing; see nat64-monitor --help");
		return -1;
	}
	o->prefixes = argv[optind];
	if (own < argc && own + 1 == argc) {
		log_error("COMMAND is missing behind \"--\"");
		return -1;
	}
	if (own < argc)
		o->command = argv + own + 1;
	if (o->command && o->mode == MODE_ONCE) {
		log_error("\"--once\" prints its set; it takes no COMMAND");
		return -1;
	}
	if ((o->metrics || o->status) && o->mode == MODE_ONCE) {
		log_error("\"%s\" is for a monitor that runs on, and tells others its sets",
		          o->metrics ? "--metrics" : "--status");
		return -1;
	}
	if (o->targets.methods == 0)
		targets_add_default(&o->targets);
	return 0;
}
