/* What cmocka wants included before it, once for all unit tests. */
#ifndef NAT64HEALTH_UNIT_H
#define NAT64HEALTH_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "units.h"

/* cmocka hands each test a state, which few need. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

#endif
