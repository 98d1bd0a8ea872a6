"""Scrubbing through previews."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from calotype.ui.widgets.preview_strip import GAP, LARGEST, PreviewStrip


def strip_of(qtbot: QtBot, steps: list[int], best: int | None = None, width: int = 900) -> PreviewStrip:
    strip = PreviewStrip()
    qtbot.addWidget(strip)
    strip.resize(width, 130)
    strip.show_steps({step: Path(f"{step}.png") for step in steps}, best)
    return strip


def test_that_the_newest_preview_is_chosen_and_followed(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, [0, 50])

    strip.show_steps({step: Path(f"{step}.png") for step in (0, 50, 100)}, None)

    assert strip.chosen_step == 100


def test_that_a_preview_scrubbed_to_stays_when_a_new_one_comes(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, [0, 50])
    qtbot.keyClick(strip, Qt.Key.Key_Home)

    strip.show_steps({step: Path(f"{step}.png") for step in (0, 50, 100)}, None)

    assert strip.chosen_step == 0


def test_that_arrow_keys_go_through_every_step(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, list(range(0, 1000, 10)), width=400)
    seen: list[int] = []
    strip.step_chosen.connect(seen.append)

    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(strip, key)

    assert seen == [980, 970, 980, 0, 990]


def test_that_dragging_scrubs(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, [0, 50, 100])

    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(10, 20))
    assert strip.chosen_step == 0
    qtbot.mouseMove(strip, QPoint(LARGEST + GAP + 10, 20))
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(LARGEST + GAP + 10, 20))

    assert strip.chosen_step == 50


def test_that_a_long_run_still_shows_base_best_newest_and_chosen(qtbot: QtBot) -> None:
    strip = strip_of(qtbot, list(range(0, 1000, 10)), best=370, width=600)
    strip.choose(730)

    shown = strip.shown_steps()

    assert {0, 370, 730, 990} <= set(shown)
    assert len(shown) <= 600 // LARGEST
