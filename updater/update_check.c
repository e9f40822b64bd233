/*
 * --check: which steps of the installation are missing on BIND's side. It asks the same modules
 * that do the work, so that it cannot think otherwise than they do.
 */
#include "update_check.h"

#include "check_output.h"
#include "install.h"
#include "named.h"
#include "named_conf.h"
#include "sandbox.h"
#include "sandbox_check.h"
#include "update_sandbox.h"
#include "verify.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* BIND may be busy with a reload, and is asked in two ways, in turn. */
#define ASKS_MAX 6
#define ASK_MS   500

struct check {
	const struct update_options *options;
	unsigned missing;
	pid_t named;               /* 0: not running, as far as can be known */
	char named_root[PATH_MAX]; /* what named sees as its root: "" for the real one */
	char conf[PATH_MAX];       /* its configuration, from there */
	char reason[REASON_MAX];
};

static const char *user_name(void)
{
	const struct passwd *pw = getpwuid(geteuid());

	return pw ? pw->pw_name : "this user";
}

int check_include(const char *path, char reason[REASON_MAX])
{
	struct stat st;

	if (access(path, R_OK) != 0 || stat(path, &st) != 0)
		return reason_set(reason, "%s: %s; BIND must be able to read what --options names",
		                  path, strerror(errno));
	if (S_ISREG(st.st_mode))
		return 0;
	return reason_set(reason, "%s: %s; BIND must be able to read what --options names", path,
	                  S_ISDIR(st.st_mode) ? "is a directory" : "is not a regular file");
}

static void output_check(struct check *c)
{
	const char *path = c->options->output;
	struct install in;

	if (install_look(&in, path, c->reason) < 0) {
		check_output_missing(&c->missing, "see --output", "%s", c->reason);
	} else if (faccessat(in.file.dir_fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
		check_output_missing(&c->missing, "give it the group bind, and mode 775",
		                "user %s cannot write to %s: %s", user_name(), in.file.dir,
		                strerror(errno));
	} else if (faccessat(in.file.dir_fd, in.file.name, F_OK, AT_EACCESS) != 0) {
		check_output_missing(&c->missing,
		                "nat64-monitor --once PREFIXES | nat64-update --no-signal",
		                "no %s yet: named cannot start while it includes it", path);
	} else {
		check_output_ok("%s is there, and user %s can replace it", path, user_name());
	}
	if (in.file.dir_fd >= 0)
		close(in.file.dir_fd);
}

static void files_check(struct check *c)
{
	const struct update_options *o = c->options;

	if (o->include && check_include(o->include, c->reason) < 0)
		check_output_missing(&c->missing, "write the file, readable for everybody", "%s",
		                c->reason);
	else if (o->include)
		check_output_ok("%s can be read", o->include);
	/* Read already: with an error in it, the program would have ended. */
	if (o->allow)
		check_output_ok("%s lists the prefixes that may be in a set", o->allow);
}

static void named_check(struct check *c)
{
	const struct update_options *o = c->options;
	struct named n;

	if (!o->signals)
		return;
	if (named_open(&n, o->pid_file, c->reason) < 0) {
		check_output_missing(&c->missing, "see --pid-file", "%s", c->reason);
		return;
	}
	pid_t pid = named_find(&n, c->reason);
	if (pid > 0) {
		c->named = pid;
		check_output_ok("named runs as process %d, and user %s can signal it", (int)pid,
		           user_name());
	} else {
		check_output_missing(&c->missing, "systemctl start named, or see --pid-file", "%s",
		                c->reason);
	}
	close(n.proc_fd);
	if (n.dir_fd >= 0)
		close(n.dir_fd);
}

/* The value of an option as named takes it: "-c FILE" or "-cFILE". NULL if this word is another. */
static const char *value_of(char option, const char *word, const char *next)
{
	if (word[0] != '-' || word[1] != option)
		return NULL;
	return word[2] != '\0' ? word + 2 : next;
}

static void named_word(struct check *c, const char *word, const char *next)
{
	const char *conf = value_of('c', word, next);
	const char *root = value_of('t', word, next);

	if (conf && conf[0] == '/' && strlen(conf) < sizeof(c->conf))
		strcpy(c->conf, conf);
	if (root && root[0] == '/' && root[1] != '\0' && strlen(root) < sizeof(c->named_root))
		strcpy(c->named_root, root);
}

/* Which configuration named was started with, from its own command line. */
static void conf_find(struct check *c)
{
	char path[32], words[8192];

	strcpy(c->conf, DEFAULT_NAMED_CONF);
	if (c->named == 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)c->named);
	FILE *file = fopen(path, "re");
	if (!file)
		return;
	size_t length = fread(words, 1, sizeof(words) - 2, file);
	fclose(file);
	words[length] = words[length + 1] = '\0';
	for (size_t at = 0; at < length; at += strlen(words + at) + 1)
		named_word(c, words + at, words + at + strlen(words + at) + 1);
}

static void conf_check(struct check *c)
{
	struct named_conf conf;
	char remedy[PATH_MAX + 160];

	conf_find(c);
	named_conf_read(&conf, c->named_root, c->conf, c->options->output);
	const char *name = c->options->output;
	if (strncmp(name, c->named_root, strlen(c->named_root)) == 0)
		name += strlen(c->named_root);
	snprintf(
		remedy, sizeof(remedy),
		"put include \"%s\"; into the options block, then named-checkconf && rndc reconfig",
		name);
	if (conf.includes)
		check_output_ok("%s%s includes %s", c->named_root, c->conf, name);
	else if (conf.unread[0] != '\0')
		check_output_missing(
			&c->missing, remedy,
			"it is not known whether named includes %s: user %s cannot read %s: "
			"%s",
			name, user_name(), conf.unread, strerror(conf.unread_error));
	else
		check_output_missing(&c->missing, remedy,
		                "%s%s, and what it includes, does not include %s", c->named_root,
		                c->conf, name);
	if (conf.block[0] != '\0')
		check_output_missing(&c->missing, "take it out, then rndc reconfig",
		                "%s is a dns64 block of your own: its prefix is served whether it "
		                "works or not, and BIND refuses a prefix that it has twice",
		                conf.block);
}

static enum verify_result answer_wait(struct verify *v, struct answer *answer,
                                      char reason[REASON_MAX])
{
	struct pollfd ready = {.fd = v->fd, .events = POLLIN};
	enum verify_result result = VERIFY_NOTHING;

	for (int ask = 0; ask < ASKS_MAX && result != VERIFY_PREFIXES; ask++) {
		verify_ask(v);
		if (poll(&ready, 1, ASK_MS) <= 0)
			continue;
		enum verify_result now = verify_read(v, answer, reason);
		if (now != VERIFY_NOTHING)
			result = now;
		/* A BIND that was just reconfigured may remember a failure for a second. */
		if (now == VERIFY_NO_SHOW)
			poll(NULL, 0, ASK_MS);
	}
	return result;
}

static void served_print(const struct check *c, const struct prefix_set *set)
{
	char line[SET_LINE_MAX];

	line[set_line_format(set, line) - 1] = '\0';
	check_output_ok("BIND at %s serves %s", c->options->verify_name, line);
}

static void served_check(struct check *c)
{
	const struct update_options *o = c->options;
	struct answer answer;
	struct verify v;

	if (!o->verifies)
		return;
	if (verify_open(&v, &o->verify, o->verify_name, c->reason) < 0) {
		check_output_missing(&c->missing, "name an address that BIND listens on with --verify",
		                "%s", c->reason);
		return;
	}
	switch (answer_wait(&v, &answer, c->reason)) {
	case VERIFY_PREFIXES:
		served_print(c, &answer.prefixes);
		break;
	case VERIFY_NO_SHOW:
		check_output_missing(&c->missing, "rndc reconfig, then see BIND's log", "%s", c->reason);
		break;
	case VERIFY_NO_SERVER:
		check_output_missing(
			&c->missing,
			"have BIND listen there, with listen-on-v6 { any; }, or name another "
			"address with --verify",
			"%s", c->reason);
		break;
	case VERIFY_NOTHING:
		check_output_missing(&c->missing, "see whether named hangs, or a firewall is in between",
		                "BIND at %s does not answer", o->verify_name);
	}
	close(v.fd);
}

int check_run(const struct update_options *o)
{
	struct check c = {.options = o};

	if (sandbox_drop_privileges() < 0)
		return -1;
	output_check(&c);
	files_check(&c);
	named_check(&c);
	conf_check(&c);
	served_check(&c);
	sandbox_check(&c.missing, update_sandbox_rehearse, NULL);
	return fflush(stdout) == 0 && c.missing == 0 ? 0 : -1;
}
