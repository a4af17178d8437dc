# What the commands mean is in README.md. Everything is brought by scripts/setup, from package registries only.
SHELL := /bin/bash
export PATH := $(shell scripts/node-path):$(PATH)
NAPI = npx --no-install napi build --manifest-path native/crates/kopipe-binding/Cargo.toml --target-dir $(CURDIR)/native/target -o $(CURDIR)/native --dts binding.d.ts --release

.PHONY: build setup test
build: setup
	@echo 'build: the native core (cargo), then TypeScript'
	@$(NAPI)
	@npx --no-install tsc -p .
	@mkdir -p dist/pipeline && cp -r pipeline/recipes dist/pipeline/

setup:
	@scripts/setup

test: build
	@scripts/venv .venv test/requirements.txt
	@node scripts/test.ts

.PHONY: bench
bench: build
	@scripts/venv .venv-bench bench/requirements.txt
	@node bench/run.ts $(ONLY)

.PHONY: demo
demo: build
	@scripts/demo

# Slower campaigns: every fuzz target for 60 s.
.PHONY: soak
soak: build
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --quiet cargo-fuzz
	@cd native/fuzz && for target in $$(ls fuzz_targets | sed 's/\.rs$$//'); do \
	  echo "soak: fuzzing $$target for 60 s"; \
	  mkdir -p target/corpus/$$target; cargo fuzz run --fuzz-dir . --sanitizer none $$target target/corpus/$$target corpus/$$target -- -max_total_time=60 -rss_limit_mb=4096 || exit 1; \
	done
