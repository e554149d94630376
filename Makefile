# `make help` lists what there is. Everything happens inside .venv; nothing outside this folder is touched,
# except that `make test` as root may install Debian's Chromium where no browser is found.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: attacks bench fuzz guide-pictures kill-run help install install-dev demo demo-check test check format screenshots messages
.PHONY: lock clean test-moodle

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Coursewright needs Python 3.11 or newer; this is $$($(PYTHON) --version). Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "Python's venv module is missing. Install the package python3-venv (apt-get install python3-venv) and try again."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@

install: $(VENV)/installed ## Make .venv with the tool and what it needs, hashes checked

install-dev: $(VENV)/installed-dev ## The same with what the tests need

demo: install ## Start the tool and a practice LMS to try it in (ARGS="--reset" starts afresh)
	@$(BIN)/coursewright demo $(ARGS)

demo-check: install ## The demo without a person: exits 0 when a grade has reached the gradebook
	@$(BIN)/coursewright demo --check

test: install-dev check ## Lint, types, import contract and all tests
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest -n 2

check: install-dev ## Lint, format and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev ## Put the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

attacks: install-dev ## The whole attack set against a gullible model, with the defence and without (minutes)
	$(BIN)/python -m tests.attack_sets.run

bench: install-dev ## Open streams, model calls under load, their cost: each figure beside its limit (minutes; quiet machine)
	$(BIN)/python -m benchmarks.open_streams
	$(BIN)/python -m benchmarks.model_calls
	$(BIN)/python -m benchmarks.grading_cost

kill-run: install-dev ## Kill everything that grades labs, 200 times, and check every grade (ARGS="--kills 200 --seed 7"; minutes)
	$(BIN)/python -m pytest -m kills tests/faults tests/flows
	$(BIN)/python -m tests.faults.kill_run $(ARGS)

fuzz: install-dev ## Send 100,000 seeded mutations of tokens and parameters (ARGS="--count 5000 --seed 7"; some 20 minutes)
	$(BIN)/python -m tests.conformance.fuzz $(ARGS)

test-moodle: install-dev ## Our flows on a real Moodle (MOODLE_URL=… MOODLE_ADMIN_PASSWORD=…; docs/lms/moodle.md; minutes)
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m pytest -n 0 --timeout=900 tests/moodle

screenshots: install-dev ## Save each page at phone and desktop width, light and dark, to ./screenshots
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m tests.screenshots screenshots

guide-pictures: install-dev ## Make the pictures of docs/lms anew
	$(BIN)/python -m tests.browser_setup
	$(BIN)/python -m tests.guide_pictures docs/lms/pictures

messages: install-dev ## Collect the words of the interface into lti_tool/locale/messages.pot, for translators
	$(BIN)/python -m tests.messages

lock: install-dev ## Resolve the requirement files anew (needs uv: pip install uv)
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url --no-annotate --upgrade --quiet --output-file requirements.txt
	uv pip compile pyproject.toml --extra build --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --quiet --constraint requirements.txt \
		--output-file requirements-dev.txt

clean: ## Remove the environment and caches; your data in ./var stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info screenshots
