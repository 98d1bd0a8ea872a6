"""Several LoRAs, each with the strength that it counts with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from calotype.domain.generation import LoraUse
from calotype.domain.models import LoraCard
from calotype.ui.look.lora_titles import lora_titles
from calotype.ui.widgets.buttons import icon_button, link_button
from calotype.ui.widgets.fields import Choice, DecimalNumber
from calotype.ui.widgets.labels import label

STRONGEST = 2.0
_STRENGTH_PX = 104
_REMOVE_PX = 40


class LoraList(QWidget):
    """Rows of LoRA and strength, at least `least` of them. changed: another one, or another strength."""

    changed = Signal()

    def __init__(self, cards: Sequence[LoraCard], first: LoraCard, least: int = 1) -> None:
        super().__init__()
        self._cards, self._least = list(cards), least
        self.rows: list[_Row] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(8)
        self.add_button = link_button(self.tr("Add another LoRA"), "plus")
        self.add_button.clicked.connect(self.add_row)
        titles = QHBoxLayout()
        titles.setSpacing(10)
        titles.addWidget(label(self.tr("LoRA"), "small"), 1)
        strength = label(self.tr("Strength"), "small")
        strength.setFixedWidth(_STRENGTH_PX)
        titles.addWidget(strength)
        titles.addSpacing(_REMOVE_PX + titles.spacing())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        layout.addLayout(titles)
        layout.addLayout(self._column)
        layout.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.add_row()
        self.rows[0].choose(first)
        while len(self.rows) < least:
            self.add_row()

    def uses(self) -> list[LoraUse]:
        """What is chosen, in order."""
        return [LoraUse(row.card.path, row.strength.value()) for row in self.rows]

    def names(self) -> list[str]:
        """What the chosen ones are called."""
        return [row.card.name for row in self.rows]

    def add_row(self) -> None:
        """Offer one more, the first that is not chosen yet."""
        taken = {row.card.path for row in self.rows}
        row = _Row(self._cards)
        row.choose(next((card for card in self._cards if card.path not in taken), self._cards[0]))
        row.changed.connect(self.changed)
        row.remove.clicked.connect(lambda: self._remove(row))
        self.rows.append(row)
        self._column.addWidget(row)
        self.setTabOrder(row.remove, self.add_button)
        self._show()

    def _remove(self, row: _Row) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.deleteLater()
        self._show()

    def _show(self) -> None:
        for number, row in enumerate(self.rows, start=1):
            row.remove.setVisible(len(self.rows) > self._least)
            row.field.setAccessibleName(self.tr("LoRA {number}").format(number=number))
            row.strength.setAccessibleName(self.tr("Strength of LoRA {number}").format(number=number))
        self.add_button.setVisible(len(self.rows) < len(self._cards))
        self.changed.emit()


class _Row(QWidget):
    """One LoRA. changed: another one, or another strength."""

    changed = Signal()

    def __init__(self, cards: Sequence[LoraCard]) -> None:
        super().__init__()
        self._cards = cards
        self.field = Choice()
        self.field.setMinimumContentsLength(12)  # a long name is cut rather than the dialog widened
        self.field.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.field.addItems(lora_titles(cards))
        self.strength = DecimalNumber(-STRONGEST, STRONGEST, 2)
        self.strength.setSingleStep(0.05)
        self.strength.setValue(1.0)
        self.strength.setFixedWidth(_STRENGTH_PX)
        self.remove = icon_button("x", self.tr("Leave this one out"))
        self.remove.setFixedWidth(_REMOVE_PX)
        policy = self.remove.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the columns stay where they are
        self.remove.setSizePolicy(policy)
        self.field.currentIndexChanged.connect(self.changed)
        self.strength.valueChanged.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.field, 1)
        row.addWidget(self.strength)
        row.addWidget(self.remove)

    @property
    def card(self) -> LoraCard:
        """The chosen LoRA."""
        return self._cards[max(0, self.field.currentIndex())]

    def choose(self, wanted: LoraCard) -> None:
        """Choose the LoRA of this file."""
        place = next((place for place, card in enumerate(self._cards) if card.path == wanted.path), 0)
        self.field.setCurrentIndex(place)
