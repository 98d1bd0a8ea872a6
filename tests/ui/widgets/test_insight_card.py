"""The card that names the pictures that learn unlike the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.domain.events import BandRatios, ImageRatio, Interval, ValidationFinished
from calotype.domain.settings import Theme
from calotype.domain.verdict import Measurements
from calotype.ui.look.theme import apply_theme
from calotype.ui.widgets.insight_card import InsightCard
from calotype.ui.workers.background_job import wait_for_all_jobs

ALIKE = {"a": 0.80, "b": 0.82, "c": 0.84}


@pytest.fixture(autouse=True)
def _theme(qapp: QApplication) -> None:
    apply_theme(qapp, Theme.DARK)


@pytest.fixture
def card(qtbot: QtBot, tmp_path: Path) -> InsightCard:
    """Knows the file of the picture “x”."""
    path = tmp_path / "x.png"
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    image.save(str(path))
    made = InsightCard()
    qtbot.addWidget(made)
    made.set_locate({"x": path}.get)
    return made


def measured(step: int, held_out: dict[str, float]) -> ValidationFinished:
    return ValidationFinished(
        step,
        0.4,
        0.5,
        Interval(0.8, 0.7, 0.9),
        BandRatios(0.8, 0.8, 0.8),
        0.7,
        True,
        1.0,
        tuple(ImageRatio(key, value) for key, value in held_out.items()),
    )


def test_that_a_picture_that_stands_out_is_said_and_leads_to_itself(card: InsightCard, qtbot: QtBot) -> None:
    card.show_measurements(Measurements([measured(50, {**ALIKE, "x": 1.02})]))
    [row] = card.rows
    card.show()
    with qtbot.waitSignal(card.image_requested) as request:
        qtbot.mouseClick(row, Qt.MouseButton.LeftButton)

    assert row.text() == "Held-out picture: it did not get better while the others did. Look at its caption."
    assert row.accessibleDescription() == "Step 50: 1.02 of the base model's error, the others about 0.83."
    assert (request.args, card.quiet_text) == (["x"], "")
    wait_for_all_jobs()


def test_that_a_picture_is_reached_by_keyboard(card: InsightCard, qtbot: QtBot) -> None:
    card.show_measurements(Measurements([measured(50, {**ALIKE, "x": 1.02})]))
    [row] = card.rows
    card.show()
    card.activateWindow()
    row.setFocus()
    qtbot.waitUntil(row.hasFocus)

    with qtbot.waitSignal(card.image_requested) as request:
        qtbot.keyClick(row, Qt.Key.Key_Space)

    assert request.args == ["x"]
    wait_for_all_jobs()


def test_that_a_picture_that_was_removed_is_named_without_a_way_to_it(card: InsightCard) -> None:
    card.show_measurements(Measurements([measured(50, {**ALIKE, "gone": 1.02})]))

    [row] = card.rows
    assert not row.isEnabled()
    assert row.toolTip() == "This picture was removed from the project"


def test_that_the_same_finding_keeps_its_row_and_another_replaces_it(card: InsightCard) -> None:
    card.show_measurements(Measurements([measured(50, {**ALIKE, "x": 1.02})]))
    [row] = card.rows

    card.show_measurements(Measurements([measured(50, {**ALIKE, "x": 1.02})]))
    assert card.rows == [row]
    card.show_measurements(Measurements([measured(50, {**ALIKE, "x": 1.3})]))
    assert card.rows != [row]


@pytest.mark.parametrize(
    ("validations", "words"),
    [
        ([], "once something was learned"),
        ([measured(0, dict.fromkeys("abc", 1.0))], "once something was learned"),
        ([measured(50, {"a": 0.8, "b": 0.9})], "did not measure enough single pictures"),
        ([measured(50, ALIKE)], "None: the pictures learn alike."),
    ],
)
def test_that_without_a_finding_the_card_says_why_in_quiet_words(
    card: InsightCard, validations: list[ValidationFinished], words: str
) -> None:
    card.show_measurements(Measurements(validations))

    assert card.rows == []
    assert words in card.quiet_text
