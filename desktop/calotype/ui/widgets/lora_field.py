"""Which LoRAs to draw with, and how strongly each counts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from calotype.domain.generation import LoraUse
from calotype.domain.models import LoraCard
from calotype.ui.widgets.buttons import link_button
from calotype.ui.widgets.lora_row import LoraRow

MOST = 8  # more have never made a better picture, and would push the rest of the form away


class LoraField(QWidget):
    """One row or more, each of a LoRA and its strength. changed: another LoRA was chosen, or its parts.

    Its links, to show the parts and to add another one, are placed by whoever owns the field.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[LoraCard] = []
        self.rows: list[LoraRow] = []
        self._make_links()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._add_row()

    @property
    def links(self) -> list[QWidget]:
        """What can be done besides, in its order."""
        return [self.parts_link, self.blocks_link, self.full_link, self.add_link]

    @property
    def cards(self) -> list[LoraCard]:
        """The chosen LoRAs."""
        return [row.card for row in self.rows if row.card is not None]

    def uses(self) -> tuple[LoraUse, ...]:
        """What to draw with."""
        return tuple(use for row in self.rows if (use := row.use()) is not None)

    def show_cards(self, cards: Sequence[LoraCard]) -> None:
        """Offer these LoRAs, and none; a choice stays if it is still there."""
        self._cards = list(cards)
        for row in self.rows:
            row.show_cards(cards)
        self._show_links()

    def choose(self, card: LoraCard) -> None:
        """Choose one of those that are offered, alone."""
        self._keep_rows(1)
        self.rows[0].choose(card)

    def choose_uses(self, uses: Sequence[LoraUse]) -> list[str]:
        """Choose the LoRAs of these file names, whatever their folder is said to be; return the missing ones."""
        offered = {card.path.stem: card for card in self._cards}
        found = [(offered[use.path.stem], use) for use in uses if use.path.stem in offered][:MOST]
        self._keep_rows(max(1, len(found)))
        if not found:
            self.rows[0].choose(None)
        for row, (card, use) in zip(self.rows, found, strict=False):
            row.choose(card, use.strength, use.blocks)
        return [use.path.stem for use in uses if use.path.stem not in offered]

    def _keep_rows(self, count: int) -> None:
        while len(self.rows) > count:
            self._remove(self.rows[-1])
        while len(self.rows) < count:
            self._add_row()

    def _add_row(self) -> None:
        row = LoraRow()
        row.show_cards(self._cards)
        row.changed.connect(self._take)
        row.removed.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._column.addWidget(row)
        self._take()

    def _remove(self, row: LoraRow) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._take()

    def _make_links(self) -> None:
        self.parts_link, self.blocks_link = link_button(""), link_button("")
        self.full_link = link_button(self.tr("All in full"))
        self.add_link = link_button(self.tr("Add another LoRA"), "plus")
        self.parts_link.setCheckable(True)
        self.parts_link.toggled.connect(self._show_links)
        self.blocks_link.clicked.connect(self._switch)
        self.full_link.clicked.connect(self._count_in_full)
        self.add_link.clicked.connect(self._add_row)

    def _switch(self) -> None:
        is_by_block = not self._is_by_block
        for row in self.rows:
            row.parts.show_by_block(is_by_block)
        self._take()

    @property
    def _is_by_block(self) -> bool:
        return any(row.parts.is_by_block for row in self.rows)

    def _count_in_full(self) -> None:
        for row in self.rows:
            row.parts.count_in_full()

    def _take(self) -> None:
        self._show_links()
        self.changed.emit()

    def _show_links(self) -> None:
        is_open = self.parts_link.isChecked()
        for number, row in enumerate(self.rows, start=1):
            row.set_number(number if len(self.rows) > 1 else None)
            row.parts.setVisible(is_open and row.has_parts)
            row.remove.setVisible(len(self.rows) > 1)
        said = "; ".join(filter(None, (row.parts.summary() for row in self.rows)))
        closed = self.tr("By part: {parts}").format(parts=said) if said else self.tr("Strength by part")
        self.parts_link.setText(self.tr("Hide the parts") if is_open else closed)
        self.parts_link.setVisible(any(row.has_parts for row in self.rows))
        self.blocks_link.setText(self.tr("By part") if self._is_by_block else self.tr("Each block"))
        self.blocks_link.setVisible(is_open and any(row.parts.has_blocks for row in self.rows))
        self.full_link.setVisible(is_open and bool(said))
        is_full = all(row.card is not None for row in self.rows)
        self.add_link.setVisible(is_full and len(self.rows) < min(MOST, len(self._cards)))
