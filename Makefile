# libaim. `make help` lists the targets; CONTRIBUTING.md explains the daily ones.

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
ABI     := $(shell sed -n 's/.*ABI_VERSION: u32 = \([0-9]*\);/\1/p' build.rs)
PREFIX  ?= /usr/local
export PATH := $(CURDIR)/build/rust/bin:$(PATH):$(HOME)/.cargo/bin

# make YES=1: what is missing is installed without a question.
export YES

# `quick` builds in a third of the time; what it builds is slower.
PROFILE ?= release
TARGET  := $(or $(CARGO_TARGET_DIR),target)
RELEASE  = $(TARGET)/$(PROFILE)
LIB     := build/lib
BIN     := build/bin

# In the place of `release` the program has a profile of its own: it is nobody's host and ends where it panics, so that it
# needs no tables to unwind by (tools/program.ld leaves out what is in the standard library); what is the same is there
# once, and no path of the machine that built it.
SMALL    = $(filter release,$(PROFILE))
PROGRAM  = $(if $(SMALL),program,$(PROFILE))
FLAGS   := -Cforce-unwind-tables=no --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src/=
LINK    := -Cllvm-args=-enable-machine-outliner -Clink-arg=-Wl,-T,tools/program.ld,--no-eh-frame-hdr,--strip-all
ifeq ($(shell uname -m),x86_64)
# Where the linker is LLVM's; Zig's, which is too, does not take them.
FOLD    := -Clink-arg=-Wl,--icf=all,-O2
endif

# Seconds of each fuzz target.
FOR ?= 60

.DELETE_ON_ERROR:
.PHONY: all lib program ui demo test stress bench fuzz docs site install dist deb wheel release header lint clean help

all: lib program ## build library and program into build/lib and build/bin (the default)

# Puts the shared library that was built into LIB, with the links to it.
SHARED = mkdir -p $(LIB) && install -p -m 755 $(RELEASE)/libaim.so $(LIB)/libaim.so.$(VERSION) && \
    ln -sf libaim.so.$(VERSION) $(LIB)/libaim.so.$(ABI) && ln -sf libaim.so.$(ABI) $(LIB)/libaim.so

# Not as a Rust library at the same time: what such a one may be asked for would stay in the others, a tenth of their size.
lib: ## build libaim.so and libaim.a alone
	@tools/need cargo cc:gcc ld:binutils
	cargo rustc --profile $(PROFILE) --locked --lib --crate-type cdylib,staticlib
	@$(SHARED)
	@test $(LIB)/libaim.a -nt $(RELEASE)/libaim.a || tools/static-library $(RELEASE)/libaim.a $(LIB)/libaim.a

program: ## build the program libaim alone
	@tools/need cargo cc:gcc
	$(if $(SMALL),RUSTFLAGS="$$RUSTFLAGS $(FLAGS)") \
	    cargo rustc --profile $(PROGRAM) --locked --package aim-cli --bin libaim $(if $(SMALL),-- $(LINK) $(FOLD))
	@mkdir -p $(BIN)
	@install -p -m 755 $(TARGET)/$(PROGRAM)/libaim $(BIN)/libaim

# A library without its optional parts (git, GPUs, Arrow, terminal), which would make the first build half as long again.
demo: PROFILE = quick
demo: LIB = build/quick
demo: ## train a small network on handwritten digits, track it, read it back
	@echo "Building what the demo needs of libaim, without optimisations, about a minute on two cores ..."
	@tools/need cargo cc:gcc g++
	cargo rustc --profile quick --locked --lib --crate-type cdylib --no-default-features
	@$(SHARED)
	g++ -std=c++17 -O2 -Iinclude -Ibindings/cpp examples/cpp/digits.cpp -o build/digits \
	    -Lbuild/quick -laim -Wl,-rpath,'$$ORIGIN/quick'
	@mkdir -p build/demo
	build/digits build/demo examples/data/digits.csv
	@test -x $(BIN)/libaim || echo 'To see these runs, build the program (make program), then:'
	@echo '    $(BIN)/libaim --repo build/demo ls    # in the terminal'
	@echo '    $(BIN)/libaim --repo build/demo up    # in the browser'

test: all ## run every test suite
	tests/run

stress: lib program ## kills, power losses, crowds, rough hosts and recovery many times as long as in `make test`, with figures; packages as they are handed on
	@tools/need cargo cc:gcc prove:perl setpriv:util-linux :postgresql
	AIM_TEST_ROUNDS=10 CARGO_PROFILE_TEST_OPT_LEVEL=3 \
	    cargo test --locked --test damage --test durability --test power_loss -- --nocapture --test-threads=2
	AIM_TEST_PREEMPTIONS=1 LOOM_MAX_DURATION=120 CARGO_PROFILE_TEST_OPT_LEVEL=3 \
	    cargo test --locked --lib ring_model -- --nocapture --test-threads=2
	AIM_TEST_RANKS=64 AIM_TEST_ROUNDS=67 CARGO_PROFILE_TEST_OPT_LEVEL=3 \
	    cargo test --locked --test life job:: -- --nocapture
	AIM_TEST_SECONDS=3600 prove --verbose tests/rough/run
	AIM_TEST_ROUNDS=20 AIM_TEST_SEED=$$(date +%s) cargo test --locked -p aimql --test cost -- --nocapture
	AIM_TEST_TASKS=1000 tests/run slurm
	AIM_TEST_RANKS=10000 AIM_TEST_ROUNDS=20 CARGO_PROFILE_TEST_OPT_LEVEL=3 \
	    cargo test --locked --test spool -- --nocapture --test-threads=1
	AIM_TEST_RANKS=10000 AIM_TEST_ROUNDS=17 \
	    cargo test --locked -p aim-cli --test central -- --nocapture --test-threads=1 busy kill
	AIM_TEST_PROFILE=release tests/run aarch64 install packages

bench: all ## run the benchmarks
	benches/run

ui: ## fetch Aim's web UI, which `libaim up` serves, into build/ui
	tools/ui

fuzz: ## run each fuzz target for FOR seconds (default 60)
	@tools/need cargo cc:gcc
	fuzz/run $(FOR)

docs: ## write the API reference of aim.h and aim.hpp into build/docs
	@tools/need doxygen
	@mkdir -p build
	(cat docs/Doxyfile; echo PROJECT_NUMBER=$(VERSION)) | doxygen -
	@echo build/docs/html/index.html

site: docs ## make the documentation a site, build/site/html, with the API reference in it
	tools/site/build

$(LIB)/libaim.so.$(VERSION):
	$(MAKE) lib

$(BIN)/libaim:
	$(MAKE) program

INTO     = $(DESTDIR)$(PREFIX)
# Below PREFIX; distributions have others, such as lib64 and lib/x86_64-linux-gnu.
LIBDIR  ?= lib
LIBINTO  = $(INTO)/$(LIBDIR)
# The way from LIBDIR/pkgconfig up to PREFIX.
UP      := $(shell echo $(LIBDIR)/pkgconfig | sed 's|[^/][^/]*|..|g')
FILL_IN := sed -e 's|@VERSION@|$(VERSION)|' -e 's|@ABI@|$(ABI)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@UP@|$(UP)|'
RELEASE_NAME := libaim-$(VERSION)-$(shell uname -s | tr A-Z a-z)-$(shell uname -m)

install: $(LIB)/libaim.so.$(VERSION) $(BIN)/libaim ## install below PREFIX (default /usr/local, libraries in LIBDIR, lib), staged into DESTDIR
	install -d $(LIBINTO)/pkgconfig $(LIBINTO)/cmake/aim $(INTO)/include $(INTO)/share/doc/aim
	install -m 755 $(LIB)/libaim.so.$(VERSION) $(LIBINTO)
	ln -sf libaim.so.$(VERSION) $(LIBINTO)/libaim.so.$(ABI)
	ln -sf libaim.so.$(ABI) $(LIBINTO)/libaim.so
	install -m 644 $(LIB)/libaim.a $(LIBINTO)
	install -m 644 include/aim.h $(INTO)/include
	install -d $(INTO)/bin $(INTO)/share/man/man1 $(INTO)/share/bash-completion/completions \
	    $(INTO)/share/zsh/site-functions $(INTO)/share/fish/vendor_completions.d
	install -m 755 $(BIN)/libaim $(INTO)/bin
	$(BIN)/libaim man >$(INTO)/share/man/man1/libaim.1
	$(BIN)/libaim completions bash >$(INTO)/share/bash-completion/completions/libaim
	$(BIN)/libaim completions zsh >$(INTO)/share/zsh/site-functions/_libaim
	$(BIN)/libaim completions fish >$(INTO)/share/fish/vendor_completions.d/libaim.fish
	$(FILL_IN) tools/aim.pc.in >$(LIBINTO)/pkgconfig/aim.pc
	$(FILL_IN) tools/cmake/aimConfig.cmake.in >$(LIBINTO)/cmake/aim/aimConfig.cmake
	$(FILL_IN) tools/cmake/aimConfigVersion.cmake.in >$(LIBINTO)/cmake/aim/aimConfigVersion.cmake
	install -m 644 LICENSE README.md $(INTO)/share/doc/aim
	install -D -m 644 tools/valgrind.supp $(INTO)/share/aim/valgrind.supp
	@if [ -d build/ui ]; then echo "build/ui $(INTO)/share/libaim/ui" && install -d $(INTO)/share/libaim && \
	    rm -rf $(INTO)/share/libaim/ui && cp -R build/ui $(INTO)/share/libaim/ui; fi
	tools/notices libaim aim-cli >$(INTO)/share/doc/aim/THIRD-PARTY-NOTICES
	@for binding in bindings/*/install; do echo "$$binding $(INTO)" && "$$binding" "$$(realpath $(INTO))" || exit; done

dist: ## pack a build that runs on old systems too (glibc 2.17) into build/libaim-VERSION-SYSTEM.tar.gz
	PROFILE=$(PROFILE) PROGRAM=$(PROGRAM) $(if $(SMALL),FLAGS="$(FLAGS)" LINK="$(LINK)") tools/portable build/portable program
	rm -rf build/dist
	$(MAKE) --no-print-directory install LIB=build/portable BIN=build/portable DESTDIR=build/dist PREFIX=/$(RELEASE_NAME)
	tar -C build/dist --sort=name --owner=0 --group=0 --numeric-owner -czf build/$(RELEASE_NAME).tar.gz $(RELEASE_NAME)
	@echo build/$(RELEASE_NAME).tar.gz

deb: $(LIB)/libaim.so.$(VERSION) $(BIN)/libaim ## pack the build as Debian packages (library, dev, program) in build/deb
	tools/deb $(LIB) $(BIN)

wheel: ## pack the Python binding with a library for old systems as a wheel in build/wheel
	PROFILE=$(PROFILE) tools/portable build/portable
	tools/wheel build/portable

release: ## make a release: make release TO=0.2.0 tags, records the ABI and packs into build/release; DRY=1 tries it in a copy
	@test -n "$(TO)" || { echo "say which: make release TO=0.2.0" >&2; exit 1; }
	tools/release $(if $(DRY),--dry-run) $(TO)

header: ## write include/aim.h anew from the Rust sources
	@tools/need cargo cc:gcc
	tools/header

lint: ## formatting, clippy without warnings, header up to date
	@tools/need cargo cc:gcc
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo clippy --workspace --test '*' --locked -- -D warnings
	tools/header --check

clean: ## remove everything that was built
	cargo clean
	rm -rf build

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' Makefile
