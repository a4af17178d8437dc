# scripts/setup brings what is missing: a Node >= 22 where the machine's is older, npm's packages, nothing else.
SHELL := /bin/bash
export PATH := $(shell scripts/node-path):$(PATH)
NAPI = npx --no-install napi build --manifest-path native/crates/kopipe-binding/Cargo.toml --target-dir $(CURDIR)/native/target -o $(CURDIR)/native --dts binding.d.ts --release

.PHONY: build
build: setup
	@$(NAPI)
	@npx --no-install tsc -p .

.PHONY: setup
setup:
	@scripts/setup
