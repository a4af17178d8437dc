# What the commands mean is in README.md. Everything is brought by scripts/setup, from package registries only.
SHELL := /bin/bash
# Found anew by each command: scripts/setup may just have brought it.
NODE = PATH="$$(scripts/node-path):$$PATH"
# Both processors are cargo's, whatever make does beside it.
NAPI = env -u MAKEFLAGS npx --no-install napi build --manifest-path native/crates/kopipe-binding/Cargo.toml --target-dir $(CURDIR)/native/target -o $(CURDIR)/native --dts binding.d.ts --release

.PHONY: setup build peers python demo test bench soak package

build: setup
	@echo 'build: the native core (cargo), then TypeScript'
	@$(NODE) $(NAPI)
	@$(NODE) npx --no-install tsc -p .
	@$(NODE) node scripts/join-packages.ts
	@mkdir -p dist/pipeline dist/training/engines/torch && cp -r pipeline/recipes dist/pipeline/ && cp training/engines/torch/*.py dist/training/engines/torch/

setup:
	@scripts/setup

demo: build
	@scripts/demo

package: build
	@$(NODE) scripts/package $(FOLDER)

test: peers
	@$(NODE) node scripts/test.ts

# What the tests hold kopipe against: Python's packages, PyTorch, a browser. They come while cargo compiles.
peers: setup
	@$(MAKE) --no-print-directory -j2 build python

python: setup
	@scripts/venv .venv test/requirements.txt test/requirements-alone.txt
	@$(NODE) node scripts/torch.ts || echo 'peers: torch could not be installed; what needs it is skipped'
	@scripts/venv-torch .venv-torch test/requirements-torch.txt
	@scripts/debian

bench: build
	@scripts/venv .venv-bench bench/requirements.txt
	@$(NODE) node bench/run.ts $(ONLY)

# Slower campaigns: the NEON paths under qemu, tests of what is drawn at random with more draws, every fuzz target for 60 s.
soak: peers
	@KOPIPE_SOAK=1 $(NODE) node --test --test-concurrency=2 $$(grep -rlE 'campaign\(|resumesAnywhere\(' test --include=*.test.ts)
	@scripts/arm64-tests
	@cargo fuzz --version >/dev/null 2>&1 || cargo install --quiet cargo-fuzz
	@cd native/fuzz && for target in $$(ls fuzz_targets | sed 's/\.rs$$//'); do \
	  echo "soak: fuzzing $$target for 60 s"; \
	  mkdir -p target/corpus/$$target; \
	  cargo fuzz run --fuzz-dir . --sanitizer none $$target target/corpus/$$target corpus/$$target -- -max_total_time=60 -rss_limit_mb=4096 || exit 1; \
	done
