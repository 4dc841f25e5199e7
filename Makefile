# Every target does its own set-up, and does it once.

SHELL := /bin/sh
BIN := node_modules/.bin
# The Node of this project is a development dependency; whatever Node npm runs on installs it.
export PATH := $(CURDIR)/$(BIN):$(PATH)
SOURCES := $(shell find src -name '*.ts' ! -name '*.test.ts')

.PHONY: demo test check bench docs build clean

demo: dist/.built
	@fulcrum_demo_args="$(ARGS)"; exec node --max-semi-space-size=16 bin/fulcrum.js demo $$fulcrum_demo_args

test: dist/.built .cache/python/.installed
	$(BIN)/biome ci .
	$(BIN)/tsc -p tsconfig.json
	$(BIN)/attw --pack . --profile esm-only --quiet
	$(BIN)/vitest run

check: node_modules/.installed
	$(BIN)/biome ci .
	$(BIN)/tsc -p tsconfig.json

bench: dist/.built .cache/bench/.installed
	node bench/run.ts $(ARGS)

docs: node_modules/.installed
	node scripts/write-reference.ts

build: dist/.built

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

dist/.built: node_modules/.installed tsconfig.json tsconfig.build.json $(SOURCES)
	@rm -rf dist
	$(BIN)/tsc -p tsconfig.build.json
	@touch $@

# Public Python programs for the tests. Where Python or its packages cannot be had, the tests that
# need them are skipped and say so.
.cache/python/.installed: test/fixtures/python/requirements.txt
	@mkdir -p .cache/python
	@if python3 -m venv .cache/python >/dev/null 2>&1 \
		&& .cache/python/bin/pip install --quiet --disable-pip-version-check -r $<; then :; \
	else rm -rf .cache/python; mkdir -p .cache/python; \
		echo "no Python packages here: tests that need them are skipped"; fi
	@touch $@

.cache/bench/.installed: bench/package.json
	@mkdir -p .cache/bench
	cp bench/package.json .cache/bench/package.json
	npm install --prefix .cache/bench --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf dist .cache node_modules
