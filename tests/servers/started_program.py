"""Starts the program as a process of its own, in a home and in surroundings that a test chooses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
_AS_PACKAGE = """
import json, os, sys
program, arguments, code = json.loads(sys.argv[1])
if program:
    sys.frozen, sys.executable = True, program
sys.argv = ["calotype", *arguments]
exec(code)
"""
RUN_MAIN = "from calotype.__main__ import main\nsys.exit(main())"
Start = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """The home of somebody who has nothing of Calotype yet."""
    home = tmp_path / "person"
    home.mkdir()
    return home


@pytest.fixture
def start(person: Path) -> Start:
    """Run the program, or other code in its place; with `program`, as if it were a package that lies there.

    Nothing of the surroundings is handed down but what is needed, so that the home decides.
    """

    def run(*arguments: object, code: str = RUN_MAIN, program: Path | None = None, **options: Any) -> Any:
        environment = {
            "HOME": str(person),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT / "desktop", ROOT / "resources"))),
            "QT_QPA_PLATFORM": "offscreen",
            **{name: str(value) for name, value in (options.pop("environment", None) or {}).items()},
        }
        told = json.dumps([str(program or ""), [str(argument) for argument in arguments], code])
        return subprocess.run(
            [sys.executable, *options.pop("flags", ()), "-c", _AS_PACKAGE, told],
            env={name: value for name, value in environment.items() if value},
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
            **options,
        )

    return run
