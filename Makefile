# Every target does its own set-up, and does it once.

SHELL := /bin/sh
BIN := node_modules/.bin
# The Node of this project is a development dependency; whatever Node npm runs on installs it.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Where there is no home folder to write to, npm, Go and pip keep here what they fetch.
ifneq ($(shell [ -n "$$HOME" ] && [ -w "$$HOME" ] && echo yes),yes)
export HOME := $(shell mkdir -p .cache/home && cd .cache/home && pwd)
endif
# Of the system too, and not only those that Node brings: whatever Node runs it, npm trusts the same.
NPM := NODE_USE_SYSTEM_CA=1 npm
SOURCES := $(shell find src -name '*.ts' ! -name '*.test.ts')
# What aws-lambda-ric is built against is the same in all of Node: the headers need not be fetched.
NODE_HEADERS := $(if $(wildcard /usr/include/node/node_api.h),npm_config_nodedir=/usr)
FUNCTIONS := test/fixtures/functions
CLIENTS := $(patsubst %,.cache/functions/%/.installed,node python go)
# All that tests can use, but for the Lambda Web Adapter. None needs another that is not named with it,
# so "make -j prepare" makes them at the same time.
PREPARED := dist/.built .cache/python/.installed $(CLIENTS) .cache/rie/.installed .cache/containers/.installed

.PHONY: demo test prepare check bench docs build web-adapter clean

demo: dist/.built
	@fulcrum_demo_args="$(ARGS)"; exec node --max-semi-space-size=16 bin/fulcrum.js demo $$fulcrum_demo_args

test: $(PREPARED)
	$(BIN)/biome ci .
	$(BIN)/tsc -p tsconfig.json
	$(BIN)/attw --pack . --profile esm-only --quiet
	$(BIN)/vitest run

prepare: $(PREPARED)

check: node_modules/.installed
	$(BIN)/biome ci .
	$(BIN)/tsc -p tsconfig.json

bench: dist/.built .cache/bench/.installed .cache/simfaas/.installed
	node bench/run.ts $(ARGS)

docs: dist/.built
	node scripts/write-reference.ts

build: dist/.built

node_modules/.installed: package.json package-lock.json
	$(NPM) ci --no-audit --no-fund --loglevel=error
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
		&& .cache/python/bin/python -m pip install --quiet --disable-pip-version-check -r $<; then :; \
	else rm -rf .cache/python; mkdir -p .cache/python; \
		echo "no Python packages here: tests that need them are skipped"; fi
	@touch $@

# The runtime clients of AWS for the tests of functions, each as its registry has it. One that cannot
# be built here is left out: its tests are skipped and say so.
.cache/functions/node/.installed: $(FUNCTIONS)/node/package.json node_modules/.installed
	@rm -rf $(@D) && mkdir -p $(@D) && cp $< $(@D)/package.json
	@echo "building aws-lambda-ric, which takes a minute"
	@$(NODE_HEADERS) $(NPM) install --prefix $(@D) --no-audit --no-fund --loglevel=error >$(@D)/install.log 2>&1 \
		|| { rm -rf $(@D)/node_modules; tail -n 5 $(@D)/install.log; \
		echo "aws-lambda-ric cannot be built here: tests that need it are skipped"; }
	@touch $@

.cache/functions/python/.installed: $(FUNCTIONS)/python/requirements.txt .cache/python/.installed
	@mkdir -p $(@D)
	@if [ -x .cache/python/bin/python ] \
		&& .cache/python/bin/python -m pip install --quiet --disable-pip-version-check -r $<; then :; \
	else echo "no awslambdaric here: tests that need it are skipped"; fi
	@touch $@

.cache/functions/go/.installed: $(wildcard $(FUNCTIONS)/go/*)
	@rm -rf $(@D) && mkdir -p $(@D)
	@cd $(FUNCTIONS)/go && CGO_ENABLED=0 go build -o $(CURDIR)/$(@D)/bootstrap . \
		|| echo "no aws-lambda-go here: tests that need it are skipped"
	@touch $@

# The runtime interface emulator of AWS, as the SAM command line carries it.
.cache/rie/.installed: $(FUNCTIONS)/rie/requirements.txt .cache/python/.installed
	@rm -rf $(@D) && mkdir -p $(@D)
	@if [ -x .cache/python/bin/python ] && .cache/python/bin/python -m pip download --quiet \
		--disable-pip-version-check --no-deps --dest $(@D) -r $< \
		&& .cache/python/bin/python -m zipfile -e $(@D)/*.whl $(@D)/unpacked \
		&& cp $(@D)/unpacked/samcli/local/rapid/aws-lambda-rie-* $(@D)/; then \
		chmod +x $(@D)/aws-lambda-rie-*; rm -rf $(@D)/unpacked $(@D)/*.whl; \
	else echo "no runtime interface emulator here: tests that need it are skipped"; fi
	@touch $@

# The Lambda Web Adapter, built from its crate. A minute and a Rust compiler, so only when asked for;
# without it the tests that need it are skipped and say so. Its code is that of a release; it is only
# not optimised, which takes twice as long to build and changes how fast it is and how large.
web-adapter: .cache/web-adapter/bin/lambda-adapter

.cache/web-adapter/bin/lambda-adapter:
	CARGO_TARGET_DIR=.cache/web-adapter/target CARGO_PROFILE_RELEASE_LTO=off \
		CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
		cargo install --quiet --locked --root .cache/web-adapter lambda_web_adapter --version 1.0.0-rc1
	@rm -rf .cache/web-adapter/target

# What images of the tests begin with, where none can be pulled: a small Debian with the Node of this
# project. Where it cannot be made, the tests of containers are skipped and say so.
.cache/containers/.installed: test/fixtures/containers/packages.txt node_modules/.installed
	@mkdir -p $(@D) && rm -rf $(@D)/system $(@D)/base.tar
	@if [ "$$(id -u)" = 0 ] && command -v debootstrap >/dev/null && command -v podman >/dev/null; then \
		echo "making an image of Debian for the tests of containers, which takes a minute"; \
		debootstrap --variant=minbase --include="$$(paste -sd, $<)" bookworm $(@D)/system >$(@D)/debootstrap.log 2>&1 \
		&& rm -rf $(@D)/system/var/cache/apt/* $(@D)/system/var/lib/apt/lists/* $(@D)/system/usr/share/doc \
			$(@D)/system/usr/share/locale $(@D)/system/usr/share/man \
		&& cp "$$(node -p process.execPath)" $(@D)/system/usr/local/bin/node \
		&& tar -C $(@D)/system -cf $(@D)/base.tar . \
		|| { rm -f $(@D)/base.tar; tail -n 5 $(@D)/debootstrap.log; }; rm -rf $(@D)/system; fi
	@[ -f $(@D)/base.tar ] || echo "no base image here: tests of containers are skipped"
	@touch $@

.cache/bench/.installed: bench/package.json
	@mkdir -p .cache/bench
	cp bench/package.json .cache/bench/package.json
	$(NPM) install --prefix .cache/bench --no-audit --no-fund --loglevel=error
	@touch $@

# The peer of the event simulator, with numpy, scipy and pandas that it needs.
.cache/simfaas/.installed: bench/requirements.txt
	@rm -rf $(@D) && mkdir -p $(@D)
	@if python3 -m venv $(@D)/venv >/dev/null 2>&1 \
		&& $(@D)/venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<; then :; \
	else rm -rf $(@D)/venv; echo "no SimFaaS here: it is left out"; fi
	@touch $@

clean:
	rm -rf dist .cache node_modules
