"""Cards follow the width, also when it becomes less, and some can be hidden."""

from __future__ import annotations

from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from calotype.ui.widgets.card_grid import CardGrid


def _card() -> QWidget:
    card = QWidget()
    card.setMinimumSize(200, 50)
    return card


def test_that_a_narrower_window_has_fewer_columns_and_no_scroll_bar(qtbot: QtBot) -> None:
    area, grid = QScrollArea(), CardGrid(200)
    qtbot.addWidget(area)
    cards = [_card() for _ in range(3)]
    grid.set_cards(cards)
    area.setWidgetResizable(True)
    area.setWidget(grid)
    area.resize(700, 400)
    area.show()
    qtbot.waitUntil(lambda: len({card.y() for card in cards}) == 1)

    area.resize(460, 400)

    qtbot.waitUntil(lambda: len({card.y() for card in cards}) == 2)
    assert not area.horizontalScrollBar().isVisible()


def test_that_hidden_cards_leave_no_hole_and_come_back(qtbot: QtBot) -> None:
    grid = CardGrid(200)
    qtbot.addWidget(grid)
    cards = [_card() for _ in range(3)]
    grid.set_cards(cards)
    grid.resize(460, 400)
    grid.show()
    first = cards[0].pos()

    grid.show_only(cards[2:])
    qtbot.waitUntil(lambda: cards[2].pos() == first)
    hidden = [card.isVisible() for card in cards]
    grid.show_only(cards)

    assert hidden == [False, False, True]
    assert all(card.isVisible() for card in cards)
