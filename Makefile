# `make demo` and `make test` need nothing but Python 3.11 or newer: they make their own virtual environment.
PYTHON ?= python3
BIN := .venv/bin
DEMO := $(CURDIR)/demo
# keep compiled modules, whatever the shell says: without them every process spends seconds on compiling
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test unit integration real coverage lint ui docs clean-demo

demo: .venv/installed clean-demo ## the main job on the synthetic league, in a lake and an instance of its own
	RATES_ROOT=$(DEMO)/lake DAGSTER_HOME=$(DEMO)/dagster_home $(BIN)/rates demo

test: .venv/installed ## all tests, and which twenty took longest; those marked real skip where ../shared/data is not there
	$(BIN)/pytest --durations=20

unit: .venv/installed ## no lake, no fitted model: about a minute
	$(BIN)/pytest tests/unit

integration: .venv/installed ## lakes, fits, and a tiny league through the whole graph
	$(BIN)/pytest tests/integration

real: .venv/installed ## real seasons, from ../shared/data
	$(BIN)/pytest tests/real

coverage: .venv/installed ## lines that no unit or integration test runs; not a part of `test`, which it would slow down
	$(BIN)/pytest tests/unit tests/integration --cov --cov-report=term

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

ui: .venv/installed
	$(BIN)/rates ui

docs: .venv/installed ## the data dictionary, from the schemas
	$(BIN)/python -m rates_lib.schemas.dictionary > docs/data_dictionary.md

clean-demo:
	rm -rf $(DEMO)

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) --version 2>&1): run make with PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
