/*
 * How large the rule's world may be.
 */
#ifndef NAT64HEALTH_BOUNDS_H
#define NAT64HEALTH_BOUNDS_H

#define METHODS_MAX     3
#define TARGETS_MAX     64 /* of one method; one bit each in a mask */
#define SET_MEMBERS_MAX 8

#endif
