/*
 * The status and the metrics file: from the prober to the disk. What is in them is known elsewhere.
 */
#include "files.h"

#include "log.h"
#include "units.h"
#include "writer_sandbox.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static int file_open(struct files *f, enum files_number number, const char *path)
{
	struct atomic_file *file = &f->file[number];
	int result = atomic_file_open(file, path, &f->problem[number]);

	if (result < 0)
		return result;
	if (faccessat(file->dir_fd, ".", W_OK | X_OK, AT_EACCESS) != 0) {
		int error = errno;
		log_error("cannot write %s in directory %s: %s%s", path, file->dir, strerror(error),
		          atomic_file_hint(error));
		return -error;
	}
	file->priority = LOG_WARNING;
	void *memory = mmap(NULL, sizeof(struct files_memory), PROT_READ | PROT_WRITE,
	                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		log_error("out of memory");
		return -ENOMEM;
	}
	f->memory[number] = memory;
	return 0;
}

int files_open(struct files *f, const char *status, const char *metrics)
{
	int result = 0;

	*f = (struct files){.wake = {-1, -1}};
	f->file[FILES_STATUS].dir_fd = f->file[FILES_METRICS].dir_fd = -1;
	if (status)
		result = file_open(f, FILES_STATUS, status);
	if (metrics && result == 0)
		result = file_open(f, FILES_METRICS, metrics);
	if (result < 0 || !files_wanted(f) || pipe2(f->wake, O_CLOEXEC | O_NONBLOCK) == 0)
		return result;
	result = -errno;
	log_error("cannot make a pipe: %s", strerror(-result));
	return result;
}

bool files_wanted(const struct files *f)
{
	return f->memory[FILES_STATUS] || f->memory[FILES_METRICS];
}

void files_leave(struct files *f)
{
	for (unsigned i = 0; i < FILES_COUNT; i++) {
		if (f->memory[i])
			close(f->file[i].dir_fd);
	}
	if (files_wanted(f))
		close(f->wake[0]);
}

bool files_begin(struct files *f, enum files_number number, struct text *text)
{
	struct files_memory *memory = f->memory[number];

	if (!memory || memory->length != 0)
		return false;
	*text = text_in(memory->text, sizeof(memory->text));
	return true;
}

void files_end(struct files *f, enum files_number number, const struct text *text)
{
	f->memory[number]->length = (uint32_t)text->used;
	/* A pipe that is full wakes the writer as well. */
	if (write(f->wake[1], "", 1) < 0 && errno != EAGAIN)
		log_debug("cannot wake the writer: %s", strerror(errno));
}

/* The prober may have been taken over: any bytes may come, and any length, which is read once. */
static void waiting_write(struct files *f, enum files_number number)
{
	struct files_memory *memory = f->memory[number];
	struct log_problem *problem = &f->problem[number];
	size_t length = memory ? memory->length : 0;

	if (length == 0)
		return;
	length = SOONER(length, sizeof(memory->text));
	if (atomic_file_write(&f->file[number], memory->text, length, false, problem) == 0 &&
	    log_problem_over(problem))
		log_notice("%s is written again", f->file[number].path);
	memory->length = 0;
}

int files_run(struct files *f)
{
	const struct writer_sandbox sandbox = {f->file[FILES_STATUS].dir_fd,
	                                       f->file[FILES_METRICS].dir_fd};
	char bytes[64];
	ssize_t got;

	close(f->wake[1]);
	prctl(PR_SET_NAME, "nat64-writer");
	if (fcntl(f->wake[0], F_SETFL, 0) != 0 || writer_sandbox_enter(&sandbox) < 0)
		return 1;
	/* One that died may have left a text. */
	do {
		waiting_write(f, FILES_STATUS);
		waiting_write(f, FILES_METRICS);
		got = read(f->wake[0], bytes, sizeof(bytes));
	} while (got > 0 || (got < 0 && errno == EINTR));
	return 0;
}
