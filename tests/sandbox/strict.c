/* Linked into the strict programs only: a call that is on no list of the sandbox ends them. */
#include "sandbox_seccomp.h"

bool sandbox_strict = true;
