# Two commands do all the set-up: make demo, make test.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: compiled demo test postgres lint types check docs pictures bench bench-peers bench-scale bench-tokens marathon failover fuzz conformance schemathesis clean

# pip compiles the bytecode on install, which halves the start of each session.
.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

# An editable install compiles nothing, and where PYTHONDONTWRITEBYTECODE is set no start would either: each of the
# some thousand processes of the suite would then compile Notewell anew, for a second.
compiled: .venv/installed
	$(BIN)/python -m compileall -q -j 2 store tools server

demo: compiled
	$(BIN)/python examples/demo.py

# Growth is measured in processor time, by nothing but itself; attacks promise waits, on a real disk, and run alone.
GROWTH := tests/test_growth.py tests/test_patterns.py
ATTACKS := tests/marathon
# All other tests have their files in memory, where there is room for them: the syncs of a disk take as long as the tests.
ROOM := $(shell df --output=avail --block-size=1G /dev/shm 2>/dev/null | awk 'NR == 2 && $$1 >= 4 { print "/dev/shm" }')

test: compiled
	$(if $(ROOM),TMPDIR=$(ROOM)) $(BIN)/python -m pytest -n 4 --dist loadfile $(patsubst %,--ignore=%,$(GROWTH) $(ATTACKS))
	$(BIN)/python -m pytest -n 2 $(GROWTH)
	$(BIN)/python -m pytest $(ATTACKS)

# The tests of the store and of the tools on PostgreSQL. Those of the contract run on both engines in `make test`.
postgres: compiled
	$(if $(ROOM),TMPDIR=$(ROOM)) NOTEWELL_TEST_ENGINE=postgres NOTEWELL_TEST_POSTGRES=required \
		$(BIN)/python -m pytest -n 3 --dist loadfile -rs tests/store tests/tools
# As the user who serves, who may redact nothing, and fill no empty store: both are for the owner of the tables.
	$(if $(ROOM),TMPDIR=$(ROOM)) NOTEWELL_TEST_USER=nw_app NOTEWELL_TEST_POSTGRES=required \
		$(BIN)/python -m pytest -n 3 --dist loadfile -k postgres tests/contract \
		--ignore tests/contract/test_redactions.py --ignore tests/contract/test_copying.py

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed
	$(BIN)/mypy

check: lint types test

docs: .venv/installed
	$(BIN)/python docs/make_pages.py

# The pages of the sample knowledge as docs/pages.md shows them, by the system's Chromium.
pictures: compiled
	$(BIN)/python docs/make_pictures.py

bench: .venv/installed
	$(BIN)/python bench/start.py
	$(BIN)/python bench/door.py
	$(BIN)/python bench/calls.py
	$(BIN)/python bench/idle.py
	$(BIN)/python bench/writes.py
	$(BIN)/python bench/agents_day.py
	$(BIN)/python bench/pages.py

# Stores of 1,000, 10,000 and 100,000 notes are made and kept; the largest takes a quarter of an hour.
bench-scale: .venv/installed
	mkdir -p build/stores
	$(BIN)/python bench/scale.py --sizes 1000,10000,100000 --folder build/stores

# Installs other servers from the public registries into build/peers, and writes docs/benchmarks.md.
bench-peers: .venv/installed
	$(BIN)/python bench/beside_peers.py

# As bench-peers; writes docs/tokens.md.
bench-tokens: .venv/installed
	$(BIN)/python bench/tokens.py --report docs/tokens.md

# What docs/reliability.md tells of, in its long form: ten minutes or more.
marathon: .venv/installed
	$(BIN)/python tests/marathon/run.py

# What docs/postgresql.md tells of lost hosts: three servers on loopback, for minutes. Patroni is installed into build/patroni.
failover: .venv/installed
	$(BIN)/python -m pip install --quiet --target build/patroni "patroni[etcd3]>=4.1,<5" "psycopg[binary]>=3.2"
	$(BIN)/python -m tests.failover.run

# Calls, requests, texts, headers and repositories that nobody sends by good will: an hour of them, counted in build/fuzz.
fuzz: .venv/installed
	$(BIN)/python -m tests.fuzz.run

# The official conformance suite and inspector, installed from npm into build/conformance.
conformance: .venv/installed
	$(BIN)/python -m tests.conformance.run

# Each operation of /openapi.json asked some hundred times; schemathesis is installed into build/schemathesis.
schemathesis: .venv/installed
	$(BIN)/python -m tests.conformance.rest

clean:
	rm -rf .venv build dist
