/*
 * The output file on disk: compared, and replaced so that at any moment a whole old or a whole new
 * one is there. It knows nothing of what is in it.
 *
 * The directory is held open from the start. Refused: a symbolic link or anything else than a
 * regular file in the file's place, a directory that anybody may write to. A file of another
 * owner, or with another mode than 0644, is replaced. A second updater of the same file is kept
 * out by a lock on ".NAME.lock" beside it, which stays there.
 */
#ifndef NAT64HEALTH_INSTALL_H
#define NAT64HEALTH_INSTALL_H

#include "atomic_file.h"
#include "reason.h"

/* Opening must neither follow a link, nor wait for a FIFO's writer, nor take a terminal. */
#define INSTALL_READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)

struct install {
	struct atomic_file file;
	int lock_fd;
	bool dir_unsynced; /* a rename may not be on the disk yet */
};

enum install_result {
	INSTALL_SAME,     /* the file held the text already */
	INSTALL_REPLACED, /* the file is new */
	INSTALL_FAILED,   /* the old file is there as it was; trying again may help */
	INSTALL_GONE,     /* path leads to another directory now: only a new start helps */
};

/*
 * Opens and locks, and removes what a killed run left. path must outlive *in. Returns 0, or -1
 * with reason written.
 */
int install_open(struct install *in, const char *path, char reason[REASON_MAX]);

/* True if other is a file that this one needs, or has its temporary file in the place of one. */
bool install_collides(const struct install *in, const struct atomic_file *other);

/*
 * Only looks: opens the directory, in->file.dir_fd, and judges what is in the file's place. Returns
 * 0, or -1 with reason written.
 */
int install_look(struct install *in, const char *path, char reason[REASON_MAX]);

/*
 * Makes the file hold the text. reason is written when INSTALL_FAILED or INSTALL_GONE; when
 * INSTALL_REPLACED it is empty, or says why the new file may not survive a power cut.
 */
enum install_result install_write(struct install *in, const char *text, size_t length,
                                  char reason[REASON_MAX]);

#endif
