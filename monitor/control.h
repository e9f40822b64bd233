/*
 * The words between the supervisor and the prober, with both of their ends.
 */
#pragma once

/* One byte a message, on a SOCK_SEQPACKET socket. */
enum control_word {
	/* To the prober. */
	CONTROL_LIST = 'L',   /* read the prefixes from the descriptor that came along, if any */
	CONTROL_REPEAT = 'S', /* COMMAND is a new one: write the set in force again */
	CONTROL_TABLE = 'T',  /* log the table */
	/* To the supervisor, in answer to CONTROL_LIST. */
	CONTROL_TAKEN = 'Y',
	CONTROL_REFUSED = 'R', /* there is none, or it has errors, which were logged */
};

/* Makes both ends: the supervisor's is ends[0]. Returns 0, or a negative errno. */
int control_open(int ends[2]);

/* Says the word, and passes fd on unless it is -1. Never waits. Returns 0, or a negative errno. */
int control_send(int control, enum control_word word, int fd);

/*
 * Hears a word, and takes the descriptor that came along, else *fd is -1. Never waits. Returns 1, 0
 * if there is no word now, -EPIPE if the other end is gone, or another negative errno.
 */
int control_receive(int control, enum control_word *word, int *fd);
