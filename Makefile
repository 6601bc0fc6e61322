# `make` lists its verbs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
JOBS ?= $(shell expr $$(nproc) + 1)
# The slowest files come first (tests/conftest.py), not those with the most tests: else one worker is left with them at the end.
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

# Python keeps what it has compiled, whatever the environment says: a run of the tests starts hundreds of processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run install test test-sqlite test-postgres lint demo bench soak scale simulate docs corpus screenshots migration lock clean

help: ## List the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 16

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Coopole needs Python 3.11 or newer.")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-test: requirements-test.lock tests/peers/bovine/requirements.lock tests/clients/javascript/package-lock.json tests/accessibility/package-lock.json $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.lock
	$(BIN)/python -m tests.peers.fedify_peer install
	$(BIN)/python -m tests.peers.bovine_peer install
	$(BIN)/python -m tests.clients.story install
	$(BIN)/python -m tests.accessibility.axe install
	@touch $@

install: $(VENV)/.installed ## Install into .venv

run: install ## Install and serve http://localhost:8000
	$(BIN)/coopole serve

test: test-sqlite test-postgres ## Run the whole suite on SQLite, and what has a database again on PostgreSQL

test-sqlite: $(VENV)/.installed-test
	COOPOLE_TEST_DATABASE=sqlite $(PYTEST) tests/federation --cov=federation --cov-report=
	$(BIN)/coverage report --include='federation/*' --fail-under=95
	COOPOLE_TEST_DATABASE=sqlite $(PYTEST) --ignore=tests/federation

test-postgres: $(VENV)/.installed-test
	COOPOLE_TEST_DATABASE=postgres $(PYTEST) --only-database

lint: $(VENV)/.installed-test ## ruff, mypy strict, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

demo: install ## A national office and two sections on loopback, talking
	$(BIN)/python -m demo

bench: install ## Measure this server with fedbench, and hold it against the goals
	$(BIN)/python -m bench --out bench-data/results.json $(ARGS)

soak: install ## Twenty minutes at half of the power that make bench measured: does anything grow?
	$(BIN)/python -m bench.soak --out bench-data/soak.json $(ARGS)

scale: $(VENV)/.installed-test ## Measure 1, 2 and 4 web and worker processes on PostgreSQL
	$(BIN)/python -m bench.scale $(ARGS)

simulate: install ## Write docs/simulation.md: millions of followers, thousands of servers
	$(BIN)/python -m bench.simulate $(ARGS)

docs: install ## Write the pages that are made from code
	$(BIN)/python -m docs

corpus: $(VENV)/.installed-test ## Write docs/interop.md: what becomes of the documents of other programs
	$(BIN)/python -m tests.corpus_report

screenshots: $(VENV)/.installed-test ## Take pictures of the main pages into docs/screenshots/
	$(BIN)/python -m demo.pictures $(ARGS)

migration: install ## Write the initial migration anew, after a change of the models
	scripts/migration.sh

lock: | $(BIN)/python ## Write the lock files anew, from what a fresh environment resolves to
	scripts/lock.sh

clean: ## Remove what can be made again
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage* build *.egg-info
