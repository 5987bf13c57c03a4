# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
DEMO_VENV := .venv-demo
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test lint bench docs lock fixtures wheel-check clean

demo: $(DEMO_VENV)/.installed ## audit the demo model, write the audit pack, say where the PDF lies
	@$(DEMO_VENV)/bin/python -m weighbridge.testing.demo

test: $(VENV)/.installed ## all tests but the slow fuzzing
	@tests/install-tools.sh
	$(BIN)/python -m pytest -n 2 -q

lint: $(VENV)/.installed
	$(BIN)/ruff format --check src tests benchmarks fixtures
	$(BIN)/ruff check src tests benchmarks fixtures
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks

docs: $(VENV)/.installed ## regenerate docs/reference and the published schemas
	$(BIN)/python -m weighbridge.testing.docs docs/reference

fixtures: $(VENV)/.installed ## rebuild fixtures/models from their script
	$(BIN)/python fixtures/models/build.py

lock: ## resolve again; needs uv, and takes the index from pip's configuration
	.ci/lock.sh

wheel-check: $(VENV)/.installed ## build the wheel, install it in an empty environment, use it
	.ci/wheel-check.sh $(BIN)/python

$(VENV)/.installed: .ci/locks/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r .ci/locks/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEMO_VENV)/.installed: .ci/locks/runtime.txt pyproject.toml
	$(PYTHON) -m venv $(DEMO_VENV)
	$(DEMO_VENV)/bin/python -m pip install --quiet --require-hashes -r .ci/locks/runtime.txt
	$(DEMO_VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO_VENV) build dist
