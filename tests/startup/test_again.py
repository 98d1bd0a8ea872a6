"""A restart is a new start of the program with the same data folder, after everything of the old one was closed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Start = Callable[..., Any]

_RESTART = "from calotype.startup.again import start_again\nsys.exit(start_again(sys.argv[1:]))"
# The real window, in which somebody presses “Restart now” when what was dropped on the icon has come in.
_WINDOW = """
from PySide6.QtCore import QTimer
from calotype import app
make_window = app.make_window
def make_and_press(*arguments):
    session, window = make_window(*arguments)
    session.imports.finished.connect(lambda *_: QTimer.singleShot(0, session, session.restart_wanted.emit))
    return session, window
app.make_window = make_and_press
sys.exit(app.main(["--home", sys.argv[1], *sys.argv[2:]]))
"""
_PROGRAM = """#!{python}
import os, sys
from filelock import FileLock
with FileLock(sys.argv[2] + "/.window.lock", timeout=0):
    print("again", sys.argv[1:], os.environ["PYINSTALLER_RESET_ENVIRONMENT"])
sys.exit(9)
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What stands for a package: it says how it was started, and that nobody else has the data folder open."""
    path = tmp_path / "calotype"
    path.write_text(_PROGRAM.format(python=sys.executable), encoding="utf-8")
    path.chmod(0o755)
    return path


def test_that_sources_start_again_with_the_same_interpreter(start: Start, tmp_path: Path) -> None:
    finished = start("projects", "--home", tmp_path / "data", code=_RESTART)

    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "data" / "calotype.sqlite").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
def test_that_a_window_starts_again_with_its_data_folder_and_without_what_was_dropped(
    start: Start, program: Path, tmp_path: Path
) -> None:
    data, picture = tmp_path / "data", tmp_path / "fox.png"
    data.mkdir()
    (data / "settings.json").write_text("{}", encoding="utf-8")  # so that it is not the first start
    Image.new("RGB", (64, 64)).save(picture)

    finished = start(data, picture, code=_WINDOW, program=program)

    assert finished.stdout.splitlines()[-1:] == [f"again ['--home', '{data}'] 1"], finished.stderr
    assert finished.returncode == 9
