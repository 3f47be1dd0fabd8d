# Everything that a developer does here, by name; `make help` lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# Each stamp is newer than what it was made from, so that a second `make` has nothing to do.
STAMPS := .setup
BIN := .venv/bin
DATA ?= .data
PORT ?= 8000
# Options of `make bench`, such as BENCH=--quick.
BENCH ?=
FRONTEND_SOURCES := $(shell find frontend -type f \
	-not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/.*' 2>/dev/null)

FAST_TESTS := $(wildcard tests/unit tests/properties tests/architecture tests/simulation)
FRONTEND_TEST := $(if $(wildcard frontend/tests/*.test.ts frontend/tests/*/*.test.ts),\
	scripts/with_node.sh npm --prefix frontend run test)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help
help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: $(STAMPS)/run $(STAMPS)/frontend ## set up, then a house with one live space on localhost:8000
	$(BIN)/rostra demo --data $(DATA) --port $(PORT)

.PHONY: setup
setup: $(STAMPS)/run $(STAMPS)/dev $(STAMPS)/frontend $(STAMPS)/chromium ## get and build all that run and test need

.PHONY: lint
lint: $(STAMPS)/dev $(STAMPS)/frontend ## style, types, layers, names
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.names
	scripts/with_node.sh npm --prefix frontend run check

.PHONY: check
check: lint ## lint and the fast tests
	$(BIN)/pytest -q $(FAST_TESTS)
	$(FRONTEND_TEST)

.PHONY: test
test: setup ## set up, then all tests, real browsers included
	$(BIN)/pytest
	$(FRONTEND_TEST)

.PHONY: bench
bench: $(STAMPS)/dev $(STAMPS)/bench $(STAMPS)/frontend $(STAMPS)/chromium ## measure the edge beside the bare floor and its peers, about 45 min
	@command -v cc >/dev/null || { \
	  echo "The floor that we measure against is a C program, and there is no C compiler on" \
	    "PATH: run 'apt-get install gcc libc6-dev' (as root)." >&2; exit 1; }
	$(BIN)/python -m benchmarks $(BENCH)

.PHONY: lock
lock: $(STAMPS)/dev ## solve all dependencies anew and write the locks
	$(BIN)/pip install --quiet --require-hashes -r requirements/lock.lock
	scripts/lock.sh
	scripts/with_node.sh npm --prefix frontend install --package-lock-only --no-audit --no-fund
	scripts/with_node.sh node frontend/scripts/lock.mjs

.PHONY: clean
clean: ## remove all that make made; your .data stays
	rm -rf .venv $(STAMPS) frontend/dist frontend/node_modules dist build .mypy_cache \
	  .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMPS)/venv: scripts/pick_python.sh
	python="$$(scripts/pick_python.sh)"; "$$python" -m venv --clear .venv
	mkdir -p $(STAMPS) && touch $@

# A lock is whole, so pip looks for nothing more (--no-deps); see requirements/left_out.txt.
$(STAMPS)/run: $(STAMPS)/venv requirements/run.lock pyproject.toml hatch_build.py
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements/run.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements/dev.lock
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements/dev.lock
	touch $@

# Without their dependencies, which the lock names one by one: see scripts/lock.sh.
$(STAMPS)/bench: $(STAMPS)/dev requirements/bench.lock
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements/bench.lock
	touch $@

$(STAMPS)/npm: $(STAMPS)/venv frontend/package.json frontend/package-lock.json
	scripts/with_node.sh npm --prefix frontend ci --no-audit --no-fund --loglevel=error
	touch $@

$(STAMPS)/frontend: $(STAMPS)/npm $(FRONTEND_SOURCES)
	scripts/with_node.sh npm --prefix frontend run build
	touch $@

$(STAMPS)/chromium: $(STAMPS)/dev scripts/chromium.py
	$(BIN)/python -m scripts.chromium $@
