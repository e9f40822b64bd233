/*
 * The status and the metrics file: from the prober to the disk. What is in them is known elsewhere.
 */
#include "files.h"

#include "log.h"
#include "metrics.h"
#include "status.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t rooms[FILES_COUNT] = {
	[FILES_STATUS] = STATUS_TEXT_MAX,
	[FILES_METRICS] = METRICS_TEXT_MAX,
};

static int file_open(struct files *f, enum files_number number, const char *path)
{
	struct atomic_file *file = &f->file[number];
	char reason[REASON_MAX];

	if (atomic_file_open(file, path, reason) < 0) {
		log_error("%s", reason);
		return -1;
	}
	if (faccessat(file->dir_fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
		log_error("cannot write %s: directory %s: %s%s", path, file->dir, strerror(errno),
		          atomic_file_hint(errno));
		return -1;
	}
	void *memory = mmap(NULL, sizeof(struct files_memory) + rooms[number],
	                    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		log_error("out of memory: %s", strerror(errno));
		return -1;
	}
	f->memory[number] = memory;
	return 0;
}

int files_open(struct files *f, const char *status, const char *metrics)
{
	*f = (struct files){.failing = 0};
	if (status && file_open(f, FILES_STATUS, status) < 0)
		return -1;
	return metrics ? file_open(f, FILES_METRICS, metrics) : 0;
}

bool files_begin(struct files *f, enum files_number number, struct text *text)
{
	struct files_memory *memory = f->memory[number];

	if (!memory || memory->length != 0)
		return false;
	*text = text_in(memory->text, rooms[number]);
	return true;
}

void files_end(struct files *f, enum files_number number, const struct text *text)
{
	f->memory[number]->length = (uint32_t)text->used;
}

/* The prober may have been taken over: any bytes may come, and any length. */
static int file_write(const struct files *f, unsigned number, bool failing)
{
	const struct atomic_file *file = &f->file[number];
	char reason[REASON_MAX];
	size_t length = f->memory[number]->length;

	if (length > rooms[number])
		length = rooms[number];
	int result = atomic_file_write(file, f->memory[number]->text, length, false, reason);
	if (result < 0 && !failing)
		log_warning("%s; %s stays as it is", reason, file->path);
	if (result == 0 && failing)
		log_notice("%s is written again", file->path);
	f->memory[number]->length = 0;
	return result;
}

unsigned files_write(const struct files *f)
{
	unsigned failing = f->failing;

	for (unsigned i = 0; i < FILES_COUNT; i++) {
		if (!f->memory[i] || f->memory[i]->length == 0)
			continue;
		if (file_write(f, i, failing >> i & 1) < 0)
			failing |= 1U << i;
		else
			failing &= ~(1U << i);
	}
	return failing;
}

void files_drop(struct files *f)
{
	for (unsigned i = 0; i < FILES_COUNT; i++) {
		if (f->memory[i])
			f->memory[i]->length = 0;
	}
}
