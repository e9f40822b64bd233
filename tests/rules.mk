# What tests, fuzzers and benchmarks are built of and started with; part of the Makefile.

# Builds of everything beside the first. Sanitizers: of addresses and of undefined behaviour.
# Coverage: gcov's counters, and nothing that keeps them from being written.
SANITIZE := BUILD=$(BUILD)/sanitized FORTIFY= \
            CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all'
COVERAGE := BUILD=$(BUILD)/coverage FORTIFY= CFLAGS='-O0 -g --coverage' \
            EXTRA=$(BUILD)/coverage/tests/coverage/walls.o

# Fuzzers: libFuzzer with clang for the parsers, AFL for the whole updater. AFL's build goes without
# the address sanitizer, which makes calls that the program's own sandbox forbids.
FUZZ        := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZED      := $(filter-out %main.c,$(wildcard common/*.c monitor/*.c monitor/*/*.c updater/*.c))
FUZZ_CFLAGS  = -std=gnu17 $(WARNINGS) -O1 -g -fno-omit-frame-pointer -MMD -MP $(DEFINES) \
               -Icommon -Imonitor -Iupdater \
               -fsanitize=address,undefined,fuzzer-no-link -fno-sanitize-recover=all
AFL_CFLAGS   = -std=gnu17 -O2 -g $(DEFINES) -Icommon -fPIE -fno-common \
               -fstack-protector-strong -fsanitize=undefined -fsanitize-undefined-trap-on-error

SIM      := $(call objects,tests/sim)
UNIT     := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
STRICT   := $(addprefix $(BUILD)/strict/,nat64-monitor nat64-update)
HELPERS  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(wildcard tests/lab/*.c tests/cli/*.c) tests/sandbox/attempts.c) $(STRICT)
BENCH    := $(addprefix $(BUILD)/tests/bench/,asker floor responder no_ipvs.so)
ARCHIVES := $(BUILD)/monitor.a $(BUILD)/updater.a $(BUILD)/common.a

# The programs, but a call that is on no list of the sandbox ends them: a gap is seen in tests.
$(BUILD)/strict/nat64-monitor: $(MONITOR)
$(BUILD)/strict/nat64-update: $(UPDATER)
$(STRICT): $(COMMON) $(BUILD)/tests/sandbox/strict.o $(EXTRA)
	@mkdir -p $(@D)
	$(LINK) $(LIBS)

$(BUILD)/common.a: $(COMMON)
$(BUILD)/monitor.a: $(filter-out %main.o,$(MONITOR))
$(BUILD)/updater.a: $(filter-out %main.o,$(UPDATER))
$(BUILD)/%.a:
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/tests/%.o: ALL_CFLAGS += -Imonitor -Iupdater
# cmocka 2 has new names for what older ones have, too.
$(BUILD)/tests/unit/%.o: ALL_CFLAGS += -Wno-deprecated-declarations

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(ARCHIVES)
	$(LINK) -lcmocka $(LIBS)

$(BUILD)/tests/unit/test_memory: ALL_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

$(BUILD)/tests/sandbox/%: $(BUILD)/tests/sandbox/%.o $(ARCHIVES)
	$(LINK) $(LIBS)

$(BUILD)/tests/%: $(BUILD)/tests/%.o
	$(LINK) $(LIBS)

$(BUILD)/tests/bench/no_ipvs.so: tests/bench/no_ipvs.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 $(WARNINGS) -O2 -D_GNU_SOURCE -fPIC -shared -o $@ $<

$(BUILD)/tests/sim/sim: $(SIM) $(BUILD)/monitor.a $(BUILD)/common.a
	$(LINK) $(LIBS)

$(BUILD)/fuzz/objects/%.o: %.c $(BUILD)/defines
	@mkdir -p $(@D)
	clang $(FUZZ_CFLAGS) -c -o $@ $<

$(BUILD)/fuzz/programs.a: $(patsubst %.c,$(BUILD)/fuzz/objects/%.o,$(FUZZED))

$(BUILD)/fuzz/%: $(BUILD)/fuzz/objects/tests/fuzz/fuzz_%.o $(BUILD)/fuzz/programs.a
	clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)

$(BUILD)/afl/nat64-update: $(wildcard common/*.[ch] updater/*.[ch])
	@mkdir -p $(@D)
	AFL_QUIET=1 afl-clang-fast $(AFL_CFLAGS) -o $@ $(filter %.c,$^) -pie $(LIBS)

-include $(wildcard $(BUILD)/fuzz/objects/*/*.d $(BUILD)/fuzz/objects/*/*/*.d)

unit-programs: $(UNIT)
lab-programs: all $(HELPERS)
test-programs: lab-programs unit-programs $(BUILD)/tests/sim/sim
fuzz-programs: all $(FUZZ) $(BUILD)/afl/nat64-update
bench-programs: lab-programs $(BENCH)

# A build of what the tests need, by all processors.
QUIETLY = @$(MAKE) -s --no-print-directory -j$(shell nproc)

unit: ## unit tests, plain and sanitized; needs no root
	$(QUIETLY) unit-programs
	$(QUIETLY) $(SANITIZE) unit-programs
	@BUILD=$(BUILD) tests/run unit sanitized

demo: deps-demo ## watch a gateway fail and recover, timed, in a lab on this machine (root)
	$(QUIETLY) lab-programs
	@BUILD=$(BUILD) tests/lab/demo

test: deps-test ## that the programs behave, under 5 minutes (root)
	$(QUIETLY) test-programs
	$(QUIETLY) $(SANITIZE) unit-programs
	@BUILD=$(BUILD) tests/run test

check: deps-check ## everything else: style, fuzzing, memory, coverage, soak, other Debians, musl, ... (root)
	$(QUIETLY) test-programs
	$(QUIETLY) fuzz-programs
	$(QUIETLY) $(COVERAGE) test-programs
	@tests/lab/image || true
	@BUILD=$(BUILD) tests/run check

platforms: ## other Debians, musl and other processors, in chroots and virtual machines (root)
	@BUILD=$(BUILD) tests/platforms/run

lab: deps-lab ## the lab's tests alone (root)
	$(QUIETLY) lab-programs
	@BUILD=$(BUILD) tests/run lab

bench: deps-bench ## measure against other programs and write docs/benchmarks.md, 50 minutes (root)
	$(QUIETLY) bench-programs
	@tests/lab/image
	@BUILD=$(BUILD) tests/bench/run

sim: $(BUILD)/tests/sim/sim ## the health rule in virtual time, about a minute
	$<

sim-long: $(BUILD)/tests/sim/sim ## the same, 1,000 prefix-days a row
	$< --long

fuzz: deps-fuzz ## fuzz the parsers and the whole updater, 20 s each
	$(QUIETLY) fuzz-programs
	@BUILD=$(BUILD) tests/fuzz/run

fuzz-long: deps-fuzz ## the same, an hour each
	$(QUIETLY) fuzz-programs
	@BUILD=$(BUILD) tests/fuzz/run 3600

coverage: deps-test ## which lines of the programs the tests run (root)
	$(QUIETLY) $(COVERAGE) test-programs
	@BUILD=$(BUILD)/coverage tests/coverage/run

soak: deps-demo ## random faults on the pair in a lab for MINUTES (3); SEED replays their order (root)
	$(QUIETLY) lab-programs
	@BUILD=$(BUILD) tests/lab/soak $(or $(MINUTES),3) $(SEED)

format: ## lay the C code out as .clang-format says
	clang-format -i $(shell git ls-files '*.c' '*.h')

deps-%:
	@tests/install-packages $*

.PHONY: unit-programs lab-programs test-programs fuzz-programs bench-programs unit demo test check platforms \
        lab bench coverage sim sim-long fuzz fuzz-long soak format
