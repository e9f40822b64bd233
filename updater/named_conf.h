/*
 * named's configuration, read only to find out whether it includes the output, and whether it has
 * dns64 blocks of its own. Every file that it includes is read, too.
 */
#ifndef NAT64HEALTH_NAMED_CONF_H
#define NAT64HEALTH_NAMED_CONF_H

#include <limits.h>
#include <stdbool.h>

struct named_conf {
	bool includes;             /* the output */
	char block[PATH_MAX + 16]; /* "FILE:LINE" of the first dns64 block of its own, or "" */
	char unread[PATH_MAX];     /* the first file that could not be read, or "" */
	int unread_error;          /* why: an errno */
};

/*
 * Reads path, as named sees it from its root (a directory, "" unless it has been given another
 * one), and looks for an include of output, which is not read.
 */
void named_conf_read(struct named_conf *c, const char *root, const char *path, const char *output);

#endif
