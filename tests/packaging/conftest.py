"""The recipes in `packaging/` are programs and no package: tests get their modules by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "packaging" / "program"


@pytest.fixture
def program_modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Makes the modules of `packaging/program` importable for one test, and forgets them after it."""
    monkeypatch.syspath_prepend(str(PROGRAM))
    known = set(sys.modules)
    yield
    for name in (set(sys.modules) - known) & {path.stem for path in PROGRAM.glob("*.py")}:
        del sys.modules[name]
