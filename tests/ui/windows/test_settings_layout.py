"""The Settings page is as long as what is on it."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from calotype.ui.models.session import Session
from calotype.ui.widgets.card import Card
from calotype.ui.windows.settings_page import SettingsPage


def test_that_the_settings_end_with_their_last_card(session: Session, qtbot: QtBot) -> None:
    page = SettingsPage(session)
    qtbot.addWidget(page)
    page.resize(1196, 626)
    page.show()
    area = page.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)

    bar.setValue(bar.maximum())

    ends = [card.mapTo(page, QPoint(0, card.height())).y() for card in page.findChildren(Card)]
    assert page.height() - 24 <= max(ends) <= page.height()
