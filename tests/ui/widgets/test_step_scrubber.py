"""Going through training by slider."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from calotype.ui.models.session import Session
from calotype.ui.widgets.step_scrubber import StepScrubber


def test_that_every_preview_is_one_stride_of_the_keyboard(session: Session, qtbot: QtBot) -> None:
    scrubber = StepScrubber()
    qtbot.addWidget(scrubber)
    scrubber.show_steps([0, 10, 500, 9000])
    seen: list[int] = []
    scrubber.step_chosen.connect(seen.append)

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(scrubber.slider, key)

    assert seen == [10, 500, 10, 9000, 0]


def test_that_being_shown_a_step_is_no_choice(session: Session, qtbot: QtBot) -> None:
    scrubber = StepScrubber()
    qtbot.addWidget(scrubber)
    scrubber.show_steps([0, 10, 500])
    seen: list[int] = []
    scrubber.step_chosen.connect(seen.append)

    scrubber.show_step(500, "Step 500")

    assert seen == []
    assert scrubber.slider.value() == 2
    assert scrubber.slider.accessibleDescription() == "Step 500"
