# privkit: two commands are enough for a newcomer.
#   make demo   makes sample photos, shows what they tell, cleans them and shows what is left
#   make test   sets up everything and runs the whole test suite

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHELL := /bin/sh

.PHONY: demo test lint types docs check fuzz coverage bench parts clean help

help:
	@echo "make demo | test | lint | types | docs | check (all of these) | fuzz | coverage | bench | clean"

$(READY): pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh tools/setup.sh
	@touch $@

demo: $(READY)
	@$(BIN)/python tools/demo.py

parts:
	@sh tools/real_parts.sh

test: $(READY) parts
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY)
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/python tools/make_docs.py --check

check: test lint types docs

fuzz: $(READY) demo
	$(BIN)/python tools/fuzz.py --minutes 10 --keep fuzz-found $(or $(PRIVKIT_CORPUS),demo)

coverage: $(READY) parts
	$(BIN)/python -m pytest -q -n 2 --cov --cov-report=term

bench: $(READY)
	$(BIN)/python benchmarks/scrub_jpeg.py
	$(BIN)/python benchmarks/startup.py

clean:
	rm -rf $(VENV) build dist demo *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
