/* The updater's command line. It opens nothing. */
#include "update_options.h"

#include "command_line.h"
#include "log.h"
#include "number.h"
#include "render.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_VERIFY "::1#53"
#define TIMEOUT_MAX_S  86400

static const char help[] =
	"usage: nat64-update [options]\n"
	"\n"
	"Reads sets of NAT64 prefixes on stdin, a set a line: PREFIX PREFIX [PREFIX].\n"
	"Writes each as dns64 blocks for BIND, has BIND reload, and asks it what it serves.\n"
	"\n"
	"  -o, --output FILE         what to write (" DEFAULT_OUTPUT ")\n"
	"  -p, --pid-file FILE       BIND's (" DEFAULT_PID_FILE ")\n"
	"  -a, --allow FILE          refuse a set with a prefix that is not in this prefix file;\n"
	"                            the others of the file are written for reverse lookups only\n"
	"  -c, --count MIN-MAX       sizes of a set (2-3)\n"
	"      --options FILE        have BIND include FILE in every active dns64 block; the path\n"
	"                            is as BIND sees it\n"
	"      --verify ADDR[#PORT]  where to ask BIND what it serves (" DEFAULT_VERIFY ")\n"
	"      --no-verify           do not ask\n"
	"      --no-signal           something else has BIND reload when the file is replaced\n"
	"      --timeout SECONDS     at the end of input, wait so long for the last set (10)\n"
	"  -n, --dry-run             print the file on stdout, touch nothing\n"
	"      --check               say which steps of the installation are missing, and exit\n"
	"  -u, --user NAME           as root, become NAME first (" DEFAULT_USER ")\n"
	"      --metrics FILE        keep numbers in FILE, in Prometheus's text format\n"
	"  -v, --verbose             say more\n"
	"  -h, --help, -V, --version\n"
	"\n"
	"TERM, INT and HUP end it.\n"
	"Exit status: 0 the last set is in force (--check: nothing is missing), 1 it is not,\n"
	"2 usage or a bad file.\n";

enum {
	OPT_INCLUDE = COMMAND_LINE_LONG_ONLY,
	OPT_VERIFY,
	OPT_NO_VERIFY,
	OPT_NO_SIGNAL,
	OPT_TIMEOUT,
	OPT_METRICS,
	OPT_CHECK,
};

static const struct option update_table[] = {
	{"output", required_argument, NULL, 'o'},
	{"pid-file", required_argument, NULL, 'p'},
	{"allow", required_argument, NULL, 'a'},
	{"count", required_argument, NULL, 'c'},
	{"options", required_argument, NULL, OPT_INCLUDE},
	{"verify", required_argument, NULL, OPT_VERIFY},
	{"no-verify", no_argument, NULL, OPT_NO_VERIFY},
	{"no-signal", no_argument, NULL, OPT_NO_SIGNAL},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"dry-run", no_argument, NULL, 'n'},
	{"check", no_argument, NULL, OPT_CHECK},
	{"user", required_argument, NULL, 'u'},
	{"metrics", required_argument, NULL, OPT_METRICS},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

/* "ADDR", "ADDR#PORT": IPv4 or IPv6, as dig and named.conf write it. */
static bool endpoint_parse(struct sockaddr_storage *out, const char *text)
{
	char addr[INET6_ADDRSTRLEN];
	size_t length = strcspn(text, "#");
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	unsigned port = 53;

	if (text[length] && number_parse(&port, text + length + 1, 65535) < 0)
		return false;
	if (length >= sizeof(addr) || port == 0)
		return false;
	snprintf(addr, sizeof(addr), "%.*s", (int)length, text);
	*out = (struct sockaddr_storage){.ss_family = strchr(addr, ':') ? AF_INET6 : AF_INET};
	if (out->ss_family == AF_INET6) {
		v6->sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, addr, &v6->sin6_addr) == 1;
	}
	v4->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, addr, &v4->sin_addr) == 1;
}

/* Names of files and of the user. Returns NULL, or what is wrong with the value. */
static const char *name_set(const char **name, const char *value)
{
	*name = value;
	return *value ? NULL : "is not a name";
}

static const char *update_take(void *options, int val, const char *value)
{
	struct update_options *o = options;

	switch (val) {
	case 'o':
		return name_set(&o->output, value);
	case 'p':
		return name_set(&o->pid_file, value);
	case 'a':
		return name_set(&o->allow, value);
	case 'u':
		return name_set(&o->user, value);
	case OPT_METRICS:
		return name_set(&o->metrics, value);
	case 'c':
		return set_size_parse(&o->size, value) == 0
		               ? NULL
		               : "is not a count; expected MIN-MAX, as in 2-3, within 1 to 8";
	case OPT_TIMEOUT:
		return number_parse(&o->timeout_s, value, TIMEOUT_MAX_S) == 0
		               ? NULL
		               : "is not a timeout; expected 0 to 86400 seconds";
	case OPT_INCLUDE:
		o->include = value;
		return render_path_ok(value) ? NULL
		                             : "is not a path for BIND; expected an absolute one "
		                               "without quotes, backslashes or control characters";
	case OPT_VERIFY:
		o->verifies = true;
		o->verify_name = value;
		return endpoint_parse(&o->verify, value)
		               ? NULL
		               : "is not a server; expected ADDRESS or ADDRESS#PORT";
	case OPT_NO_VERIFY:
		o->verifies = false;
		return NULL;
	case OPT_NO_SIGNAL:
		o->signals = false;
		return NULL;
	case 'n':
		o->dry_run = true;
		return NULL;
	default:
		o->check = true;
		return NULL;
	}
}

int update_options_read(struct update_options *o, int argc, char **argv)
{
	const struct command_line line = {"nat64-update", help, update_table, update_take};

	*o = (struct update_options){
		.output = DEFAULT_OUTPUT,
		.pid_file = DEFAULT_PID_FILE,
		.user = DEFAULT_USER,
		.size = {2, 3},
		.timeout_s = 10,
		.verify_name = DEFAULT_VERIFY,
		.verifies = true,
		.signals = true,
	};
	endpoint_parse(&o->verify, DEFAULT_VERIFY);
	int first = command_line_read(&line, argc, argv, o);
	if (first < 0)
		return first == COMMAND_LINE_DONE ? 1 : first;
	if (first < argc) {
		log_error("unexpected argument \"%s\": sets are read on stdin "
		          "(see nat64-update --help)",
		          argv[first]);
		return -EINVAL;
	}
	if (o->dry_run) {
		o->signals = o->verifies = false;
		o->metrics = NULL;
	}
	return 0;
}
