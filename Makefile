# Two commands do all the set-up: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
DEMO_VENV := .venv-demo
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# hundreds of tests start the command: without bytecode each would compile all of it again
unexport PYTHONDONTWRITEBYTECODE

CORPUS := .corpus
PEERS := .peers

.PHONY: demo test slow lint bench corpus fuzz docs lock fixtures wheel-check clean

demo: $(DEMO_VENV)/.installed ## audit the demo model, write the audit pack, say where the PDF lies
	@$(DEMO_VENV)/bin/python -m weighbridge.testing.demo

test: $(VENV)/.installed $(PEERS)/.installed ## all tests but those marked slow, and the fuzzing
	@tests/install-tools.sh
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m "not slow"

slow: $(VENV)/.installed ## the tests marked slow: every byte of a pack, every crash of a ledger
	@tests/install-tools.sh
	$(BIN)/python -m pytest -n 2 --dist worksteal -q -m slow

lint: $(VENV)/.installed
	$(BIN)/ruff format --check src tests benchmarks fixtures
	$(BIN)/ruff check src tests benchmarks fixtures
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src

bench: $(VENV)/.installed
	$(BIN)/python -m benchmarks

corpus: $(VENV)/.installed $(CORPUS)/.built ## inspect what the real libraries write; compare with what torch reads
	$(BIN)/python -m tests.corpus.check $(CORPUS)/real
	rm -rf $(CORPUS)/twins
	$(BIN)/python -m tests.corpus.torch_twins $(CORPUS)/twins
	$(CORPUS)/env/bin/python tests/corpus/torch_view.py $(CORPUS)/twins
	$(BIN)/python -m tests.corpus.twins_check $(CORPUS)/twins

$(CORPUS)/.built: tests/corpus/requirements.txt $(wildcard tests/corpus/real_*.py) tests/corpus/build_real.py
	$(PYTHON) -m venv $(CORPUS)/env
	$(CORPUS)/env/bin/python -m pip install --quiet -r tests/corpus/requirements.txt
	$(CORPUS)/env/bin/python tests/corpus/build_real.py $(CORPUS)/real
	@touch $@

fuzz: $(VENV)/.installed ## a million mutated pickles against CPython's unpicklers; mutated files against every reader
	$(BIN)/python tests/fuzz/pickle_parity.py 1000000
	$(BIN)/python -m pip install --quiet --target .fuzz -r tests/fuzz/requirements.txt
	PYTHONPATH=.fuzz $(BIN)/python -m tests.fuzz.parsers --out .fuzz/found --seconds 30

docs: $(VENV)/.installed ## regenerate docs/reference and the published schemas
	$(BIN)/python -m weighbridge.testing.docs docs/reference

fixtures: $(VENV)/.installed ## rebuild what fixtures make by script
	$(BIN)/python fixtures/models/build.py
	$(BIN)/python fixtures/incidents/build.py

lock: ## resolve again; needs uv, and takes the index from pip's configuration
	.ci/lock.sh

wheel-check: $(VENV)/.installed ## build the wheel, install it in an empty environment, use it
	.ci/wheel-check.sh $(BIN)/python

$(VENV)/.installed: .ci/locks/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r .ci/locks/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(PEERS)/.installed: .ci/locks/peers.txt ## other projects' validators, which tests start
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --require-hashes -r .ci/locks/peers.txt
	@touch $@

$(DEMO_VENV)/.installed: .ci/locks/runtime.txt pyproject.toml
	$(PYTHON) -m venv $(DEMO_VENV)
	$(DEMO_VENV)/bin/python -m pip install --quiet --require-hashes -r .ci/locks/runtime.txt
	$(DEMO_VENV)/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf $(VENV) $(DEMO_VENV) $(CORPUS) $(PEERS) build dist
