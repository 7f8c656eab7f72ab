# Tocsin's tasks. Written for GNU make 3.81 and later, so that the make of macOS serves too.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# How many tests run side by side: make test WORKERS=1 runs them in their order.
WORKERS ?= auto
PYTEST := $(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench format lock clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile

run: $(VENV)/run.stamp ## Set up and start Tocsin on http://127.0.0.1:8080
	$(BIN)/tocsin run

demo: $(VENV)/run.stamp ## Set up and play an incident to try Tocsin on
	$(BIN)/tocsin demo

test: $(VENV)/dev.stamp ## Set up and run every test
	$(PYTEST)

check: $(VENV)/dev.stamp ## All that must hold before a change goes in: style, types, layers, tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(PYTEST) --cov --cov-report=term

bench: $(VENV)/dev.stamp ## Measure, and print the figures
	$(BIN)/python -m benchmarks

format: $(VENV)/dev.stamp ## Put the code into the project's format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# `make lock` keeps the versions that still fit; `make lock UPGRADE=--upgrade` takes the newest that do.
LOCK = $(BIN)/uv --no-config pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE)

lock: $(VENV)/made.stamp ## Pin the requirements again, by version and hash
	$(PIP) install 'uv>=0.13,<1'
	$(LOCK) pyproject.toml requirements/build.in --extra dev --output-file requirements/dev.txt
	$(LOCK) pyproject.toml --extra postgres --constraint requirements/dev.txt --output-file requirements/run.txt
	$(LOCK) requirements/build.in --constraint requirements/dev.txt --output-file requirements/build.txt

clean: ## Remove what the tasks above have made; what Tocsin itself has stored stays
	rm -rf $(VENV) build dist htmlcov .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

$(VENV)/made.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "There is no '$(PYTHON)' here; install Python 3.11 or later," \
		"or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("Tocsin needs Python 3.11 or later, and $(PYTHON) is %d.%d; name another:" \
		" make PYTHON=python3.12" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@touch $@

# pyproject.toml is among the causes since it names the console script.
$(VENV)/run.stamp: $(VENV)/made.stamp requirements/build.txt requirements/run.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/made.stamp requirements/dev.txt pyproject.toml
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
