"""Buttons that go on in a second row."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from calotype.ui.models.session import Session
from calotype.ui.widgets.buttons import quiet_button
from calotype.ui.widgets.wrapping_row import WrappingRow


def test_that_what_does_not_fit_goes_on_below_and_hidden_ones_take_no_room(session: Session, qtbot: QtBot) -> None:
    buttons = [quiet_button("a button") for _ in range(3)]
    row = WrappingRow(buttons)
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(row)
    layout.addStretch(1)
    qtbot.addWidget(holder)
    holder.resize(2 * buttons[0].sizeHint().width() + 20, 300)
    holder.show()

    assert buttons[1].y() == 0
    assert buttons[2].y() > buttons[0].sizeHint().height()
    assert row.height() >= buttons[2].geometry().bottom()
    buttons[0].hide()

    qtbot.waitUntil(lambda: buttons[2].y() == 0)
    assert buttons[1].x() == 0
