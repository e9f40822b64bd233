/*
 * The list of prefixes in force: numbers, as the engine has them, to prefixes. It lies in memory
 * that all processes forked later share, so that a prober which replaces a dead one finds the last
 * list that was taken.
 */
#pragma once

#include "prefix_file.h"
#include "rule/engine.h"

struct list {
	struct prefix_file files[2]; /* in force, and room for the next one */
	unsigned current;
	struct engine_entry *entries; /* of the one in force, for the engine */
};

/* Memory for the longest list, untouched; NULL after it was said that there is none. */
struct list *list_new(void);

/*
 * Reads a list from the descriptor's place on; name is for messages. Of its prefixes set_min must
 * not be drained. Returns 0 with the list in force, or a negative errno after all that is wrong was
 * logged; then the one before is in force as it was.
 */
int list_read(struct list *list, int fd, const char *name, unsigned set_min);

const struct prefix_file *list_file(const struct list *list);

/* The prefix of that number. */
const struct prefix *list_prefix(const struct list *list, uint32_t number);
