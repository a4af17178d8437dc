# What the commands mean is in README.md. scripts/setup brings what is missing, from package registries only.
SHELL := /bin/bash
export PATH := $(shell scripts/node-path):$(PATH)
NAPI = npx --no-install napi build --manifest-path native/crates/kopipe-binding/Cargo.toml --target-dir $(CURDIR)/native/target -o $(CURDIR)/native --dts binding.d.ts --release

.PHONY: build setup
build: setup
	@$(NAPI)
	@npx --no-install tsc -p .
	@mkdir -p dist/pipeline && cp -r pipeline/recipes dist/pipeline/

setup:
	@scripts/setup
