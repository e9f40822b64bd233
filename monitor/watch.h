/*
 * The live table: what a screen of a given size shows of health and choice, and of the minutes
 * before. Pure: it knows no terminal and no clock; a frame is bytes, bounded by the size.
 */
#ifndef NAT64HEALTH_WATCH_H
#define NAT64HEALTH_WATCH_H

#include "report.h"

#include <time.h>

/* Of a larger screen, the rest stays empty. */
#define WATCH_ROWS_MOST    256U
#define WATCH_COLUMNS_MOST 512U

#define WATCH_FRAME_MAX (WATCH_ROWS_MOST * 1024 + 64)

#define WATCH_SAMPLES   60U /* of each prefix: five minutes */
#define WATCH_SAMPLE_US 5000000ULL
#define WATCH_MESSAGES  16U
#define WATCH_MESSAGE   512U /* bytes; the rest of a longer one is cut */

struct watch_sample {
	uint32_t srtt_us;
	uint16_t answers, failures;
};

struct watch_history {
	uint64_t answers, failures; /* since the start, when the last sample was taken */
	struct watch_sample samples[WATCH_SAMPLES];
};

struct watch {
	struct watch_history *histories; /* one a prefix */
	size_t count;
	uint64_t sampled;   /* how many samples were taken of each */
	uint64_t sample_us; /* when the next one is due */
	char messages[WATCH_MESSAGES][WATCH_MESSAGE];
	unsigned message_next;
	size_t top;    /* the first prefix on the screen */
	size_t page;   /* prefixes on the screen when it was drawn last */
	unsigned sign; /* how much of an arrow key's sequence has come */
};

struct watch_screen {
	unsigned rows, columns; /* anything; taken as at least 1, at most WATCH_..._MOST */
	bool color, utf8;
	struct tm time;
	uint64_t interval_us;
};

/* Returns 0 or -ENOMEM. The first sample is due WATCH_SAMPLE_US after now_us. */
int watch_init(struct watch *watch, size_t prefixes, uint64_t now_us);
void watch_free(struct watch *watch);

/* Takes a sample of each prefix, if one is due. */
void watch_sample(struct watch *watch, const struct report_names *names, const struct judge *judge,
                  uint64_t now_us);

/* Keeps the line to be shown below the table; the oldest is forgotten. */
void watch_message(struct watch *watch, const struct tm *time, const char *line);

/* The message before the last n, or NULL: 0 is the last one. */
const char *watch_message_read(const struct watch *watch, unsigned n);

/* Obeys a byte from the keyboard; returns false if it says to quit. */
bool watch_key(struct watch *watch, unsigned char key);

/* Writes a whole screen to frame, WATCH_FRAME_MAX bytes; returns its length. */
size_t watch_draw(struct watch *watch, const struct watch_screen *screen,
                  const struct report_names *names, const struct judge *judge, uint64_t now_us,
                  char *frame);

#endif
