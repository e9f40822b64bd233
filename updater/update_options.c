/*
 * The updater's command line: words in, a struct out. It opens and prints nothing.
 */
#include "update_options.h"

#include "render.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_VERIFY "::1#53"

const char update_options_help[] =
	"usage: nat64-update [options]\n"
	"\n"
	"Reads sets of NAT64 prefixes on stdin, a set a line: PREFIX PREFIX [PREFIX].\n"
	"Writes each as dns64 blocks for BIND, has BIND load them, and asks it what it serves.\n"
	"\n"
	"  -o, --output FILE         what to write (" DEFAULT_OUTPUT ")\n"
	"  -p, --pid-file FILE       BIND's (" DEFAULT_PID_FILE ")\n"
	"  -a, --allow FILE          refuse a set with a prefix that is not in this prefix file;\n"
	"                            the others of the file are written for reverse lookups only\n"
	"  -c, --count MIN-MAX       sizes of a set (2-3)\n"
	"      --options FILE        have BIND include FILE in every active dns64 block\n"
	"      --verify ADDR[#PORT]  where to ask BIND what it serves (" DEFAULT_VERIFY ")\n"
	"      --no-verify           do not ask\n"
	"      --no-signal           only write\n"
	"  -n, --dry-run             print the file on stdout, touch nothing\n"
	"      --check               say which steps of the installation are missing, and exit\n"
	"  -u, --user NAME           as root, become NAME first (" DEFAULT_USER ")\n"
	"      --metrics FILE        keep numbers in FILE, in Prometheus's text format\n"
	"  -v                        more messages\n"
	"      --help, --version\n"
	"\n"
	"HUP reads the --allow file again, USR1 logs the state, TERM and INT end it.\n"
	"Status: 0 the last set is in force (--check: nothing is missing), 1 it is not, 2 wrong "
	"usage.\n";

enum long_only {
	OPT_INCLUDE = 256,
	OPT_VERIFY,
	OPT_NO_VERIFY,
	OPT_NO_SIGNAL,
	OPT_METRICS,
	OPT_CHECK,
	OPT_HELP,
	OPT_VERSION
};

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"pid-file", required_argument, NULL, 'p'},
	{"allow", required_argument, NULL, 'a'},
	{"count", required_argument, NULL, 'c'},
	{"options", required_argument, NULL, OPT_INCLUDE},
	{"verify", required_argument, NULL, OPT_VERIFY},
	{"no-verify", no_argument, NULL, OPT_NO_VERIFY},
	{"no-signal", no_argument, NULL, OPT_NO_SIGNAL},
	{"dry-run", no_argument, NULL, 'n'},
	{"check", no_argument, NULL, OPT_CHECK},
	{"user", required_argument, NULL, 'u'},
	{"metrics", required_argument, NULL, OPT_METRICS},
	{"help", no_argument, NULL, OPT_HELP},
	{"version", no_argument, NULL, OPT_VERSION},
	{0},
};

/* "ADDR", "ADDR#PORT": IPv4 or IPv6, as dig and named.conf write it. */
static bool endpoint_parse(struct sockaddr_storage *out, const char *text)
{
	char addr[INET6_ADDRSTRLEN];
	const char *hash = strchr(text, '#');
	size_t length = hash ? (size_t)(hash - text) : strlen(text);
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	unsigned long port = 53;

	if (length >= sizeof(addr))
		return false;
	memcpy(addr, text, length);
	addr[length] = '\0';
	if (hash) {
		size_t digits = strspn(hash + 1, "0123456789");
		if (digits == 0 || digits > 5 || hash[1 + digits] != '\0')
			return false;
		port = strtoul(hash + 1, NULL, 10);
	}
	if (port < 1 || port > 65535)
		return false;

	v4.sin_port = v6.sin6_port = htons((uint16_t)port);
	*out = (struct sockaddr_storage){0};
	if (inet_pton(AF_INET6, addr, &v6.sin6_addr) == 1)
		memcpy(out, &v6, sizeof(v6));
	else if (inet_pton(AF_INET, addr, &v4.sin_addr) == 1)
		memcpy(out, &v4, sizeof(v4));
	else
		return false;
	return true;
}

/* Returns NULL, or what would be right. */
static const char *argument_take(struct update_options *o, int option, const char *argument)
{
	switch (option) {
	case 'o':
		o->output = argument;
		return NULL;
	case 'p':
		o->pid_file = argument;
		return NULL;
	case 'a':
		o->allow = argument;
		return NULL;
	case 'u':
		o->user = argument;
		return NULL;
	case 'c':
		if (set_size_parse(&o->size, argument) == 0)
			return NULL;
		return "expected MIN-MAX, like 2-3, of at least 1 and at most 8";
	case OPT_METRICS:
		o->metrics = argument;
		return NULL;
	case OPT_INCLUDE:
		o->include = argument;
		if (render_path_ok(argument))
			return NULL;
		return "expected an absolute path without quotes, backslashes or control "
		       "characters";
	case OPT_VERIFY:
		o->verify_name = argument;
		o->verifies = o->verify_required = true;
		if (endpoint_parse(&o->verify, argument))
			return NULL;
		return "expected ADDRESS or ADDRESS#PORT";
	}
	return NULL;
}

static void flag_take(struct update_options *o, int option)
{
	switch (option) {
	case 'n':
		o->dry_run = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case OPT_NO_VERIFY:
		o->verifies = o->verify_required = false;
		break;
	case OPT_NO_SIGNAL:
		o->signals = false;
		break;
	case OPT_CHECK:
		o->check = true;
		break;
	case OPT_HELP:
		o->help = true;
		break;
	case OPT_VERSION:
		o->version = true;
		break;
	}
}

static void option_blame(int result, const char *word, char reason[REASON_MAX])
{
	const char letter[] = {'-', (char)optopt, '\0'};
	bool is_letter = optopt > 0 && optopt < OPT_INCLUDE;
	bool is_long = strncmp(word, "--", 2) == 0 && (result == ':' || strchr(word, '='));

	/* Inside a group of letters, getopt has not yet moved on to this word. */
	if (is_letter && !is_long)
		word = letter;
	reason_set(reason, "%s %s (try --help)",
	           result == ':' ? "an argument is missing after" : "cannot use the option", word);
}

static int options_check(struct update_options *o, int argc, char **argv, char reason[REASON_MAX])
{
	if (optind < argc)
		return reason_set(reason,
		                  "unexpected argument \"%s\": sets are read on stdin (try --help)",
		                  argv[optind]);
	if (!o->signals && o->verify_required)
		return reason_set(reason, "--verify and --no-signal exclude each other");
	if (o->dry_run) {
		o->signals = false;
		o->metrics = NULL;
	}
	if (!o->signals)
		o->verifies = false;
	return 0;
}

int update_options_parse(struct update_options *o, int argc, char **argv, char reason[REASON_MAX])
{
	int option;

	*o = (struct update_options){
		.output = DEFAULT_OUTPUT,
		.pid_file = DEFAULT_PID_FILE,
		.user = DEFAULT_USER,
		.size = {2, 3},
		.verify_name = DEFAULT_VERIFY,
		.verifies = true,
		.signals = true,
	};
	endpoint_parse(&o->verify, DEFAULT_VERIFY);

	optind = 0; /* glibc: start anew */
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:o:p:a:c:u:nv", long_options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			option_blame(option, argv[optind - 1], reason);
			return -1;
		}
		const char *wrong = argument_take(o, option, optarg);
		if (wrong) {
			return reason_set(reason, "\"%s\": %s", optarg, wrong);
		}
		flag_take(o, option);
	}
	return options_check(o, argc, argv, reason);
}
