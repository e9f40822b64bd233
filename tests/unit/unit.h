/* What cmocka wants included before it, once for all unit tests. */
#ifndef NAT64HEALTH_UNIT_H
#define NAT64HEALTH_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "units.h"

/* Every test is handed a state, and few want it. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#endif
