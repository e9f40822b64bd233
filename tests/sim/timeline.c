/*
 * The timeline of a run: told as it happens if so asked, and its last lines if an invariant breaks.
 */
#include "run_state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 3, 0))) static void
line_format(char line[TIMELINE_LINE], uint64_t now, const char *format, va_list arguments)
{
	uint64_t s = now / SECOND_US;
	int at = snprintf(line, TIMELINE_LINE,
	                  "%3" PRIu64 "d %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 "  ",
	                  s / 86400, s / 3600 % 24, s / 60 % 60, s % 60, now / 1000 % 1000);

	vsnprintf(line + at, (size_t)(TIMELINE_LINE - at), format, arguments);
}

void timeline_say(struct run *r, const char *format, ...)
{
	char *line = r->ring[r->ring_next++ % TIMELINE_RING];
	va_list arguments;

	va_start(arguments, format);
	line_format(line, r->now_us, format, arguments);
	va_end(arguments);
	if (r->config->verbose)
		puts(line);
}

void timeline_break(struct run *r, const char *format, ...)
{
	char line[TIMELINE_LINE];
	va_list arguments;

	if (r->broken)
		return;
	r->broken = true;
	va_start(arguments, format);
	line_format(line, r->now_us, format, arguments);
	va_end(arguments);
	if (r->config->quiet)
		return;
	printf("# invariant broken with seed %" PRIu64 ":\n", r->seed);
	for (unsigned i = r->ring_next > TIMELINE_RING ? r->ring_next - TIMELINE_RING : 0;
	     i < r->ring_next; i++)
		printf("#   %s\n", r->ring[i % TIMELINE_RING]);
	printf("# ! %s\n", line);
}

static void bits_format(uint64_t bits, char text[TIMELINE_LINE / 2])
{
	size_t at = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < 64 && at + 4 < TIMELINE_LINE / 2; i++) {
		if (bits >> i & 1)
			at += (size_t)snprintf(text + at, TIMELINE_LINE / 2 - at, at ? ",%u" : "%u",
			                       i);
	}
}

void timeline_verdict(struct run *r, const struct verdict *v)
{
	static const char *const methods[] = {"dns", "tcp", "icmp"};
	static const char *const causes[] = {
		[CAUSE_SILENCE] = "silence",
		[CAUSE_TARGETS] = "lost targets",
		[CAUSE_LOSS] = "loss",
	};
	uint32_t prefix = r->listing[v->prefix];
	char targets[TIMELINE_LINE / 2];

	bits_format(v->targets, targets);
	if (v->state == PREFIX_UP)
		timeline_say(r, "prefix %u: up after %u answers in a row", prefix, v->run);
	else
		timeline_say(r, "prefix %u: down by %s of %s, targets %s, loss %.2f, all lose %.2f",
		             prefix, causes[v->cause], methods[v->method], targets, v->loss,
		             v->common_loss);
}

void timeline_fault(struct run *r, const struct world_fault *fault)
{
	uint64_t bits = 0;
	char victims[TIMELINE_LINE / 2];

	for (uint32_t i = 0; i < r->prefixes && i < 64; i++)
		bits |= (uint64_t)fault->victims[i] << i;
	if (fault->plan.kind == FAULT_TARGET)
		bits = fault->targets;
	if (fault->plan.kind == FAULT_UPLINK || fault->plan.kind == FAULT_UPLINK_LOSS)
		bits = 0;
	bits_format(bits, victims);
	timeline_say(r, "world: %s %s%s%s", fault_name(fault->plan.kind), victims,
	             *victims ? ": " : "", fault->on ? "on" : "off");
}
