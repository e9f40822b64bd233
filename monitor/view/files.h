/*
 * The status and the metrics file. The prober leaves a text in memory that it shares with the
 * writer, a process that replaces the file with it: a slow or full disk delays no probe. While a
 * text is not written yet there is no room for the next.
 */
#pragma once

#include "atomic_file.h"
#include "text.h"

#include <stdatomic.h>
#include <stdint.h>

#define FILES_TEXT_MAX (1UL << 20) /* bytes, enough for all that is ever told */

enum files_number { FILES_STATUS, FILES_METRICS, FILES_COUNT };

/* What is shared. */
struct files_memory {
	_Atomic uint32_t length; /* of the text that is to be written; 0: there is room for one */
	char text[FILES_TEXT_MAX];
};

struct files {
	struct atomic_file file[FILES_COUNT];
	struct files_memory *memory[FILES_COUNT]; /* NULL: there is no such file */
	struct log_problem problem[FILES_COUNT];
	int wake[2]; /* a pipe to the writer */
};

/*
 * Opens the directories of the files and checks that they can be written to; a path may be NULL.
 * Returns 0, or a negative errno after it was logged.
 */
int files_open(struct files *f, const char *status, const char *metrics);

/* Whether there is a file. */
bool files_wanted(const struct files *f);

/* The prober's: what is the writer's alone is closed. */
void files_leave(struct files *f);

/* The prober's: room for a text. Returns false if there is none, or no such file. */
bool files_begin(struct files *f, enum files_number number, struct text *text);

/* The text is whole: the writer is told. */
void files_end(struct files *f, enum files_number number, const struct text *text);

/*
 * The writer: enters its sandbox, and replaces the files until the supervisor and the prober are
 * gone. Returns its exit status.
 */
int files_run(struct files *f);
