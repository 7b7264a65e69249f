# Two commands on a fresh machine: make demo, make test.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK := constraints.txt
PINS := pyproject.toml $(LOCK)
SET_UP := $(VENV)/.set-up
SET_UP_DEV := $(VENV)/.set-up-dev
CHECKED := src tests benchmarks

.PHONY: help setup check test soak bench bench-peers docs demo lock browser

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*  ## (.*)/  make \1\t\2/' | expand -t 20

setup: $(SET_UP)  ## Make .venv with the seawall command and pinned packages
	@echo "next: $(BIN)/seawall doctor"

demo: $(SET_UP)  ## Run the main job on a simulated market, offline
	@$(BIN)/seawall demo

test: $(SET_UP_DEV) browser  ## Run all tests
	@$(BIN)/python -m seawall.engine.warmup
	$(BIN)/python -m pytest -n 2 --dist loadfile

soak: $(SET_UP_DEV)  ## Run for minutes and see that memory does not grow
	$(BIN)/python -m pytest tests/soak -m soak -s

check: $(SET_UP_DEV)  ## Check format, lint, types and the direction of imports
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(SET_UP_DEV)  ## Build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: bench-peers  ## Measure every workload beside its peers
	$(BIN)/python benchmarks/run.py

bench-peers: $(SET_UP_DEV)  ## Make the virtual environments of the peers
	$(BIN)/python benchmarks/peers.py setup

lock:  ## Resolve all packages anew and pin them in constraints.txt
	rm -rf build/lock && $(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install -q hatchling editables ".[venues,sweep,ray,analysis,dev]"
	echo "# Every version that the tests ran with; 'make lock' writes this file anew." > $(LOCK)
	build/lock/bin/python -m pip freeze --exclude seawall | sort -f >> $(LOCK)
	rm -rf build/lock

# The browser tests need one; they are skipped, saying so, where none can be had.
browser:
	@if ! command -v chromium chromium-browser google-chrome >/dev/null; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing chromium for the browser tests"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
	      || echo "chromium could not be installed: browser tests will be skipped"; \
	  else echo "no browser found: browser tests will be skipped"; fi; fi

$(BIN)/python:
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# The build tool comes first and from the same pins, so that installing Seawall
# itself needs no environment of its own.
$(SET_UP): $(PINS) | $(BIN)/python
	@echo "installing pinned packages (a few minutes the first time)"
	@$(PIP) install -qq -c $(LOCK) hatchling editables
	@$(PIP) install -qq -c $(LOCK) --no-build-isolation -e ".[venues,sweep]"
	@$(BIN)/python -m seawall.engine.warmup
	@touch $@

$(SET_UP_DEV): $(SET_UP)
	@echo "installing what tests and checks need"
	@$(PIP) install -qq -c $(LOCK) --no-build-isolation -e ".[venues,sweep,ray,analysis,dev]"
	@touch $@
