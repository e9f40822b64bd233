/*
 * The simulator's program: runs the scenarios over many seeds on all cores, and prints a row for
 * each, with its aims met or missed. Ends with 1 if an aim or an invariant was missed.
 */
#include "scenarios.h"
#include "text.h"

#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORKERS_MAX 64
#define DAYS_SHORT  16 /* prefix-days of a row: all of them take a minute and a half of one core */
#define DAYS_LONG   1000 /* what the aims are stated for */
#define TEXT        512

struct options {
	const char *name; /* of one scenario; NULL for all */
	double days;      /* prefix-days of each row */
	uint64_t seed;
	bool one; /* one run, with that very seed */
	bool verbose, tap;
	unsigned workers;
};

/* Shared by the workers. */
struct row {
	atomic_uint taken, done;
	atomic_bool broken; /* its timeline was printed */
	unsigned jobs;      /* 0: it was not asked for */
	struct result results[WORKERS_MAX];
};

static const char usage[] =
	"usage: sim [--long | --days N] [--jobs N] [--scenario NAME [--seed N] [-v]] [--tap]\n"
	"       sim --list\n"
	"  --long           1,000 prefix-days a row instead of 16\n"
	"  --days N         N prefix-days a row\n"
	"  --jobs N         on N cores (default: all)\n"
	"  --scenario NAME  that row alone\n"
	"  --seed N         replay the one run of this seed\n"
	"  -v               print its timeline\n"
	"  --tap            a line of the Test Anything Protocol per row, no table\n"
	"  --list           the names of the scenarios\n";

static void work(const struct options *o, struct row *rows, unsigned worker)
{
	for (size_t i = 0; i < scenario_count; i++) {
		unsigned job;
		while ((job = atomic_fetch_add(&rows[i].taken, 1)) < rows[i].jobs) {
			uint64_t seed = o->one ? o->seed : o->seed + i * 1000003 + job;
			struct run_config config = scenario_run(&scenarios[i], seed);
			config.verbose = o->verbose;
			config.quiet = atomic_load(&rows[i].broken);
			if (!run(&config, seed, &rows[i].results[worker]))
				atomic_store(&rows[i].broken, true);
			fflush(stdout);
			atomic_fetch_add(&rows[i].done, 1);
		}
	}
}

/* What a row has to say. */
struct row_words {
	const struct scenario *scenario;
	struct result sum;
	struct aims shown;
	struct text aims, measured, missed;
	char buffers[3][TEXT];
};

static void row_table(const struct row_words *w)
{
	const struct result *r = &w->sum;
	uint64_t faults = r->found.count + r->found.never;

	printf("%-16s %6.0f %6.2f", w->scenario->name, r->prefix_days, w->shown.removals);
	if (faults > 0)
		printf(" %6" PRIu64 " %6.2f %6.2f", faults, w->shown.p50, w->shown.p99);
	else
		printf(" %6s %6s %6s", "-", "-", "-");
	printf(" %6.1f %5.0f %5.0f %5.3f  %s\n", (double)r->changes / r->days, w->shown.changes,
	       w->shown.downs, w->shown.cost, w->aims.buf);
	if (w->measured.used > 0)
		printf("%-16s %s\n", "", w->measured.buf);
	if (w->missed.used > 0)
		printf("%-16s MISSED:%s\n", "", w->missed.buf);
}

static void row_tap(const struct row_words *w)
{
	printf("%s - sim: %s: %s; %" PRIu64
	       " false removals in %.0f prefix-days%s%s (aim: %s)%s%s\n",
	       w->missed.used ? "not ok" : "ok", w->scenario->name, w->scenario->text,
	       w->sum.false_removals, w->sum.prefix_days, w->measured.used ? ", " : "",
	       w->measured.buf, w->aims.buf, w->missed.used ? " missed:" : "", w->missed.buf);
}

/* Returns true if all its aims are met. */
static bool row_print(const struct options *o, const struct scenario *s, const struct row *row)
{
	const struct run_config config = scenario_run(s, 0);
	struct row_words w = {.scenario = s};

	w.aims = text_in(w.buffers[0], TEXT);
	w.measured = text_in(w.buffers[1], TEXT);
	w.missed = text_in(w.buffers[2], TEXT);
	for (unsigned i = 0; i < o->workers; i++)
		result_add(&w.sum, &row->results[i]);
	w.shown = aims_measure(&config, &w.sum);
	aims_tell(&w.aims, &s->aims);
	aims_measured(&w.measured, &s->aims, &w.shown);
	aims_missed(&w.missed, &s->aims, &w.shown, &w.sum);
	if (w.sum.broken > 0)
		text_add(&w.missed, " invariant (--scenario %s --seed %" PRIu64 " -v)", s->name,
		         w.sum.seed_broken);
	(o->tap ? row_tap : row_table)(&w);
	fflush(stdout);
	return w.missed.used == 0;
}

/* Takes in workers that have ended; exits if one failed, since its jobs are never done. */
static void workers_check(unsigned *running, int flags)
{
	int status;

	while (*running > 0 && waitpid(-1, &status, flags) > 0) {
		--*running;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		printf("not ok - sim: a worker ended with wait status %d\n", status);
		exit(1);
	}
}

static bool rows_print(const struct options *o, struct row *rows)
{
	unsigned running = o->workers, missed = 0, count = 0;

	if (!o->tap)
		printf("%-16s %6s %6s %6s %6s %6s %6s %5s %5s %5s  \n"
		       "%-16s %6s %6s %6s %6s %6s %6s %5s %5s %5s  %s\n",
		       "", "prefix", "false/", "faults", "found", "found", "sets", "sets", "downs",
		       "probe", "scenario", "-days", "year", "", "p50 s", "p99 s", "/day", "/hour",
		       "/hour", "/s", "aims");
	for (size_t i = 0; i < scenario_count; i++) {
		if (rows[i].jobs == 0)
			continue;
		while (atomic_load(&rows[i].done) < rows[i].jobs) {
			workers_check(&running, WNOHANG);
			usleep(20000);
		}
		missed += !row_print(o, &scenarios[i], &rows[i]);
		count++;
	}
	workers_check(&running, 0);
	printf(o->tap ? "# %u of %u rows missed an aim\n" : "%u of %u rows missed an aim\n", missed,
	       count);
	return missed == 0;
}

static int simulate(const struct options *o)
{
	struct row *rows = mmap(NULL, scenario_count * sizeof(*rows), PROT_READ | PROT_WRITE,
	                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool any = false;

	if (rows == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	for (size_t i = 0; i < scenario_count; i++) {
		const struct scenario *s = &scenarios[i];
		if (o->name && strcmp(s->name, o->name) != 0)
			continue;
		rows[i].jobs = o->one ? 1 : (unsigned)ceil(o->days * s->share / s->job_days);
		any = true;
	}
	if (!any) {
		fprintf(stderr, "sim: no such scenario: %s\n", o->name);
		return 2;
	}
	fflush(stdout);
	for (unsigned w = 0; w < o->workers; w++) {
		pid_t worker = fork();
		if (worker < 0) {
			perror("fork");
			return 1;
		}
		if (worker == 0) {
			work(o, rows, w);
			_exit(0); /* after each job, what it printed was flushed */
		}
	}
	return rows_print(o, rows) ? 0 : 1;
}

static void scenarios_list(void)
{
	for (size_t i = 0; i < scenario_count; i++)
		printf("%-16s %s\n", scenarios[i].name, scenarios[i].text);
}

static const struct option long_options[] = {
	{"long", no_argument, NULL, 'L'},       {"days", required_argument, NULL, 'd'},
	{"jobs", required_argument, NULL, 'j'}, {"scenario", required_argument, NULL, 's'},
	{"seed", required_argument, NULL, 'n'}, {"tap", no_argument, NULL, 't'},
	{"verbose", no_argument, NULL, 'v'},    {"list", no_argument, NULL, 'l'},
	{"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
};

_Noreturn static void usage_tell(FILE *to, int status)
{
	fputs(usage, to);
	exit(status);
}

static void option_take(struct options *o, int c)
{
	switch (c) {
	case 'L':
		o->days = DAYS_LONG;
		break;
	case 'd':
		o->days = strtod(optarg, NULL);
		break;
	case 'j':
		o->workers = (unsigned)strtoul(optarg, NULL, 10);
		break;
	case 's':
		o->name = optarg;
		break;
	case 'n':
		o->seed = strtoull(optarg, NULL, 10);
		o->one = true;
		break;
	case 't':
		o->tap = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'l':
		scenarios_list();
		exit(0);
	case 'h':
		usage_tell(stdout, 0);
	default:
		usage_tell(stderr, 2);
	}
}

int main(int argc, char **argv)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct options o = {
		.days = DAYS_SHORT,
		.seed = 1,
		.workers = (unsigned)SOONER(LATER(cores, 1), WORKERS_MAX),
	};

	for (int c; (c = getopt_long(argc, argv, "v", long_options, NULL)) != -1;)
		option_take(&o, c);
	if (optind < argc || ((o.one || o.verbose) && !o.name) || !(o.days > 0) || o.workers < 1 ||
	    o.workers > WORKERS_MAX)
		usage_tell(stderr, 2);
	if (o.one || o.verbose)
		o.workers = 1;
	return simulate(&o);
}
