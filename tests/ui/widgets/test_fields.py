"""Proof that fields keep their value while the page is scrolled, and have names."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QIcon, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from calotype.domain.settings import Theme
from calotype.ui.look.theme import apply_theme
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


@pytest.mark.parametrize("pictures", [False, True], ids=["words", "with pictures"])
def test_that_a_list_shows_each_of_its_rows_whole(qtbot: QtBot, qapp: QApplication, pictures: bool) -> None:
    apply_theme(qapp, Theme.DARK)
    choice = Choice()
    choice.setIconSize(QSize(24, 24))
    swatch = QPixmap(24, 24)
    swatch.fill(Qt.GlobalColor.red)
    for number in range(4):
        choice.addItem(QIcon(swatch) if pictures else QIcon(), f"Row {number}")
    qtbot.addWidget(choice)
    choice.show()

    choice.showPopup()
    view = choice.view()
    qtbot.waitUntil(lambda: view.isVisible() and not view.visualRect(view.model().index(3, 0)).isEmpty())

    last = view.visualRect(view.model().index(3, 0))
    assert last.height() >= 30  # as the style sheet says
    assert last.bottom() < view.viewport().height()
    choice.hidePopup()
