# `make run` and `make test` need Python 3.11+ and make; everything else is installed into .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test lint bench capacity fuzz drill cluster screens venv venv-dev debian clean

PORT ?= 8000
WORKERS ?= auto
ARGS ?=
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1
export PIP_ROOT_USER_ACTION = ignore

PY := .venv/bin/python
# Tools are started as `python -m …`: scripts in .venv/bin break when the checkout moves.
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
# Two runs of make at once: the second waits, then finds everything done.
ALONE := $(if $(shell command -v flock),flock Makefile,)

help:
	@echo 'make run    the portal on http://127.0.0.1:$(PORT) until Ctrl-C (PORT=…, PORTAL_DATA_DIR=…)'
	@echo 'make test   all tests (WORKERS=…, ARGS="tests/materials -k submit")'
	@echo 'make lint   ruff, mypy, djlint, missing migrations'
	@echo 'make bench  what the portal does on this machine, beside floors, plain Django and pretalx, in half an hour (ARGS="--runs 15 --compare FILE")'
	@echo 'make capacity  the last hour before the close on so many cores, simulated (ARGS="--seed 1 --rates 500")'
	@echo 'make fuzz   20,000 damaged pictures through the intake (ARGS="--cases 20000 --seed 1")'
	@echo 'make drill  kills the portal'"'"'s parts under load, and looks up all it said yes to (ARGS="--kills 200 --seed 1")'
	@echo 'make cluster  the whole portal with replica, PgBouncer, S3 store, three web processes and nginx; kills each (ARGS="--rounds 3")'
	@echo 'make screens  screenshots of every page into docs/screens/'
	@echo 'make venv   only what the portal needs to run, into .venv'
	@echo 'make clean  removes .venv and the caches; the data folder stays'

run: venv
	@exec $(PY) -m exam_portal.serve

test: venv-dev debian
	@$(PY) -m pytest -n $(WORKERS) $(ARGS)

lint: venv-dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	$(PY) -m djlint templates --lint --quiet
	$(PY) -m djlint templates --check --quiet
	$(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

bench: venv debian
	@exec $(PY) -m bench $(ARGS)

capacity: venv
	@exec nice -n 10 $(PY) -m bench.capacity $(ARGS)

fuzz: venv
	@exec nice -n 10 $(PY) -m bench.fuzz $(ARGS)

drill: venv
	@exec nice -n 10 $(PY) -m drill $(ARGS)

cluster: venv-dev debian
	@exec nice -n 10 $(PY) -m cluster $(ARGS)

screens: venv-dev debian
	@$(PY) -m pytest -q -p no:cacheprovider tests/browser/screens.py

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache $(MESSAGES)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the above need ---------------------------------------------------------------------------

venv:
	@$(ALONE) $(MAKE) --no-print-directory --silent .venv/installed $(MESSAGES)

venv-dev:
	@$(ALONE) $(MAKE) --no-print-directory --silent .venv/installed-dev $(MESSAGES)

# A .venv whose Python is gone is made anew.
ifneq ($(wildcard .venv/made),)
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
.PHONY: .venv/made
endif
endif

.venv/made:
	@rm -rf .venv
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    found="$$python"; \
	    "$$python" -c 'import venv, ensurepip' 2>/dev/null || continue; \
	    echo 'Setting up .venv (once, about a minute)…'; \
	    "$$python" -m venv .venv && touch $@ && exit 0; \
	    exit 1; \
	done; \
	if [ -n "$$found" ]; then \
	    echo "$$found cannot make virtual environments; install the rest of it (Debian, Ubuntu: apt-get install python3-venv)." >&2; \
	else \
	    echo 'Python 3.11 or newer is needed, and was not found; install it or name it: make PYTHON=/path/to/python3' >&2; \
	fi; \
	exit 1

# Touched last: an interrupted installation is done again.
.venv/installed: .venv/made requirements.txt
	@$(PY) -m pip install -qq -r requirements.txt
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(PY) -m pip install -qq -r requirements-dev.txt
	@touch $@

%.mo: %.po .venv/installed
	@$(PY) -m babel.messages.frontend -q compile -d locale -D django -l $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $@)))
	@touch $@

# Tests and bench use a Chromium, a tesseract, a clamd, a LibreOffice, an nginx and a PgBouncer found on the machine.
# Where they cannot be installed, what needs them says so.
debian:
	@{ command -v chromium-headless-shell || command -v chromium; } >/dev/null && command -v tesseract >/dev/null && command -v clamd >/dev/null && \
	    command -v soffice >/dev/null && command -v nginx >/dev/null && command -v pgbouncer >/dev/null && \
	    fc-list :lang=zh 2>/dev/null | grep -q . && exit 0; \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0; \
	echo 'Installing Chromium, tesseract, ClamAV, LibreOffice, nginx and PgBouncer for the tests…'; \
	export DEBIAN_FRONTEND=noninteractive; \
	{ apt-get -q update && \
	    browser=$$(apt-cache show chromium-headless-shell >/dev/null && echo chromium-headless-shell || echo chromium) && \
	    apt-get -qy install --no-install-recommends \
	    $$browser fonts-noto-cjk tesseract-ocr clamav-daemon libreoffice-calc nginx \
	    pgbouncer; } >/dev/null 2>&1 </dev/null || true
