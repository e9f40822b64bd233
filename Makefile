# nat64health: two programs, one flat Makefile. `make help` lists the targets. What only tests,
# fuzzers and benchmarks need is in tests/rules.mk.

VERSION := 0.2.0
PREFIX  ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man
DOCDIR  ?= $(PREFIX)/share/doc/nat64health
UNITDIR ?= $(PREFIX)/lib/systemd/system
DESTDIR ?=
BUILD   ?= build

# BIND as Debian has it. The programs' defaults, the manuals, the unit and the examples follow these.
BIND_USER   := bind
NAMED_CONF  := /etc/bind/named.conf
PID_FILE    := /run/named/named.pid
OUTPUT      := /var/lib/bind/dns64.conf
PREFIX_FILE := /etc/bind/nat64-prefixes

CC       ?= cc
CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wformat=2 -Wstrict-prototypes \
            -Wmissing-prototypes -Wwrite-strings -Wvla -Werror
HARDEN   := -fstack-protector-strong -fstack-clash-protection -fPIE -fno-common \
            $(shell $(CC) -fcf-protection -E -x c /dev/null >/dev/null 2>&1 && echo -fcf-protection)
FORTIFY  ?= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LIBS     := -lcap-ng -lseccomp -lresolv -lm

DEFINES = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DDEFAULT_USER='"$(BIND_USER)"' \
          -DDEFAULT_NAMED_CONF='"$(NAMED_CONF)"' -DDEFAULT_PID_FILE='"$(PID_FILE)"' \
          -DDEFAULT_OUTPUT='"$(OUTPUT)"'
ALL_CFLAGS  = -std=gnu17 $(WARNINGS) $(HARDEN) $(FORTIFY) $(CFLAGS) -MMD -MP $(DEFINES) -Icommon
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed $(LDFLAGS)
LINK        = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o %.a,$^)

objects  = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)/*.c $(1)/*/*.c))
COMMON  := $(call objects,common)
MONITOR := $(call objects,monitor)
UPDATER := $(call objects,updater)

all: $(BUILD)/nat64-monitor $(BUILD)/nat64-update ## build both programs (the default)

$(BUILD)/nat64-monitor: $(MONITOR) $(COMMON) $(EXTRA)
	$(LINK) $(LIBS)

$(BUILD)/nat64-update: $(UPDATER) $(COMMON) $(EXTRA)
	$(LINK) $(LIBS)

$(BUILD)/monitor/%.o: ALL_CFLAGS += -Imonitor

$(BUILD)/%.o: %.c $(BUILD)/defines
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Changes when one of the values does, so that everything is compiled anew.
$(BUILD)/defines: force
	@mkdir -p $(@D)
	@printf '%s\n' $(DEFINES) | cmp -s - $@ || printf '%s\n' $(DEFINES) >$@

# What belongs where; uninstall removes the same. A unit below /usr/local is found by systemd, too.
PROGRAMS  := nat64-monitor nat64-update
MAN5      := $(notdir $(wildcard docs/*.5))
MAN8      := $(notdir $(wildcard docs/*.8))
EXAMPLES  := nat64-prefixes.example nat64health.rules.yml nat64health.rc.local nat64health.openrc nat64health.run \
             $(addprefix nat64health-radvd,.path .service .timer) nat64health-radvd
INSTALLED  = $(MAN5:%=$(MANDIR)/man5/%) $(MAN8:%=$(MANDIR)/man8/%) $(EXAMPLES:%=$(DOCDIR)/%) \
             $(UNITDIR)/nat64health.service

# Debian's names for things, which the texts use, exchanged for those of this build. Its options are
# in a file of their own.
NAMED_OPTIONS = $(if $(filter /etc/bind/named.conf,$(NAMED_CONF)),$(NAMED_CONF).options,$(NAMED_CONF))
LOCALIZE      = sed -e 's|/usr/local/sbin|$(SBINDIR)|g' -e 's|/usr/local/share/doc/nat64health|$(DOCDIR)|g' \
                -e 's|/etc/bind/nat64-prefixes|$(PREFIX_FILE)|g' -e 's|/etc/bind/named.conf.options|$(NAMED_OPTIONS)|g' \
                -e 's|/var/lib/bind/dns64.conf|$(OUTPUT)|g' -e 's|/run/named/named.pid|$(PID_FILE)|g' \
                -e 's,/var/lib/bind\([ /]\|$$\),$(patsubst %/,%,$(dir $(OUTPUT)))\1,g' -e 's|/etc/bind/nat64-set|$(dir $(PREFIX_FILE))nat64-set|' \
                -e 's|bind:bind|$(BIND_USER):$(BIND_USER)|' \
                -e 's/\(\(User\|Group\)=\|[Uu]ser \|^\.Li \|^\.Cm \|\* \)bind\b/\1$(BIND_USER)/g'

install: all ## install programs, manuals, service, examples (DESTDIR, PREFIX); says what comes next
	install -d $(DESTDIR)$(SBINDIR) $(sort $(dir $(INSTALLED:%=$(DESTDIR)%)))
	install -m 755 $(PROGRAMS:%=$(BUILD)/%) $(DESTDIR)$(SBINDIR)
	install -m 644 $(MAN5:%=docs/%) $(DESTDIR)$(MANDIR)/man5
	install -m 644 $(MAN8:%=docs/%) $(DESTDIR)$(MANDIR)/man8
	install -m 644 $(EXAMPLES:%=docs/%) $(DESTDIR)$(DOCDIR)
	install -m 644 docs/nat64health.service $(DESTDIR)$(UNITDIR)
	$(LOCALIZE) -i $(INSTALLED:%=$(DESTDIR)%)
	@$(LOCALIZE) docs/next-steps

uninstall: ## remove what install put there
	rm -f $(PROGRAMS:%=$(DESTDIR)$(SBINDIR)/%) $(INSTALLED:%=$(DESTDIR)%)
	rmdir --ignore-fail-on-non-empty $(DESTDIR)$(DOCDIR) || true
	@echo "Left as they are: the service, if it was enabled (systemctl disable --now nat64health)," \
		"$(dir $(PREFIX_FILE)), and $(OUTPUT) (named needs it until its include line is gone)."

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@cat Makefile tests/rules.mk | sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' | \
		awk -F '|' '{ printf "  make %-11s %s\n", $$1, $$2 }'

include tests/rules.mk

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

.PHONY: all install uninstall clean help force
.SECONDARY:
