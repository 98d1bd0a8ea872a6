"""Cards in rows, as many beside each other as there is room for."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

_SPACING = 12


class CardGrid(QWidget):
    """Equal columns that follow the width; wide windows get more cards, not wider ones."""

    def __init__(self, least_width_px: int = 240, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least_width_px = least_width_px
        self._cards: list[QWidget] = []
        self._shown: list[QWidget] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_SPACING)

    def set_cards(self, cards: Sequence[QWidget]) -> None:
        """Show these cards; the ones before are deleted."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards, self._shown = list(cards), list(cards)
        self._columns = 0
        self._arrange()

    def show_only(self, shown: Collection[QWidget]) -> None:
        """Show these of the cards; the others are kept."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.setVisible(card in shown)
        self._shown = [card for card in self._cards if card in shown]
        self._columns = 0
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        """One column, so that a window that is made narrower gets fewer columns and no scroll bar."""
        return QSize(self._least_width_px, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Find out how many fit now."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = max(1, (self.width() + _SPACING) // (self._least_width_px + _SPACING))
        if columns == self._columns or not self._shown:
            return
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for place, card in enumerate(self._shown):
            self._grid.addWidget(card, place // columns, place % columns)
