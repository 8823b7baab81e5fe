# Damso: `make` alone prints the targets.
.DEFAULT_GOAL := help
.PHONY: help run demo test check nlu-report bench-nlu bench-suggestions bench-review bench-delivery install dev-install lock wording

UV := $(shell command -v uv 2>/dev/null || echo $(CURDIR)/.uv/bin/uv)
# Compiled here, once: not every environment lets Python keep what it compiled, and each start would do it again.
SYNC := $(UV) pip sync --require-hashes --quiet --compile-bytecode
COMPILE := $(UV) pip compile --universal --generate-hashes --no-annotate --no-header --no-emit-index-url --quiet
OURSELVES := $(UV) pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .

help: ## Print this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: install ## Start everything on this machine; Ctrl-C stops it
	@exec .venv/bin/damso run

demo: install ## The same with plainly fictional milestones, suggestions and updates, marked as such
	@DATA_DIR=$${DATA_DIR:-var/demo} exec .venv/bin/damso run --demo

test: dev-install ## Install what the tests need and run them all
	.venv/bin/pytest -n 2
	cd nlu && .venv/bin/python -m pytest

check: dev-install ## Style, types and layering
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

install: .venv/installed nlu/.venv/installed ## Both interpreters with their locked packages

dev-install: .venv/installed-dev nlu/.venv/installed-dev

nlu-report: dev-install ## Train and measure the intent model beside its alternatives: table and pictures in var/nlu-report
	cd nlu && .venv/bin/python report.py --out ../var/nlu-report

bench-nlu: dev-install ## How fast meaning is found, beside a stock Rasa server
	@.venv/bin/python -m bench.nlu

bench-suggestions: dev-install ## How well and how fast suggestions are found, among 2,000 and among 200,000
	@.venv/bin/python -m bench.suggestions

bench-delivery: dev-install ## From a published update to the platform: speed, kills, a million subscribers. 25 minutes
	@.venv/bin/python -m bench.delivery

bench-review: dev-install ## 50 staff at 200 suggestions at once: is every history a path, every act in the audit log?
	@.venv/bin/python -m bench.review

lock: | $(UV) ## Resolve the dependencies anew into the lock files
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml --extra dev -o requirements-dev.lock
	cd nlu && $(COMPILE) --python-version 3.10 pyproject.toml -o requirements.lock
	cd nlu && $(COMPILE) --python-version 3.10 pyproject.toml --extra dev -o requirements-dev.lock

wording: .venv/installed ## Collect interface wording into locales/, for translators
	.venv/bin/pybabel -q extract -F locales/babel.cfg -k N_ -k say --no-location --sort-output --project=Damso --version=0.1 -w 120 -o locales/messages.pot .
	for lang in ko en; do .venv/bin/pybabel -q update -N -i locales/messages.pot -l $$lang -d locales -D damso -w 120 --no-fuzzy-matching --ignore-obsolete; done

$(CURDIR)/.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/python -m pip install --quiet --disable-pip-version-check uv

# An environment's stamp is written last: half made, it is made anew. Where what tests need is there, it stays.
.venv/installed: requirements.lock pyproject.toml | $(UV)
	@test -x .venv/bin/python || $(UV) venv --quiet --allow-existing .venv
	@$(SYNC) --python .venv/bin/python requirements$(if $(wildcard .venv/installed-dev),-dev).lock
	@$(OURSELVES)
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@$(SYNC) --python .venv/bin/python requirements-dev.lock
	@$(OURSELVES)
	@touch $@

nlu/.venv/installed: nlu/requirements.lock | $(UV)
	@test -x nlu/.venv/bin/python || { cd nlu && $(UV) venv --quiet --allow-existing .venv; }
	@$(SYNC) --python nlu/.venv/bin/python nlu/requirements$(if $(wildcard nlu/.venv/installed-dev),-dev).lock
	@touch $@

nlu/.venv/installed-dev: nlu/requirements-dev.lock nlu/.venv/installed
	@$(SYNC) --python nlu/.venv/bin/python nlu/requirements-dev.lock
	@touch $@
