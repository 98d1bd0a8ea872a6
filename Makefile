# What a newcomer types: make run, make test, make demo, make bench. The first call makes .venv and installs everything into it.

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& { command -v $$name; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
APP := $(VENV)/.installed
DEV := $(VENV)/.installed-for-development
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e
# Most tests keep one core busy; more than four processes would want more memory than a laptop has.
PYTEST = $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal
# Tests reach into modules, and pytest-qt has no types: what remains is that they call what there is.
TYPES_OF_TESTS := --implicit-reexport --no-warn-unreachable --no-warn-unused-ignores \
	--disable-error-code=no-untyped-call --disable-error-code=func-returns-value
PATHS_OF_TESTS := desktop:resources:tests:tests/servers:tests/shots:packaging:packaging/program:packaging/starter_model:tests/benchmarks
QT_LIBRARIES := libegl1 libgl1 libglib2.0-0 libdbus-1-3 libxkbcommon0 libfontconfig1

.PHONY: help run test types-of-program types-of-tests check full-size demo bench bench-starter bench-verdict wheel package package-test constraints clean

help:
	@echo "make run     open the window"
	@echo "make demo    train on the sample pictures without a screen; results in demo/"
	@echo "make test    everything that CI runs"
	@echo "make full-size   train and draw with a model of the size of Stable Diffusion 1 at 256 pixels (4 min)"
	@echo "make bench   measure speed and print the table"
	@echo "make bench-starter   measure what the Starter model can do"
	@echo "make bench-verdict   train with planted faults and see whether the verdict finds them"
	@echo "make wheel   build dist/calotype-*.whl"
	@echo "make package       build what people install on this system, in dist/"
	@echo "make package-test  install that into a clean Debian and see whether it works (needs root, ten minutes)"

run: $(APP)
	$(BIN)/calotype

demo: $(APP)
	$(BIN)/calotype demo --out demo

test: $(DEV)
	$(BIN)/ruff check desktop resources tests packaging
	$(BIN)/ruff format --check desktop resources tests packaging
	$(MAKE) --jobs=2 types-of-program types-of-tests
	$(BIN)/lint-imports
	$(PYTEST)

types-of-program: $(DEV)
	$(BIN)/mypy
	MYPYPATH=packaging/starter_model $(BIN)/mypy packaging/starter_model/*.py
	MYPYPATH=packaging/program:desktop:resources $(BIN)/mypy packaging/program/*.py
	MYPYPATH=packaging/package_test $(BIN)/mypy packaging/package_test/*.py

# Its options differ, so that it can use nothing of what the other found out, and would write over it.
types-of-tests: $(DEV)
	MYPYPATH=$(PATHS_OF_TESTS) $(BIN)/mypy --cache-dir .mypy_cache/tests $(TYPES_OF_TESTS) tests

check: $(DEV)
	$(PYTEST) -m "not slow"

full-size: $(DEV)
	CALOTYPE_FULL_SIZE_PX=256 $(BIN)/python -m pytest tests/end_to_end/test_full_size_checkpoint.py

bench: $(DEV)
	$(BIN)/python tests/benchmarks/run.py

bench-starter: $(DEV)
	$(BIN)/python tests/benchmarks/run.py starter_vae starter_words starter_teaching

bench-verdict: $(DEV)
	$(BIN)/python tests/benchmarks/run.py verdicts

wheel: $(DEV)
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

package:
	$(PYTHON) packaging/program/build.py

package-test: $(DEV)
	$(BIN)/python packaging/package_test/run.py

constraints: $(DEV)
	{ echo "# Every dependency at the version it was tested with. Regenerate with: make constraints"; \
	$(BIN)/python -m pip freeze --all --exclude pip --exclude-editable; } > constraints.new && mv constraints.new constraints.txt

clean:
	rm -rf $(VENV) build dist demo

# The stamps make a second call quick; a changed project file or constraint installs again.
$(APP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 was not found. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV), once: this takes a few minutes."
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) .
	@$(BIN)/python -c 'import PySide6.QtWidgets' || { echo "Qt needs system libraries that are missing here. On Debian and Ubuntu: sudo apt-get install $(QT_LIBRARIES)" >&2; exit 1; }
	@touch $@

$(DEV): $(APP)
	$(INSTALL) '.[dev,package]'
	@touch $@
