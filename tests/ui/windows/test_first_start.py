"""The page before the first window: one key skips it, and everything on it is looked at."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.domain.settings import Theme
from calotype.ui.look.theme import apply_theme
from calotype.ui.windows.first_start import FirstStart
from calotype.ui.workers.background_job import wait_for_all_jobs


@pytest.fixture
def page(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[FirstStart]:
    apply_theme(qapp, Theme.DARK)
    shown = FirstStart(tmp_path / "Calotype", Theme.SYSTEM)
    qtbot.addWidget(shown)
    with qtbot.waitExposed(shown):
        shown.show()
    yield shown
    wait_for_all_jobs()


def test_that_one_key_starts_with_what_is_proposed(page: FirstStart, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.waitUntil(page.start_button.isEnabled)

    qtbot.keyClick(page, Qt.Key.Key_Return)

    assert page.choices is not None
    assert (page.choices.folder, page.choices.wants_sample) == (tmp_path / "Calotype", False)
    assert list(tmp_path.iterdir()) == []


def test_that_the_keys_that_quit_close_the_page(page: FirstStart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.rejected):
        page.findChildren(QShortcut)[0].activated.emit()  # which keys those are depends on the desktop

    assert page.choices is None


def test_that_this_computer_is_described(page: FirstStart, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(page.device_note.text()))

    assert "Calotype" in page.device_note.text()


def test_that_a_folder_is_looked_at_while_it_is_written(page: FirstStart, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    qtbot.waitUntil(page.start_button.isEnabled)

    page.folder_field.line.setText(str(tmp_path / "taken" / "x"))
    was_enabled = page.start_button.isEnabled()
    qtbot.waitUntil(lambda: page.folder_field.report is not None)
    refused = page.start_button.isEnabled()
    page.folder_field.line.setText(str(tmp_path / "free"))
    qtbot.waitUntil(page.start_button.isEnabled)

    assert (was_enabled, refused) == (False, False)
    assert page.folder_field.folder == tmp_path / "free"


def test_that_the_theme_is_shown_at_once(page: FirstStart, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.theme_chosen) as chosen:
        page.theme._group.button(1).click()

    assert chosen.args == [Theme.LIGHT]


_WHOLE_PROGRAM = """
import json, sys
from PySide6.QtCore import QTimer
from calotype import app as calotype_app

app, pressed = calotype_app.make_application(), []

def press():
    for widget in app.topLevelWidgets():
        name = type(widget).__name__
        if name == "FirstStart" and widget.isVisible() and widget.start_button.isEnabled():
            pressed.append(name)
            getattr(widget, sys.argv[1])() if sys.argv[1] == "reject" else getattr(widget, sys.argv[1]).click()
        elif name == "MainWindow" and widget.isVisible() and is_settled(widget):
            project = widget._session.project
            pressed.append([name, widget._session.settings.theme.value, project.name if project else ""])
            widget.close()

def is_settled(window):
    return sys.argv[1] != "sample_button" or window.current_page == "images"

timer = QTimer(app)
timer.timeout.connect(press)
timer.start(20)
code = calotype_app.main(sys.argv[2:])
print(json.dumps([code, pressed]))
"""


def _run(tmp_path: Path, button: str, *arguments: str) -> tuple[int, list[object]]:
    """Start the whole program and press a button of the page; what was seen, in order."""
    finished = subprocess.run(
        [sys.executable, "-c", _WHOLE_PROGRAM, button, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "CALOTYPE_HOME": str(tmp_path / "home")},
    )
    code, pressed = json.loads(finished.stdout.splitlines()[-1])
    return code, pressed


def test_that_closing_the_page_writes_nothing(tmp_path: Path) -> None:
    assert _run(tmp_path, "reject") == (0, ["FirstStart"])

    assert not (tmp_path / "home").exists()


def test_that_the_page_comes_once_and_leads_into_the_window(tmp_path: Path) -> None:
    window = ["MainWindow", "system", ""]

    assert _run(tmp_path, "start_button") == (0, ["FirstStart", window])
    assert _run(tmp_path, "start_button") == (0, [window])


def test_that_the_page_can_begin_with_the_sample_in_a_folder_that_was_named(tmp_path: Path) -> None:
    named = tmp_path / "named"

    code, pressed = _run(tmp_path, "sample_button", "--home", str(named))

    assert code == 0
    assert pressed[1] == ["MainWindow", "system", "Zorbi (sample)"]
    assert (named / "settings.json").is_file()
    assert not (tmp_path / "home").exists()
