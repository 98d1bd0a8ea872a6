"""Proof that fields keep their value while the page is scrolled, and have names."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.ui.widgets.fields import Choice, WholeNumber, labelled


def _wheel() -> QWheelEvent:
    none = Qt.MouseButton.NoButton
    keys = Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    return QWheelEvent(QPointF(5, 5), QPointF(5, 5), QPoint(0, 0), QPoint(0, 120), none, keys, phase, False)


def test_that_a_passing_wheel_changes_no_value(qtbot: QtBot) -> None:
    number, choice = WholeNumber(0, 9), Choice()
    choice.addItems(["one", "two"])
    choice.setCurrentIndex(1)
    for field in (number, choice):
        qtbot.addWidget(field)

        QApplication.sendEvent(field, _wheel())

    assert number.value() == 0
    assert choice.currentIndex() == 1


def test_that_a_label_names_its_field(qtbot: QtBot) -> None:
    number = WholeNumber()

    holder = labelled("Steps", number)
    qtbot.addWidget(holder)

    assert number.accessibleName() == "Steps"
