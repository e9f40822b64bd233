/*
 * The status and the metrics file. The prober leaves a text in memory that it shares with the
 * supervisor, and a child of the supervisor replaces the file with it: a slow or full disk delays
 * no probe. While a text is not written yet there is no room for the next.
 */
#ifndef NAT64HEALTH_FILES_H
#define NAT64HEALTH_FILES_H

#include "atomic_file.h"
#include "text.h"

#include <stdatomic.h>
#include <stdint.h>

enum files_number { FILES_STATUS, FILES_METRICS, FILES_COUNT };

/* What is shared. */
struct files_memory {
	_Atomic uint32_t length; /* of the text that is to be written; 0: there is room for one */
	char text[];
};

struct files {
	struct atomic_file file[FILES_COUNT];
	struct files_memory *memory[FILES_COUNT]; /* NULL: there is no such file */
	unsigned failing;                         /* bits: which could not be written last */
};

/*
 * Opens the directories of the files and checks that they can be written to; a path may be NULL.
 * Returns 0, or -1 after an error was logged.
 */
int files_open(struct files *files, const char *status, const char *metrics);

/* The prober's: room for a text, in *text. Returns false if there is none. */
bool files_begin(struct files *files, enum files_number number, struct text *text);

/* The text is whole: it may be written. */
void files_end(struct files *files, enum files_number number, const struct text *text);

/*
 * The child's: replaces the files for which there is a text. What fails is logged once. Returns the
 * new bits of failing, below 256.
 */
unsigned files_write(const struct files *files);

/* Drops what waits to be written: the child that was to write it died. */
void files_drop(struct files *files);

#endif
