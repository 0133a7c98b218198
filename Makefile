# Two commands do all the set-up: make demo, make test.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types check docs bench marathon clean

# pip compiles the bytecode on install, which halves the start of each session.
.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

demo: .venv/installed
	$(BIN)/python examples/demo.py

test: .venv/installed
	$(BIN)/python -m pytest

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

check: lint types test

docs: .venv/installed
	$(BIN)/python docs/make_pages.py

bench: .venv/installed
	$(BIN)/python bench/start.py
	$(BIN)/python bench/calls.py
	$(BIN)/python bench/idle.py
	$(BIN)/python bench/writes.py

# What docs/reliability.md tells of, in its long form: ten minutes or more.
marathon: .venv/installed
	$(BIN)/python tests/marathon/run.py

clean:
	rm -rf .venv build dist
