# The main commands are `make run` and `make test`. Both first create .venv from the hashed lock files.
PYTHON ?= python3
TEST_PROCESSES ?= 4 # independent of the number of CPUs, because most tests wait for other processes
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run demo test lint engines test-stack faults bench bench-boards docs pictures prices lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/runtime ## read logs and transcripts; serve metrics, tasks and chat
	@$(BIN)/hookmeter run

demo: $(VENV)/runtime ## the same with synthetic sessions in a temporary directory
	@$(BIN)/hookmeter run --demo

test: lint ## lint, type checks and all tests
	$(BIN)/pytest --numprocesses=$(TEST_PROCESSES) $(PYTEST_FLAGS)

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

engines: ## build the versions of Prometheus, VictoriaMetrics and Alertmanager that the tests run; needs Go
	@bash .ci/engines/build

test-stack: $(VENV)/dev ## run docker-compose.yml and the systemd units for real, in containers; needs root, docker.io and Go
	$(BIN)/python -m tests.stack $(PYTEST_FLAGS)

faults: $(VENV)/dev ## inject faults for up to 25 minutes: full disk, kills, lost permissions, outages, damage, churn
	$(BIN)/pytest --numprocesses=$(TEST_PROCESSES) $(PYTEST_FLAGS) tests/faults

bench: $(VENV)/dev ## measure performance, as ratios against limits measured in the same run
	$(BIN)/python -m tests.benchmarks

bench-boards: $(VENV)/dev engines ## measure the queries of the boards against those with `increase`; needs Go
	$(BIN)/python -m tests.benchmarks.boards

docs: $(VENV)/dev ## regenerate docs/metrics.md
	$(BIN)/python -m tools.metrics_page

pictures: $(VENV)/dev ## take the pictures in docs anew, from the demo; needs Chromium and chatserver/ui/node_modules
	$(BIN)/python -m tests.ui.pictures

prices: $(VENV)/dev ## regenerate the price table from the locked version of genai-prices
	$(BIN)/python -m tools.generate_prices

lock: $(VENV)/dev ## update the dependency lock files
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --group build --generate-hashes --universal --python-version 3.11 \
	  --no-header --no-annotate --quiet --upgrade --output-file requirements/runtime.txt
	$(BIN)/uv pip compile pyproject.toml --group build --group dev --constraint requirements/runtime.txt --generate-hashes \
	  --universal --python-version 3.11 --no-header --no-annotate --quiet --upgrade --output-file requirements/dev.txt

clean: ## remove what the other commands created, except logs and data
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "hookmeter needs Python 3.11 or newer; choose one with: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/runtime: requirements/runtime.txt pyproject.toml | $(VENV)/python
	$(PIP) install --require-hashes --requirement requirements/runtime.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev: requirements/dev.txt $(VENV)/runtime
	$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@
