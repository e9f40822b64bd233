/*
 * What --check says of the sandbox: whether it closes here and its list is complete, and what
 * Landlock guards.
 */
#ifndef NAT64HEALTH_SANDBOX_CHECK_H
#define NAT64HEALTH_SANDBOX_CHECK_H

/*
 * Runs enter(argument) in a child process, which enters the sandbox, tries it, and says on standard
 * error what is wrong. What is missing is counted.
 */
void sandbox_check(unsigned *missing, int (*enter)(const void *argument), const void *argument);

#endif
