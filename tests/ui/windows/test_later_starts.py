"""Two real programs with one data folder: the second brings the window of the first to the front, with its files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Start = Callable[..., Any]
ROOT = Path(__file__).resolve().parents[3]

# The real window, minimised; it says when it is there, and after the first later start what became of it.
_WINDOW = """
import json, sys
from PySide6.QtCore import QTimer
from calotype import app
from calotype.ui.windows.later_starts import LaterStarts
make_window, look = app.make_window, LaterStarts._look
kept, stages = {}, []

def make_and_keep(*arguments):
    session, window = make_window(*arguments)
    kept.update(session=session, window=window)
    return session, window

def look_and_tell(self):
    look(self)
    window, session = kept["window"], kept["session"]
    if not stages:
        stages.append("there")
        window.showMinimized()
        print("there", flush=True)
    elif stages == ["there"] and not window.isMinimized():
        stages.append("asked")
        if session.imports.is_running:
            session.imports.finished.connect(lambda: QTimer.singleShot(0, window, tell))
        else:
            QTimer.singleShot(0, window, tell)

def tell():
    project = kept["session"].project
    name = project.name if project else None
    print(json.dumps([kept["window"].isActiveWindow(), kept["window"].current_page, name]), flush=True)
    kept["window"].close()

app.make_window, LaterStarts._look = make_and_keep, look_and_tell
sys.exit(app.main(["--home", sys.argv[1], *sys.argv[2:]]))
"""


@contextmanager
def open_window(data: Path, home: Path) -> Iterator[subprocess.Popen[str]]:
    data.mkdir()
    (data / "settings.json").write_text("{}", encoding="utf-8")  # so that it is not the first start
    sources = os.pathsep.join(str(ROOT / name) for name in ("desktop", "resources"))
    surroundings = {"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONPATH": sources}
    command = [sys.executable, "-c", _WINDOW, str(data)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    surroundings["QT_QPA_PLATFORM"] = "offscreen"
    with subprocess.Popen(command, env=surroundings, encoding="utf-8", **streams) as window:  # type: ignore[call-overload]
        try:
            assert window.stdout is not None and window.stdout.readline() == "there\n", window.stderr.read()
            yield window
        finally:
            window.kill()


def _last_line(window: subprocess.Popen[str]) -> Any:
    out, error = window.communicate(timeout=60)
    assert window.returncode == 0, error
    return json.loads(out.splitlines()[-1])


def test_that_the_window_comes_to_the_front_without_files(start: Start, tmp_path: Path, person: Path) -> None:
    data = tmp_path / "data"
    with open_window(data, person) as window:
        finished = start("--home", data)

        assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
        assert _last_line(window) == [True, "home", None]
    assert list((data / ".letters").iterdir()) == []


def test_that_pictures_come_in_as_if_they_were_dropped(start: Start, tmp_path: Path, person: Path) -> None:
    data, pictures = tmp_path / "data", tmp_path / "Füchse 狐"
    pictures.mkdir()
    for number in range(2):
        Image.effect_mandelbrot((64, 64), (-2 + number, -1, 1, 1), 30).save(pictures / f"{number}.png")
    with open_window(data, person) as window:
        finished = start("--home", data, *sorted(pictures.iterdir()))

        assert finished.returncode == 0, finished.stderr
        assert _last_line(window) == [True, "images", "Füchse 狐"]
    assert len(list((data / "projects").glob("*/images/*.png"))) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="other signals")
def test_that_a_window_which_hangs_is_said_to_be_open(start: Start, tmp_path: Path, person: Path) -> None:
    import signal

    code = (
        "from calotype import app\nfrom calotype.services import later_starts\n"
        "app.say_refusal = lambda error, **_: print(type(error).__name__)\n"
        "hand_over = app.lock_or_hand_over\n"
        "app.lock_or_hand_over = lambda workspace, files: hand_over(workspace, files, patience_s=0.5)\n"
        "sys.exit(app.main(sys.argv[1:]))"
    )
    data = tmp_path / "data"
    with open_window(data, person) as window:
        window.send_signal(signal.SIGSTOP)

        finished = start("--home", data, code=code)

        assert (finished.returncode, finished.stdout) == (1, "AlreadyOpenError\n"), finished.stderr
        assert list((data / ".letters").iterdir()) == []
        window.kill()

        assert start("projects", "--home", data).returncode == 0
