# Two commands on a fresh machine: `make review` and `make test`. Both set up .venv from the lock files first.
PYTHON ?= python3
DIFF ?= examples/change.diff
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip --quiet
COMPILE = $(UV) compile --universal --generate-hashes --no-header --python-version 3.11

# Many tests wait for a process or a second between two writes: twice as many workers as cores.
WORKERS = $$($(BIN)/python -c 'import os; print(2 * (os.cpu_count() or 1))')

.DEFAULT_GOAL := help
.PHONY: help setup review test coverage slow lint types architecture workflows check fix bench load goldens mutants \
  fuzz advisories locks dist clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/.build: requirements-build.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "reviewer needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-build.lock
	@touch $@

$(VENV)/.runtime: $(VENV)/.build requirements.lock pyproject.toml
	@$(UV) install --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) install --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@$(UV) install --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.trials: $(VENV)/.dev requirements-trials.lock
	@$(UV) install --python $(BIN)/python --require-hashes -r requirements-trials.lock
	@touch $@

setup: $(VENV)/.dev  ## everything a developer needs, from the lock files, into .venv

review: $(VENV)/.runtime  ## review the example diff, or yours: make review DIFF=my.diff
	@$(BIN)/reviewer review $(DIFF)

test: setup  ## the tests but for the slow ones, in parallel
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m 'not slow'

coverage: setup  ## the same, and how many branches they take: half as long again
	@rm -f .coverage .coverage.*
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadgroup -m 'not slow'
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report

slow: setup  ## the exhaustive and the long ones
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m slow

RUNS = 20
SHARE = 5
load: setup  ## a large pull request in bad weather, again and again: make load [RUNS=20] [SHARE=5 (percent that fail)]
	@LOAD_RUNS=$(RUNS) LOAD_SHARE=$(SHARE) $(BIN)/pytest -q tests/faults/test_load.py

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

architecture: setup
	@$(BIN)/lint-imports

SCHEMA = $(BIN)/check-jsonschema --builtin-schema
WORKFLOWS = .github/workflows/*.yml examples/workflows/*.yml reviewer/commands/data/reviewer.yml
workflows: setup
	@$(BIN)/zizmor --quiet --offline --persona auditor --config .github/zizmor.yml action.yml .github $(WORKFLOWS)
	@$(SCHEMA) vendor.github-actions action.yml
	@$(SCHEMA) vendor.github-workflows $(WORKFLOWS)
	@$(SCHEMA) vendor.dependabot .github/dependabot.yml

check: lint types architecture workflows coverage  ## before every commit; CI runs `slow` too

fix: setup  ## format and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup  ## measured here: make bench [DATA=folder] [REPOSITORIES=folder] [REPO=path] [WRITE=1]
	@$(BIN)/python -m benchmarks $(if $(REPO),--repo $(REPO)) $(if $(DATA),--data $(DATA)) \
	  $(if $(REPOSITORIES),--repositories $(REPOSITORIES)) $(if $(WRITE),--write benchmarks/README.md)

goldens: setup  ## rewrite the golden files; read the diff before you commit it
	@GOLDENS=rewrite $(BIN)/pytest -q -k golden

# An hour or two of one processor; what was tried stays tried until its module or its tests change.
mutants: $(VENV)/.trials  ## does a test notice each small change of judgement/ and change/? [ONLY='reviewer.change.diff*']
	@PATH="$(CURDIR)/$(BIN):$$PATH" nice mutmut run $(if $(ONLY),"$(ONLY)")
	@$(BIN)/mutmut results

fuzz: $(VENV)/.trials  ## look for input that breaks a promise: make fuzz [SECONDS=60] [TARGET=diffs]
	@$(BIN)/python -m fuzz --seconds $(or $(SECONDS),60) $(TARGET)

# An environment of its own: what asks about the packages is not installed beside them.
AUDIT = $(VENV)/audit/bin/python
$(VENV)/audit/.ready: requirements-audit.lock | $(VENV)/.build
	@$(PYTHON) -m venv $(VENV)/audit
	@$(AUDIT) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-audit.lock
	@touch $@

advisories: $(VENV)/audit/.ready  ## known vulnerabilities of what the lock files install; asks the network
	@$(AUDIT) -m pip_audit --strict --progress-spinner off --disable-pip --require-hashes \
	  $(foreach lock,$(wildcard requirements*.lock),--requirement $(lock))

locks: setup  ## resolve the lock files again; pins that still fit stay
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev --group build -o requirements-dev.lock
	@$(COMPILE) --group build -o requirements-build.lock
	@$(COMPILE) pyproject.toml --group dev --group build --group trials -o requirements-trials.lock
	@$(COMPILE) --group audit -o requirements-audit.lock

dist: $(VENV)/.build  ## the wheel and the source archive, with the tools of requirements-build.lock
	@rm -rf dist
	@$(BIN)/python -m hatchling build --directory dist

clean:  ## forget .venv and every cache
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .fuzz mutants build dist
