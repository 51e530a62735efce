# Daji's front door: `make` lists what it can do. Set-up itself lives in tools/bootstrap.py, which needs
# nothing but Python, so that a machine without make can call it too.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
# The targets share one .venv; two of them installing at once would break it.
.NOTPARALLEL:

BIN := .venv/bin
# Test processes; each brings its own database.
WORKERS ?= 2
# Passed on to the program that a target starts: make run ARGS=--help
ARGS ?=
# Asked, not looked up: a version manager's shim may exist and still refuse to start.
FIND_PYTHON = for python in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; break; fi; done
BOOTSTRAP = python=$$($(FIND_PYTHON)); \
	if [ -z "$$python" ]; then \
		echo "Daji needs Python 3.11 or newer: install it (Debian and Ubuntu: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python $@" >&2; \
		exit 1; \
	fi; \
	$$python tools/bootstrap.py

define LINT
$(BIN)/ruff check .
$(BIN)/ruff format --check .
$(BIN)/mypy
npm --prefix web run --silent check
endef

.PHONY: help setup setup-dev run test test-slow check fmt unit house clean lock bench chaos rehearse lighthouse screenshots

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

setup: ## make .venv with the locked libraries and Daji in it, and build what browsers load (at once when nothing changed)
	@$(BOOTSTRAP) run

setup-dev:
	@$(BOOTSTRAP) dev

run: setup ## set up and start the whole shop on this machine: daji up (ARGS="..." adds options)
	@$(BIN)/daji up $(ARGS)

test: setup-dev ## set up for development, then lint, types and every test but the slow ones (WORKERS=2, ARGS="...")
	$(LINT)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" $(ARGS)

test-slow: setup-dev ## the tests that take minutes each: 100,000 rows, the real history killed three times
	$(BIN)/python -m pytest -m slow $(ARGS)

check: setup-dev ## lint, types and the contracts in tests/house
	$(LINT)
	$(BIN)/python -m pytest -q tests/house $(ARGS)

fmt: setup-dev ## format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

unit: setup-dev ## the tests that need no database
	$(BIN)/python -m pytest -q tests/unit $(ARGS)

house: setup-dev ## the tests that keep the house in order: contracts, locks, docs
	$(BIN)/python -m pytest -q tests/house $(ARGS)

lock: setup-dev ## resolve pyproject.toml into requirements/*.lock (UPGRADE=1 takes the newest versions)
	@$(BOOTSTRAP) lock $(if $(UPGRADE),--upgrade)

bench: setup-dev ## measure the shop under load, beside its peers (needs wrk; ARGS="--seconds 5 --runs 3")
	@$(BIN)/python benchmarks/bench.py $(ARGS)

lighthouse: setup-dev ## measure home, category, product and cart with Lighthouse (ARGS="--runs 5 --first")
	@$(BIN)/python tools/lighthouse/run.py $(ARGS)

screenshots: setup-dev ## photograph the twelve most important pages (ARGS="--url URL")
	@$(BIN)/python tools/screenshots.py $(ARGS)

chaos: setup-dev ## kill, hang, starve and drown a running shop, for minutes (DAJI_CHAOS_SECONDS, DAJI_CHAOS_SEED, DAJI_CHAOS_REPORT)
	@$(BIN)/python -m pytest -s -m "" tests/chaos $(ARGS)

rehearse: setup-dev ## play flash sale, overload, chaos, restart, failover and restore, and print one table (ARGS="--long --json FILE")
	@$(BIN)/python tools/rehearse.py $(ARGS)

clean: ## remove caches, build output and the set-up stamp; .venv and the shop's data in .daji stay
	@rm -rf dist test-results .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name .venv -prune -o -name .daji -prune -o -name __pycache__ -type d -exec rm -rf {} +
	@rm -f .venv/daji-setup.json
