# One verb per task. Each sets up .venv by itself when it must.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
NPM    := build/npm/.installed
TURTLE := ontology/*.ttl ontology/*/*.ttl shapes/*.ttl

.DEFAULT_GOAL := help
.PHONY: help demo site serve test lint format languages pictures bench clean

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# What the query page uses in the browser. It does with less where npm is not there.
$(NPM): package.json
	@mkdir -p $(@D) && cp package.json $(@D)/
	@if command -v npm >/dev/null; then \
	  npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --loglevel=error --silent && touch $@ \
	    || echo "npm could not install: the query page has a plain editor and no charts"; \
	else echo "npm is not here: the query page has a plain editor and no charts"; fi

demo: $(STAMP) $(NPM)  ## real packages -> store -> check -> release -> site -> serve on 127.0.0.1:8000
	$(BIN)/warranted demo

site: $(STAMP) $(NPM)  ## all of demo but the serving, into build/html
	$(BIN)/warranted demo --no-serve

serve: $(STAMP) $(NPM)  ## serve the latest release and the API
	$(BIN)/warranted serve

test: $(STAMP) $(NPM)  ## run the tests
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(STAMP)  ## ruff, mypy, import-linter, the layout of the Turtle files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m warranted.turtle_form --check $(TURTLE)
	$(BIN)/python -m warranted.language.update --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)  ## put the code, the ontology and the shapes in their canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m warranted.turtle_form $(TURTLE)

languages: $(STAMP)  ## bring the catalogues of sentences up to date with the code
	$(BIN)/python -m warranted.language.update

pictures: $(STAMP) $(NPM)  ## take the pictures of the guides again
	$(BIN)/python -m tests.site.pictures

bench: $(STAMP) $(NPM)  ## benchmarks, side by side with peers
	$(BIN)/python -m bench

clean:  ## remove what was built and the demo's data
	rm -rf build var dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
