# Every target sets up what it needs by itself and does nothing twice. `make help` lists them.

SHELL := /bin/bash
PY := .venv/bin/python
ARGS ?=
ORDERS ?= 40
SOAK_S ?=
SEED ?=

.PHONY: help setup test coverage demo bench soak check-clean format lock
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## make .venv with all programs in .venv/bin (does nothing when it is there)
	@packaging/linux/setup.sh

test: setup ## all checks and tests
	@tests/run.sh

coverage: setup ## how many lines of the product the tests reach, 80 % at least (it takes longer than the tests)
	@tests/floor.sh $(ARGS)

demo: setup ## one night through the real programs; report in demo-report/ (ORDERS=115: the whole Friday)
	@.venv/bin/evertill-demo --orders $(ORDERS) $(ARGS)

bench: setup ## the measurements, each beside a peer or a limit in the same run
	@packaging/linux/peers.sh
	@$(PY) -m benchmarks $(ARGS)

soak: setup ## the long proofs (SOAK_S=600: in about so many seconds; SEED=1: from that seed); sums in soak-report/
	@QT_QPA_PLATFORM=offscreen SOAK_S="$(SOAK_S)" SEED="$(SEED)" $(PY) -m pytest -q -m soak -o faulthandler_timeout=0 $(ARGS)

check-clean: ## make test and make demo in a bare Debian root, twice (CHECK_TARGETS= others)
	@packaging/linux/check-clean.sh

format: setup ## put all Python files into the one form
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lock: ## pin requirements.txt and benchmarks/peers.txt anew
	@packaging/lock.sh
