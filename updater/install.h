/*
 * The output file on disk: replaced so that at any moment a whole old or a whole new one is there,
 * and only if it is not the one that was written last.
 *
 * The directory is held open from the start. Refused: anything but a regular file in the file's
 * place, and a directory, or one on the way to it, that others than root, BIND's user and its group
 * may write to. A second updater of the same file is kept out by a lock on ".NAME.lock" beside it,
 * which stays there.
 */
#pragma once

#include "atomic_file.h"

#include <sys/stat.h>

struct install {
	struct atomic_file file;
	int lock_fd;
	char *text; /* what the file holds, as long as it looks like seen */
	size_t length, room;
	struct stat seen;
	bool unsynced; /* a rename may not be on the disk yet */
};

/*
 * Opens the directory and judges it, and what is in the file's place; changes nothing. path must
 * outlive *in. Returns 0, or a negative errno after what is wrong was logged.
 */
int install_look(struct install *in, const char *path, struct log_problem *problem);

/*
 * Besides, locks, removes what a killed run left, and reads the file, for texts of up to room
 * bytes.
 */
int install_open(struct install *in, const char *path, size_t room, struct log_problem *problem);

/*
 * Makes the file hold the text. It is looked at, not read: one that was touched is replaced, and
 * with anew set, any. Returns 1 if it was replaced, 0 if not, or a negative errno after what is
 * wrong was logged: the old file is there as it was. -ESTALE: the path leads to another directory
 * now, only a new start helps.
 */
int install_write(struct install *in, const char *text, size_t length, bool anew,
                  struct log_problem *problem);
