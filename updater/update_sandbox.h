/*
 * What the updater may still do once its input begins: one directory to write in, one process to
 * signal, one address to ask.
 */
#ifndef NAT64HEALTH_UPDATE_SANDBOX_H
#define NAT64HEALTH_UPDATE_SANDBOX_H

struct update_sandbox {
	int output_fd;  /* directory of the output file; -1: nothing is written */
	int metrics_fd; /* directory of the metrics file; -1: there is none */
	int pid_fd;     /* directory of the pid file; -1: there is none */
	int proc_fd;    /* /proc; -1: nobody is signalled */
	int verify_fd;  /* socket to BIND; -1: BIND is not asked */
};

/* Closes it. Returns 0, or -1 after an error was logged; then the program must end. */
int update_sandbox_enter(const struct update_sandbox *s);

#endif
