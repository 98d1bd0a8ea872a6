"""Proof that failures are said in place and that what was done can be taken back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.domain.errors import DiskFullError
from calotype.ui.widgets.failure_banner import FailureBanner
from calotype.ui.widgets.undo_bar import UndoBar


def test_that_a_failure_is_shown_until_it_is_dismissed(qtbot: QtBot) -> None:
    banner = FailureBanner()
    qtbot.addWidget(banner)

    banner.show_failure(DiskFullError("cover.png"))

    assert banner.isVisible()
    assert "cover.png" in banner.text
    qtbot.mouseClick(banner.dismiss_button, Qt.MouseButton.LeftButton)
    assert not banner.isVisible()


def test_that_several_failures_are_all_shown(qtbot: QtBot) -> None:
    banner = FailureBanner()
    qtbot.addWidget(banner)

    banner.show_failures([DiskFullError("cover.png"), DiskFullError("other.png")])

    assert len(banner.text.splitlines()) == 2
    assert "cover.png" in banner.text and "other.png" in banner.text


def test_that_an_undo_happens_once(qtbot: QtBot) -> None:
    bar = UndoBar()
    qtbot.addWidget(bar)
    undone: list[int] = []
    bar.offer("Removed 2 pictures", lambda: undone.append(1))

    qtbot.mouseClick(bar.undo_button, Qt.MouseButton.LeftButton)
    bar.undo()

    assert undone == [1]
    assert not bar.isVisible()
