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
#define DAYS_SHORT  80   /* prefix-days of a row: all of them take about a minute on two cores */
#define DAYS_LONG   1000 /* what the aims are stated for */
#define TEXT        256

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
	unsigned jobs;
	struct run_result results[WORKERS_MAX];
};

struct measured {
	double removals; /* a prefix-year */
	double p50, p99, most;
	double cost;    /* probes per second, prefix and method, as if the interval were 2 s */
	double busiest; /* second, in mean seconds */
};

static const char usage[] =
	"usage: sim [--long | --days N] [--jobs N] [--scenario NAME [--seed N] [-v]] [--tap]\n"
	"       sim --list\n"
	"  --long           1,000 prefix-days a row instead of 80\n"
	"  --days N         N prefix-days a row\n"
	"  --jobs N         on N cores (default: all)\n"
	"  --scenario NAME  that row alone\n"
	"  --seed N         replay the one run of this seed\n"
	"  -v               print its timeline\n"
	"  --tap            a line of the Test Anything Protocol per row, no table\n"
	"  --list           the names of the scenarios\n";

static bool is_chosen(const struct options *o, const struct scenario *s)
{
	return !o->name || strcmp(s->name, o->name) == 0;
}

static uint64_t job_seed(const struct options *o, size_t row, unsigned job)
{
	return o->seed + row * 1000003 + job;
}

static unsigned row_jobs(const struct options *o, const struct scenario *s)
{
	double days = o->days * (s->share > 0 ? s->share : 1);

	return o->one ? 1 : (unsigned)ceil(days / scenario_job_days(s));
}

static void work(const struct options *o, struct row *rows, unsigned worker)
{
	for (size_t i = 0; i < scenario_count; i++) {
		unsigned job;
		while ((job = atomic_fetch_add(&rows[i].taken, 1)) < rows[i].jobs) {
			uint64_t seed = o->one ? o->seed : job_seed(o, i, job);
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

static struct measured measure(const struct scenario *s, const struct run_result *r)
{
	const struct run_config c = scenario_run(s, 0);
	double channel_seconds = r->prefix_days * 86400 * c.world.methods;
	double mean = (double)(c.world.prefixes * c.world.methods) / c.interval;

	return (struct measured){
		.removals = (double)r->false_removals / (r->prefix_days / 365.25),
		.p50 = run_detected(r, 0.5),
		.p99 = run_detected(r, 0.99),
		.most = r->missed > 0 ? INFINITY : r->detected_most,
		.cost = (double)r->probes / channel_seconds * c.interval / 2,
		.busiest = (double)r->busiest / mean,
	};
}

static void aim_removals(struct text *t, const struct scenario *s)
{
	if (s->removals_free)
		return;
	if (s->removals_most > 0)
		text_add(t, "under %g false a year", s->removals_most);
	else
		text_add(t, "no false removal");
}

/* What the row is to show, in words. */
static struct text aims(const struct scenario *s, char words[TEXT])
{
	struct text t = text_in(words, TEXT);

	aim_removals(&t, s);
	if (s->p50 > 0)
		text_add(&t, "; %g / %g s", s->p50, s->p99);
	if (s->changes_most > 0)
		text_add(&t, "; %u changes an hour", s->changes_most);
	if (s->cost_most > 0)
		text_add(&t, "; cost %g", s->cost_most);
	if (s->busiest_most > 0)
		text_add(&t, "; burst %g", s->busiest_most);
	return t;
}

/* What it did not show; empty if it did. */
static struct text misses(const struct scenario *s, const struct measured *m,
                          const struct run_result *r, char words[TEXT])
{
	struct text t = text_in(words, TEXT);

	if (!s->removals_free && m->removals > s->removals_most)
		text_add(&t, " false-removals");
	if (s->p50 > 0 && m->p50 > s->p50)
		text_add(&t, " p50");
	if (s->p99 > 0 && m->p99 > s->p99)
		text_add(&t, " p99");
	if (s->changes_most > 0 && r->changes_hour_most > s->changes_most)
		text_add(&t, " changes");
	if (s->cost_most > 0 && m->cost > s->cost_most)
		text_add(&t, " cost");
	if (s->busiest_most > 0 && m->busiest > s->busiest_most)
		text_add(&t, " burst");
	if (r->broken > 0)
		text_add(&t, " invariant (--scenario %s --seed %" PRIu64 " -v)", s->name,
		         r->seed_broken);
	return t;
}

static void table_head(void)
{
	printf("%-16s %6s %6s %6s %6s %6s %6s %6s %5s %5s  %s\n", "", "prefix", "false/", "faults",
	       "found", "found", "found", "sets", "sets", "probe", "");
	printf("%-16s %6s %6s %6s %6s %6s %6s %6s %5s %5s  %s\n", "scenario", "-days", "year", "",
	       "p50 s", "p99 s", "max s", "/day", "/hour", "/s", "aim");
}

static void row_table(const struct scenario *s, const struct measured *m,
                      const struct run_result *r, const struct text *missed)
{
	char words[TEXT];
	const struct text aim = aims(s, words);

	printf("%-16s %6.0f %6.2f", s->name, r->prefix_days, m->removals);
	if (r->episodes > 0)
		printf(" %6" PRIu64 " %6.2f %6.2f %6.1f", r->episodes, m->p50, m->p99, m->most);
	else
		printf(" %6s %6s %6s %6s", "-", "-", "-", "-");
	printf(" %6.1f %5" PRIu64 " %5.3f  %s: %s\n", (double)r->changes / r->days,
	       r->changes_hour_most, m->cost, missed->used ? "MISSED" : "met",
	       missed->used ? missed->buf : aim.buf);
	if (missed->used)
		printf("%-16s %s\n", "", aim.buf);
}

static void row_tap(const struct scenario *s, const struct measured *m, const struct run_result *r,
                    const struct text *missed)
{
	char words[TEXT];
	const struct text aim = aims(s, words);

	printf("%s - sim: %s: %s; %" PRIu64 " false removals in %.0f prefix-days",
	       missed->used ? "not ok" : "ok", s->name, s->text, r->false_removals, r->prefix_days);
	if (r->episodes > 0)
		printf(", found in %.2f / %.2f s", m->p50, m->p99);
	printf(" (aim: %s)", aim.buf);
	if (missed->used)
		printf(" missed:%s", missed->buf);
	putchar('\n');
}

/* Returns true if all its aims are met. */
static bool row_print(const struct options *o, const struct scenario *s, struct row *row)
{
	struct run_result sum = {0};

	for (unsigned w = 0; w < o->workers; w++)
		run_result_add(&sum, &row->results[w]);
	const struct measured m = measure(s, &sum);
	char words[TEXT];
	const struct text missed = misses(s, &m, &sum, words);
	if (o->tap)
		row_tap(s, &m, &sum, &missed);
	else
		row_table(s, &m, &sum, &missed);
	fflush(stdout);
	return missed.used == 0;
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
		table_head();
	for (size_t i = 0; i < scenario_count; i++) {
		if (!is_chosen(o, &scenarios[i]))
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
		rows[i].jobs = is_chosen(o, &scenarios[i]) ? row_jobs(o, &scenarios[i]) : 0;
		any |= rows[i].jobs > 0;
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
		if (worker > 0)
			continue;
		work(o, rows, w);
		fflush(stdout);
		_exit(0);
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

static bool option_take(struct options *o, int c)
{
	switch (c) {
	case 'L':
		o->days = DAYS_LONG;
		return true;
	case 'd':
		o->days = strtod(optarg, NULL);
		return o->days > 0;
	case 'j':
		o->workers = (unsigned)strtoul(optarg, NULL, 10);
		return o->workers >= 1 && o->workers <= WORKERS_MAX;
	case 's':
		o->name = optarg;
		return true;
	case 'n':
		o->seed = strtoull(optarg, NULL, 10);
		o->one = true;
		return true;
	case 't':
		o->tap = true;
		return true;
	case 'v':
		o->verbose = true;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	struct options o = {
		.days = DAYS_SHORT,
		.seed = 1,
		.workers = cores < 1             ? 1
	                   : cores > WORKERS_MAX ? WORKERS_MAX
	                                         : (unsigned)cores,
	};

	for (int c; (c = getopt_long(argc, argv, "v", long_options, NULL)) != -1;) {
		if (c == 'l' || c == 'h') {
			if (c == 'l')
				scenarios_list();
			else
				fputs(usage, stdout);
			return 0;
		}
		if (!option_take(&o, c)) {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc || ((o.one || o.verbose) && !o.name)) {
		fputs(usage, stderr);
		return 2;
	}
	if (o.one || o.verbose)
		o.workers = 1;
	return simulate(&o);
}
