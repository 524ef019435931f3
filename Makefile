# Two commands do everything: `make run` and `make test`. Both build .venv from the hashed lock first.
PYTHON ?= python3
TEST_PROCESSES ?= 4 # most tests wait for other processes, whatever the number of processors
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run demo test lint bench docs prices lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/runtime ## read logs and transcripts, serve metrics, tasks and chat
	@$(BIN)/hookmeter run

demo: $(VENV)/runtime ## the same on a synthetic sample, in a temporary directory
	@$(BIN)/hookmeter run --demo

test: lint ## lint, types and every test
	$(BIN)/pytest --numprocesses=$(TEST_PROCESSES) $(PYTEST_FLAGS)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/dev ## speed, as ratios against limits measured in the same run
	$(BIN)/python -m tests.benchmarks

docs: $(VENV)/dev ## write docs/metrics.md anew
	$(BIN)/python -m tools.metrics_page

prices: $(VENV)/dev ## write the price table anew, from the genai-prices that is locked
	$(BIN)/python -m tools.generate_prices

lock: $(VENV)/dev ## resolve the dependencies afresh
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --group build --generate-hashes --universal --python-version 3.11 \
	  --no-header --no-annotate --quiet --upgrade --output-file requirements/runtime.txt
	$(BIN)/uv pip compile pyproject.toml --group build --group dev --constraint requirements/runtime.txt --generate-hashes \
	  --universal --python-version 3.11 --no-header --no-annotate --quiet --upgrade --output-file requirements/dev.txt

clean: ## remove what the other commands made; logs and data stay
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hookmeter needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: requirements/runtime.txt pyproject.toml | $(VENV)/python
	$(PIP) install --require-hashes --requirement requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/runtime
	$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@
