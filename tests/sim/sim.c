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
	unsigned jobs;
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

static void table_head(void)
{
	printf("%-16s %6s %6s %6s %6s %6s %6s %5s %5s %5s  %s\n", "", "prefix", "false/", "faults",
	       "found", "found", "sets", "sets", "downs", "probe", "");
	printf("%-16s %6s %6s %6s %6s %6s %6s %5s %5s %5s  %s\n", "scenario", "-days", "year", "",
	       "p50 s", "p99 s", "/day", "/hour", "/hour", "/s", "aims");
}

static void row_table(const struct scenario *s, const struct result *r,
                      const struct run_config *config, const struct text *missed)
{
	char words[TEXT], measured_words[TEXT];
	struct text aims = text_in(words, TEXT), measured = text_in(measured_words, TEXT);
	uint64_t faults = r->found.count + r->found.never;

	aims_tell(&aims, &s->aims);
	aims_measured(&measured, &s->aims, config, r);
	printf("%-16s %6.0f %6.2f", s->name, r->prefix_days, aims_removals(r));
	if (faults > 0)
		printf(" %6" PRIu64 " %6.2f %6.2f", faults, times_within(&r->found, 0.5),
		       times_within(&r->found, 0.99));
	else
		printf(" %6s %6s %6s", "-", "-", "-");
	printf(" %6.1f %5" PRIu64 " %5" PRIu64 " %5.3f  %s\n", (double)r->changes / r->days,
	       r->changes_hour_max, r->downs_hour_max, aims_cost(config, r), aims.buf);
	if (measured.used > 0)
		printf("%-16s %s\n", "", measured.buf);
	if (missed->used > 0)
		printf("%-16s MISSED:%s\n", "", missed->buf);
}

static void row_tap(const struct scenario *s, const struct result *r,
                    const struct run_config *config, const struct text *missed)
{
	char words[TEXT], measured_words[TEXT];
	struct text aims = text_in(words, TEXT), measured = text_in(measured_words, TEXT);

	aims_tell(&aims, &s->aims);
	aims_measured(&measured, &s->aims, config, r);
	printf("%s - sim: %s: %s; %" PRIu64 " false removals in %.0f prefix-days%s%s (aim: %s)",
	       missed->used ? "not ok" : "ok", s->name, s->text, r->false_removals, r->prefix_days,
	       measured.used ? ", " : "", measured.buf, aims.buf);
	if (missed->used > 0)
		printf(" missed:%s", missed->buf);
	putchar('\n');
}

/* Returns true if all its aims are met. */
static bool row_print(const struct options *o, const struct scenario *s, struct row *row)
{
	const struct run_config config = scenario_run(s, 0);
	struct result sum = {0};
	char words[TEXT];
	struct text missed = text_in(words, TEXT);

	for (unsigned w = 0; w < o->workers; w++)
		result_add(&sum, &row->results[w]);
	aims_missed(&missed, &s->aims, &config, &sum);
	if (sum.broken > 0)
		text_add(&missed, " invariant (--scenario %s --seed %" PRIu64 " -v)", s->name,
		         sum.seed_broken);
	if (o->tap)
		row_tap(s, &sum, &config, &missed);
	else
		row_table(s, &sum, &config, &missed);
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
