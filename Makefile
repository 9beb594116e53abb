# The two commands: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help run dev test check replay format clean

# Without an .env of your own this is the example café: it shows its accounts, and its mail at /dev/mail.
ifeq ($(wildcard .env),)
run dev: export CAFE_DEVELOPMENT ?= true
endif

help:  ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

run: .venv/run.stamp  ## serve the example café at http://127.0.0.1:8000 (PORT=… for another port)
	@$(BIN)/cafe migrate
	@$(BIN)/cafe seed
	@exec $(BIN)/cafe serve $(if $(PORT),--port $(PORT))

dev: .venv/test.stamp  ## the same, and start again whenever a file changes
	@$(BIN)/cafe migrate
	@$(BIN)/cafe seed
	@exec $(BIN)/cafe serve $(if $(PORT),--port $(PORT)) --reload

test: .venv/test.stamp  ## everything: lint, types, SQLite, PostgreSQL, Chromium, migrations
	@$(BIN)/python scripts/test

check: .venv/test.stamp  ## fast, while working: lint, types, tests on SQLite without a browser
	@$(BIN)/python scripts/test --fast

format: .venv/test.stamp  ## put the code in its layout
	@$(BIN)/ruff check --fix --quiet
	@$(BIN)/ruff format --quiet

replay: .venv/test.stamp  ## forty members post the guard's corpus at a running forum; prints the figures
	@$(BIN)/python scripts/replay

clean:  ## remove .venv, the example café in var/ and all caches
	@rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find app tests scripts migrations -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# A stamp is as old as the last time its lock was installed.
.venv/run.stamp: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what the forum runs on …"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/test.stamp: requirements-test.lock | .venv/run.stamp
	@echo "Installing what the tests need …"
	@$(PIP) install --require-hashes --requirement requirements-test.lock
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "The forum needs Python 3.11 or newer; name it with: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv \
		|| { rm -rf .venv; echo "Python's venv is missing. On Debian: apt-get install python3-venv"; exit 1; }
