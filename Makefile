# Everything anyone needs to type; `make` alone lists it.
PYTHON := .venv/bin/python
FLASK := $(PYTHON) -m flask --app wsgi
# What to hand on to pytest, for example: make test ARGS="tests/cases -k dispatch"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench faults lock clean reset setup-tests check-code check-types \
	check-imports check-translations check-migrations check-docs check-scripts

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

run: ## install what is missing, start everything, serve http://127.0.0.1:8000 (PORT changes it)
	@scripts/setup.sh
	@exec $(PYTHON) -m scripts.serve

# Two at a time, a file always as a whole: what a file's tests share is made once.
test: setup-tests ## run every test (ARGS is handed to pytest)
	$(PYTHON) -m pytest $(or $(ARGS),-n 2 --dist loadfile)

check: check-code check-types check-imports check-translations check-migrations check-docs check-scripts ## lint, types, import contracts, translations, migrations, documents, scripts

bench: setup-tests ## measure under load; prints a table, writes benchmarks/results/latest.json
	$(PYTHON) -m benchmarks $(ARGS)

faults: setup-tests ## kill 1 000 workers and cut the power under load; prints what was lost
	$(PYTHON) -m tests.faults.harness --kills 1000
	$(PYTHON) -m tests.faults.harness --power 10

lock: setup-tests ## resolve requirements*.in and package.json anew into their locks
	scripts/lock.sh

clean: ## remove what set-up installed and what tests left; keeps .data
	rm -rf .venv node_modules app/static/vendor test-results .coverage \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

reset: ## delete the private database and all files beside it in .data
	/usr/bin/python3 -m scripts.cluster reset
	rm -rf "$${DATA:-.data}"

setup-tests:
	@scripts/setup.sh --tests

check-code: setup-tests
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

check-types: setup-tests
	$(PYTHON) -m mypy

check-imports: setup-tests
	$(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

check-translations: setup-tests
	$(FLASK) check-translations

check-migrations: setup-tests
	$(FLASK) check-migrations

check-docs: setup-tests
	$(PYTHON) -m scripts.check_docs

check-scripts: setup-tests
	node_modules/.bin/tsc --project scripts/tsconfig.json
