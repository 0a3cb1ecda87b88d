# Every target makes the environment first; that takes no time when nothing changed.
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup run test drill mutants check bench messages

help: ## this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv with all that pyproject.toml and constraints.txt name
	@PYTHON="$(PYTHON)" scripts/setup.sh

run: setup ## serve the product with its demonstration county (HOST=127.0.0.1 PORT=8000)
	@$(PY) scripts/run.py

test: setup ## all tests, on SQLite and on PostgreSQL (ARGS="-k visits")
	@$(PY) scripts/test.py $(ARGS)

drill: setup ## the heavy counts: kill -9, floods, whole matrices (ARGS="-k import"); takes long
	@LEDGER_DRILL=1 $(PY) scripts/test.py -m drill $(ARGS)

mutants: setup ## break each promise of SECURITY.md in a copy: every fault must turn a test red (half an hour)
	@$(PY) scripts/mutants.py $(ARGS)

check: setup ## lint, types, layers, templates, catalogues, migrations, production settings
	@scripts/check.sh

bench: setup ## the yardsticks (ARGS="web" runs only those whose name has it)
	@$(PY) scripts/bench.py $(ARGS)

messages: setup ## collect new strings into the catalogues and say what lacks Chinese
	@$(PY) scripts/messages.py extract
	@$(PY) scripts/messages.py missing
