# Damso: `make` alone prints the targets.
.DEFAULT_GOAL := help
.PHONY: help run demo install nlu-install dev-install test check lock wording

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
SYNC := $(UV) pip sync --require-hashes --quiet
COMPILE := $(UV) pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --quiet

help: ## Print this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install ## Start everything on this machine; Ctrl-C stops it
	@exec .venv/bin/damso run

demo: install ## The same with plainly fictional milestones, suggestions and updates, marked as such
	@DATA_DIR=$${DATA_DIR:-var/demo} exec .venv/bin/damso run --demo

test: dev-install ## Install what the tests need and run them all
	@exec .venv/bin/pytest

check: dev-install ## Style, types and layering
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

install: .venv/installed nlu/.venv/installed ## Both interpreters with their locked packages

dev-install: .venv/installed-dev nlu/.venv/installed

lock: $(UV) ## Resolve the dependencies anew into the lock files
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -o requirements-dev.lock
	cd nlu && $(abspath $(UV)) pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --quiet pyproject.toml -o requirements.lock

.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check uv

# Removed by hand or half made, an environment is made anew: the stamp is written last.
.venv/installed: requirements.lock pyproject.toml | $(UV)
	@test -x .venv/bin/python || $(UV) venv --quiet --allow-existing .venv
	@$(SYNC) --python .venv/bin/python requirements.lock
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@rm -f .venv/installed-dev && touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@$(SYNC) --python .venv/bin/python requirements-dev.lock
	@$(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch $@

nlu/.venv/installed: nlu/requirements.lock nlu/pyproject.toml | $(UV)
	@cd nlu && { test -x .venv/bin/python || $(abspath $(UV)) venv --quiet --allow-existing .venv; }
	@$(SYNC) --python nlu/.venv/bin/python nlu/requirements.lock
	@touch $@

wording: .venv/installed ## Collect interface wording into locales/, for translators
	.venv/bin/pybabel -q extract -F locales/babel.cfg -k N_ -k say --no-location --sort-output --project=Damso --version=0.1 -w 120 -o locales/messages.pot .
	for lang in ko en; do .venv/bin/pybabel -q update -N -i locales/messages.pot -l $$lang -d locales -D damso -w 120 --no-fuzzy-matching --ignore-obsolete; done
