/*
 * --check: which steps of the installation are missing on BIND's side. It asks the same modules
 * that do the work, so that it cannot judge otherwise than they do.
 */
#include "update_check.h"

#include "check_output.h"
#include "clock.h"
#include "install.h"
#include "named.h"
#include "render.h"
#include "sandbox.h"
#include "update_sandbox.h"
#include "verify.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define QUIET (-1) /* a level at which nothing is logged: words are printed here */

/* BIND may be busy with a reload, and is asked in two ways, in turn. */
#define ASKS_MAX 6
#define ASK_MS   500

#define TTL_LONG_S 600

#define SEE "named-checkconf -p | grep dns64 lists the blocks that it loads"
#define NO_ANSWER                                                           \
	"see whether named hangs, a firewall is in between, or it listens " \
	"elsewhere (listen-on-v6, --verify)"

struct check {
	const struct update_options *o;
	unsigned missing;
	struct named named;
	struct log_problem problem; /* of the last step */
};

/* A step that fails has said what is wrong. */
static bool step_fails(struct check *c, int result, const char *remedy)
{
	if (result < 0)
		check_output_missing(&c->missing, remedy, "%s", c->problem.words);
	return result < 0;
}

static void paths_check(struct check *c)
{
	const struct update_options *o = c->o;
	struct install in;
	int error = install_look(&in, o->output, &c->problem);

	if (error == 0 && faccessat(in.file.dir_fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
		error = log_failure(&c->problem, -errno, "BIND's user cannot write to %s: %s",
		                    in.file.dir, strerror(errno));
	if (!step_fails(c, error, "see --output"))
		check_output_ok("%s can be replaced", o->output);
	if (error == 0 && in.seen.st_ino == 0)
		check_output_missing(
			&c->missing,
			"nat64-monitor --once PREFIXES | nat64-update --no-signal --no-verify",
			"no %s yet: named cannot start while it includes it", o->output);
	if (o->include && !step_fails(c, named_sees(&c->named, o->include, &c->problem),
	                              "write the file, readable for BIND"))
		check_output_ok("BIND can read %s", o->include);
	/* Read already: with an error in it, the program would have ended. */
	if (o->allow)
		check_output_ok("%s lists the prefixes that may be in a set", o->allow);
}

static void process_check(struct check *c)
{
	pid_t pid = named_open(&c->named, c->o->pid_file, &c->problem);

	if (pid == 0)
		pid = named_signal(&c->named, 0, &c->problem);
	if (!step_fails(c, pid, "systemctl start named, or see --pid-file"))
		check_output_ok("named runs as process %d, and can be signalled", (int)pid);
}

/* What BIND serves and the output does not hold, a block elsewhere holds. */
static void served_check(struct check *c, const struct answer *answer)
{
	char line[SET_LINE_MAX], block[PREFIX_STRLEN + 16], prefix[PREFIX_STRLEN];
	static char text[RENDER_MAX];
	FILE *file = fopen(c->o->output, "re");

	check_output_ok("BIND at %s serves %s", c->o->verify_name,
	                set_line_say(&answer->prefixes, line));
	text[file ? fread(text, 1, sizeof(text) - 1, file) : 0] = '\0';
	for (size_t i = 0; file && i < answer->prefixes.count; i++) {
		prefix_format(&answer->prefixes.prefixes[i], prefix);
		snprintf(block, sizeof(block), "dns64 %s {", prefix);
		if (!strstr(text, block))
			check_output_missing(&c->missing,
			                     "remove that block, then rndc reconfig; " SEE,
			                     "BIND serves %s, which is not in %s: a dns64 block "
			                     "elsewhere in its configuration",
			                     prefix, c->o->output);
	}
	if (file)
		fclose(file);
	if (answer->ttl > TTL_LONG_S)
		check_output_note("ipv4only.arpa has a TTL of %u s: clients with CLAT may keep a "
		                  "dead prefix that long (docs/operations.md, section 9)",
		                  answer->ttl);
}

static void reply_wait(struct verify *v, struct answer *answer)
{
	struct pollfd ready = {.fd = v->fd, .events = POLLIN};

	for (int ask = 0; ask < ASKS_MAX; ask++) {
		verify_ask(v);
		if (poll(&ready, 1, ASK_MS) > 0 && verify_read(v, answer, clock_us()) &&
		    answer->kind == ANSWER_PREFIXES)
			return;
		/* A BIND that was just reconfigured may remember a failure for a second. */
		poll(NULL, 0, ASK_MS);
	}
}

static void server_check(struct check *c)
{
	char include[PATH_MAX + 160], words[VERIFY_WORDS_MAX];
	struct answer answer = {.kind = ANSWER_IGNORED};
	struct verify v;

	if (step_fails(c, verify_open(&v, &c->o->verify, c->o->verify_name, &c->problem),
	               "name an address that BIND listens on"))
		return;
	reply_wait(&v, &answer);
	snprintf(include, sizeof(include),
	         "put include \"%s\"; into the options block, then named-checkconf && rndc "
	         "reconfig; " SEE,
	         c->o->output);
	if (answer.kind == ANSWER_PREFIXES)
		served_check(c, &answer);
	else
		check_output_missing(&c->missing,
		                     answer.kind == ANSWER_CACHED    ? "see --verify"
		                     : answer.kind == ANSWER_IGNORED ? NO_ANSWER
		                                                     : include,
		                     "%s", verify_explain(&v, answer.kind, words));
	close(v.fd);
}

int update_check(const struct update_options *o)
{
	struct check c = {.o = o};

	if (sandbox_drop_privileges() < 0)
		return -1;
	log_set_level(QUIET);
	if (o->signals)
		process_check(&c);
	paths_check(&c);
	if (o->verifies)
		server_check(&c);
	log_set_level(LOG_NOTICE);
	sandbox_check(&c.missing, update_sandbox_rehearse, NULL);
	return fflush(stdout) == 0 && c.missing == 0 ? 0 : -1;
}
