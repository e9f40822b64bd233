# nat64health: two programs, one flat Makefile. `make help` lists the targets.

VERSION := 0.1.0
PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man
DOCDIR  ?= $(PREFIX)/share/doc/nat64health
DESTDIR ?=
BUILD   ?= build

CC       ?= cc
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 -Wstrict-prototypes \
            -Wmissing-prototypes -Wwrite-strings -Wvla -Werror
HARDEN   := -fstack-protector-strong -fstack-clash-protection -fPIE -fno-common \
            $(shell $(CC) -fcf-protection -E -x c /dev/null >/dev/null 2>&1 && echo -fcf-protection)
FORTIFY  ?= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LIBS     := -lcap-ng -lseccomp -lresolv -lm

ALL_CFLAGS  = -std=gnu17 $(WARNINGS) $(HARDEN) $(FORTIFY) $(CFLAGS) -MMD -MP -D_GNU_SOURCE \
              -DVERSION='"$(VERSION)"' -Icommon
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed $(LDFLAGS)
LINK        = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^)

# Address and undefined-behaviour sanitizers: a second build of everything, beside the first.
SANITIZE := BUILD=$(BUILD)/sanitized FORTIFY= \
            CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'

# Line coverage: a third build, with gcov's counters, and nothing that keeps them from being written.
COVERAGE := BUILD=$(BUILD)/coverage FORTIFY= CFLAGS='-O0 -g --coverage' \
            EXTRA=$(BUILD)/coverage/tests/coverage/walls.o

# Fuzzers: libFuzzer with clang for the parsers, AFL for the whole updater. AFL's build goes without
# the address sanitizer, which makes calls that the program's own sandbox forbids.
FUZZ        := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZED      := $(filter-out %/main.c,$(wildcard common/*.c monitor/*.c monitor/*/*.c updater/*.c))
FUZZ_CFLAGS  = -std=gnu17 $(WARNINGS) -O1 -g -fno-omit-frame-pointer -MMD -MP \
               -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Icommon -Imonitor -Iupdater \
               -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
AFL_CFLAGS   = -std=gnu17 -O2 -g -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Icommon -fPIE -fno-common \
               -fstack-protector-strong -fsanitize=undefined -fsanitize-undefined-trap-on-error

objects  = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c $(1)/*/*.c))
COMMON  := $(call objects,common)
MONITOR := $(call objects,monitor)
UPDATER := $(call objects,updater)
SIM     := $(call objects,tests/sim)
UNIT    := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
STRICT  := $(addprefix $(BUILD)/strict/,nat64-monitor nat64-update)
HELPERS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/lab/*.c) tests/sandbox/attempts.c) $(STRICT)
BENCH   := $(addprefix $(BUILD)/tests/bench/,floor responder no_ipvs.so)
ARCHIVES := $(BUILD)/monitor.a $(BUILD)/updater.a $(BUILD)/common.a

all: $(BUILD)/nat64-monitor $(BUILD)/nat64-update ## build both programs (the default)

$(BUILD)/nat64-monitor: $(MONITOR) $(COMMON) $(EXTRA)
	$(LINK) $(LIBS)

$(BUILD)/nat64-update: $(UPDATER) $(COMMON) $(EXTRA)
	$(LINK) $(LIBS)

# The same, but a call that is on no list of the sandbox ends them: a gap is seen in tests.
$(BUILD)/strict/nat64-monitor: $(MONITOR)
$(BUILD)/strict/nat64-update: $(UPDATER)
$(STRICT): $(COMMON) $(BUILD)/tests/sandbox/strict.o $(EXTRA)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)

$(BUILD)/common.a: $(COMMON)
$(BUILD)/monitor.a: $(filter-out %/main.o,$(MONITOR))
$(BUILD)/updater.a: $(filter-out %/main.o,$(UPDATER))
$(BUILD)/%.a:
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/monitor/%.o: ALL_CFLAGS += -Imonitor

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(BUILD)/tests/%.o: ALL_CFLAGS += -Imonitor -Iupdater

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(ARCHIVES)
	$(LINK) -lcmocka $(LIBS)

$(BUILD)/tests/unit/test_memory: ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

$(BUILD)/tests/sandbox/%: $(BUILD)/tests/sandbox/%.o $(ARCHIVES)
	$(LINK) $(LIBS)

$(BUILD)/tests/lab/%: $(BUILD)/tests/lab/%.o
	$(LINK) $(LIBS)

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o
	$(LINK) $(LIBS)

$(BUILD)/tests/bench/no_ipvs.so: tests/bench/no_ipvs.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 $(WARNINGS) -O2 -D_GNU_SOURCE -fPIC -shared -o $@ $<

$(BUILD)/tests/sim/sim: $(SIM) $(BUILD)/monitor.a $(BUILD)/common.a
	$(LINK) $(LIBS)

$(BUILD)/fuzz/objects/%.o: %.c
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -c -o $@ $<

$(BUILD)/fuzz/programs.a: $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(FUZZED))

$(BUILD)/fuzz/%: $(BUILD)/fuzz/objects/tests/fuzz/fuzz_%.o $(BUILD)/fuzz/programs.a
	clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)

$(BUILD)/afl/nat64-update: $(wildcard common/*.[ch] updater/*.[ch])
	@mkdir -p $(@D)
	AFL_QUIET=1 afl-clang-fast $(AFL_CFLAGS) -o $@ $(filter %.c,$^) -pie $(LIBS)

unit-programs: $(UNIT)
fuzz-programs: all $(FUZZ) $(BUILD)/afl/nat64-update
bench-programs: all $(HELPERS) $(BENCH)
test-programs: all unit-programs $(HELPERS) $(BUILD)/tests/sim/sim

unit: unit-programs ## unit tests, plain and sanitized; needs no root
	$(MAKE) --no-print-directory $(SANITIZE) unit-programs
	BUILD=$(BUILD) tests/run unit sanitized

demo: deps-demo ## a gateway dies in a lab on this machine, told with a clock (root)
	@$(MAKE) -s --no-print-directory all $(HELPERS)
	@BUILD=$(BUILD) tests/lab/demo

test: deps-test ## every test, under 15 minutes (root)
	@$(MAKE) -s --no-print-directory test-programs
	@$(MAKE) -s --no-print-directory $(SANITIZE) unit-programs
	@$(MAKE) -s --no-print-directory fuzz-programs
	@$(MAKE) -s --no-print-directory $(COVERAGE) test-programs
	@BUILD=$(BUILD) tests/run

lab: deps-lab ## the lab's tests alone, then its measurements (root)
	@$(MAKE) -s --no-print-directory all $(HELPERS)
	@BUILD=$(BUILD) tests/run lab
	@BUILD=$(BUILD) tests/lab/measure

bench: deps-bench ## measure against other programs and write docs/benchmarks.md, 30 minutes (root)
	@$(MAKE) -s --no-print-directory bench-programs
	@BUILD=$(BUILD) tests/bench/run

sim: $(BUILD)/tests/sim/sim ## the health rule in virtual time, about a minute
	$<

sim-long: $(BUILD)/tests/sim/sim ## the same, 1,000 prefix-days a row
	$< --long

fuzz: deps-fuzz ## fuzz the parsers and the whole updater, 20 s each
	@$(MAKE) -s --no-print-directory fuzz-programs
	@BUILD=$(BUILD) tests/fuzz/run

fuzz-long: deps-fuzz ## the same, an hour each
	@$(MAKE) -s --no-print-directory fuzz-programs
	@BUILD=$(BUILD) tests/fuzz/run 3600

coverage: deps-test ## which lines of the programs the tests run (root)
	@$(MAKE) -s --no-print-directory $(COVERAGE) test-programs
	@BUILD=$(BUILD)/coverage tests/coverage/run

soak: deps-demo ## random faults on the pair in a lab for MINUTES (3); SEED replays their order (root)
	@$(MAKE) -s --no-print-directory all $(HELPERS)
	@BUILD=$(BUILD) tests/lab/soak $(or $(MINUTES),3) $(SEED)

format: ## lay the C code out as .clang-format says
	clang-format -i $(shell git ls-files '*.c' '*.h')

deps-%:
	@tests/install-packages $*

# What belongs where; uninstall removes the same. A unit below /usr/local is found by systemd, too.
UNITDIR  ?= $(PREFIX)/lib/systemd/system
PROGRAMS := nat64-monitor nat64-update
MAN5     := $(notdir $(wildcard docs/*.5))
MAN8     := $(notdir $(wildcard docs/*.8))
EXAMPLES := nat64-prefixes.example nat64health.rules.yml nat64health.rc.local nat64health.openrc nat64health.run

install: all ## install programs, manuals, service, examples (DESTDIR, PREFIX); says what comes next
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(UNITDIR) $(DESTDIR)$(DOCDIR)
	install -m 755 $(PROGRAMS:%=$(BUILD)/%) $(DESTDIR)$(SBINDIR)
	install -d $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man8
	install -m 644 $(MAN5:%=docs/%) $(DESTDIR)$(MANDIR)/man5
	install -m 644 $(MAN8:%=docs/%) $(DESTDIR)$(MANDIR)/man8
	install -m 644 $(EXAMPLES:%=docs/%) $(DESTDIR)$(DOCDIR)
	install -m 644 docs/nat64health.service $(DESTDIR)$(UNITDIR)
	sed -i 's|/usr/local/sbin|$(SBINDIR)|g' $(MAN8:%=$(DESTDIR)$(MANDIR)/man8/%) \
		$(EXAMPLES:%=$(DESTDIR)$(DOCDIR)/%) $(DESTDIR)$(UNITDIR)/nat64health.service
	@sed -e 's|@SBINDIR@|$(SBINDIR)|g' -e 's|@DOCDIR@|$(DOCDIR)|g' docs/next-steps

uninstall: ## remove what install put there
	rm -f $(PROGRAMS:%=$(DESTDIR)$(SBINDIR)/%) $(DESTDIR)$(UNITDIR)/nat64health.service
	rm -f $(MAN5:%=$(DESTDIR)$(MANDIR)/man5/%) $(MAN8:%=$(DESTDIR)$(MANDIR)/man8/%)
	rm -f $(EXAMPLES:%=$(DESTDIR)$(DOCDIR)/%)
	rmdir --ignore-fail-on-non-empty $(DESTDIR)$(DOCDIR) || true
	@echo "Left as they are: the service, if it was enabled (systemctl disable --now nat64health)," \
		"/etc/bind, and /var/lib/bind/dns64.conf (named needs it until its include line is gone)."

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d $(BUILD)/fuzz/objects/*/*.d $(BUILD)/fuzz/objects/*/*/*.d \
                    $(BUILD)/fuzz/objects/tests/fuzz/*.d)

.PHONY: all unit-programs test-programs fuzz-programs bench-programs unit demo test lab soak bench \
        coverage sim sim-long fuzz fuzz-long format install uninstall clean help
.SECONDARY:
