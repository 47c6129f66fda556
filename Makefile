# `make help` lists the targets. Two of them are all that a fresh machine needs: `make report` and `make test`.
PYTHON ?= python3.11
VENV ?= .venv
LAB_VENV ?= .venv-lab
AS_OF ?= 2026-09-30
DURING ?= 2026-Q3
BIN := $(VENV)/bin
UV := $(VENV)/uv/bin/uv
UV_OFF := UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy

# A machine may call the interpreter python3 instead of python3.11.
INTERPRETER := $(shell command -v $(PYTHON) || command -v python3 || command -v python)
# Spark runs on the Java virtual machine: without one its tests are skipped, and say so.
JAVA := $(shell java -version >/dev/null 2>&1 && echo yes)
TEST_LOCKS := requirements/test.txt $(if $(JAVA),requirements/spark.txt)

.DEFAULT_GOAL := help
.PHONY: help report test check mutants lab sample lock clean

help: ## list what make can do
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

report: $(VENV)/.report ## set up and render the sample company's report pack into reports/
	@$(BIN)/salestrack report data/sample/book.yaml --as-of $(AS_OF) --during $(DURING) --goals data/sample/goals.yaml

test: $(VENV)/.test ## set up and run all tests (those for Spark need Java, those for the page need Chromium)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

check: $(VENV)/.test ## lint, format, types, notebooks, docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/nbstripout --verify --keep-id notebooks/*.ipynb
	@$(BIN)/python -m pytest -q tests/test_docs.py tests/test_house.py

mutants: $(VENV)/.mutants ## change the code that makes numbers a little and list what no test notices (hours; ROOM=stats SAMPLE=200 MINUTES=30)
	@OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.mutants $(if $(ROOM),--room $(ROOM)) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(TESTS),--tests $(TESTS))

lab: $(LAB_VENV)/.lab ## set up and open JupyterLab on notebooks/
	@$(LAB_VENV)/bin/jupyter lab --notebook-dir=. --LabApp.default_url=/lab/tree/notebooks/00_summary.ipynb $(LAB_ARGS)

sample: $(VENV)/.report ## make the sample company again from its seed
	@$(BIN)/salestrack sample data/sample

lock: $(UV) ## resolve the lock files in requirements/ again from pyproject.toml
	@sh requirements/lock.sh $(UV)

clean: ## remove environments, caches and reports
	rm -rf $(VENV) $(LAB_VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist reports/*

# uv lives in an environment of its own inside the environment it fills.
$(UV): requirements/uv.txt
	@test -n "$(INTERPRETER)" || { echo "salestrack needs Python 3.11: none found on PATH (set PYTHON=/path/to/python3.11)"; exit 1; }
	@$(INTERPRETER) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "salestrack needs Python 3.11 or newer: $(INTERPRETER) is older (set PYTHON=/path/to/python3.11)"; exit 1; }
	@echo "Setting up $(VENV) (once; about a minute)"
	@$(INTERPRETER) -m venv $(VENV)
	@$(INTERPRETER) -m venv $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.report: $(UV) requirements/report.txt pyproject.toml
	@$(UV_OFF) $(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/report.txt
	@$(UV_OFF) $(UV) pip install --quiet --python $(BIN)/python --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.report $(TEST_LOCKS)
	@$(UV_OFF) $(UV) pip install --quiet --no-build-isolation --python $(BIN)/python --compile-bytecode --require-hashes $(addprefix -r ,$(TEST_LOCKS))
	@touch $@

$(VENV)/.mutants: $(VENV)/.test requirements/mutants.txt
	@$(UV_OFF) $(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements/mutants.txt
	@touch $@

$(LAB_VENV)/.lab: requirements/lab.txt pyproject.toml
	@$(MAKE) --no-print-directory $(LAB_VENV)/uv/bin/uv VENV=$(LAB_VENV)
	@$(UV_OFF) $(LAB_VENV)/uv/bin/uv pip install --quiet --python $(LAB_VENV)/bin/python --compile-bytecode --require-hashes -r requirements/lab.txt
	@$(UV_OFF) $(LAB_VENV)/uv/bin/uv pip install --quiet --python $(LAB_VENV)/bin/python --no-build-isolation --no-deps --editable .
	@touch $@
