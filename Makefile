.PHONY: help setup run test check bench
PY := .venv/bin/python

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

setup: .venv/.done ## Make .venv with everything that running, testing and checking need

.venv/.done: requirements-dev.lock pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check -r requirements-dev.lock
	.venv/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## Run the demo: a whole city's contacts on this machine
	.venv/bin/servicecenter demo

test: setup ## Run all tests
	$(PY) -m pytest -n 2

check: setup ## Lint, types, layers, sizes and strategy cases
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/basedpyright
	.venv/bin/lint-imports --no-cache
	.venv/bin/servicecenter rules check

bench: setup ## Measure the budgets
	.venv/bin/servicecenter bench all
