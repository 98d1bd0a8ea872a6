"""Which LoRA to draw with, and how strongly it counts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from calotype.domain.generation import LoraUse
from calotype.domain.models import LoraCard
from calotype.ui.look.wording import file_when
from calotype.ui.widgets.fields import Choice, labelled
from calotype.ui.widgets.labels import label

STRENGTH_WIDTH = 104
UNIT = 20  # slider ticks for strength 1


class LoraField(QWidget):
    """A list of LoRAs, none among them, and a strength. changed: another one was chosen."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[LoraCard] = []
        self._build()
        self._choice.currentIndexChanged.connect(self._take)
        self._strength.valueChanged.connect(self._show_strength)
        self._take()

    @property
    def card(self) -> LoraCard | None:
        """The chosen LoRA."""
        return next((card for card in self._cards if str(card.path) == self._choice.currentData()), None)

    def uses(self) -> tuple[LoraUse, ...]:
        """What to draw with."""
        card = self.card
        return (LoraUse(card.path, self._strength.value() / UNIT),) if card else ()

    def show_cards(self, cards: Sequence[LoraCard]) -> None:
        """Offer these LoRAs, and none; the choice stays if it is still there."""
        before = self._choice.currentData()
        self._cards = list(cards)
        self._choice.blockSignals(True)
        self._choice.clear()
        self._choice.addItem(self.tr("None: the base model alone"), None)
        names = [card.name for card in cards]
        for card in cards:
            text = card.name if names.count(card.name) == 1 else f"{card.name} · {file_when(card.path)}"
            picture = QIcon(QPixmap(str(card.preview_path))) if card.preview_path else QIcon()
            self._choice.addItem(picture, text, str(card.path))
        self._choice.setCurrentIndex(max(0, self._choice.findData(before)))
        self._choice.blockSignals(False)
        self._take()

    def choose(self, card: LoraCard) -> None:
        """Choose one of those that are offered."""
        self._choice.setCurrentIndex(max(0, self._choice.findData(str(card.path))))

    def choose_named(self, file_stem: str, strength: float) -> None:
        """Choose the LoRA of a file name, with a strength; none if that file is not there any more."""
        card = next((card for card in self._cards if card.path.stem == file_stem), None)
        self._choice.setCurrentIndex(self._choice.findData(str(card.path)) if card else 0)
        if card is not None:
            self._strength.setValue(round(strength * UNIT))

    def _take(self) -> None:
        self._strength.setEnabled(self.card is not None)
        self._show_strength()
        self.changed.emit()

    def _show_strength(self) -> None:
        strength = f"{self._strength.value() / UNIT:.2f}" if self.card else ""
        self._text.setText(self.tr("Strength {strength}").format(strength=strength).rstrip())

    def _build(self) -> None:
        self._choice = Choice()
        self._choice.setIconSize(QSize(24, 24))
        self._strength = QSlider(Qt.Orientation.Horizontal)
        self._strength.setRange(0, int(1.5 * UNIT))
        self._strength.setValue(UNIT)
        self._strength.setAccessibleName(self.tr("Strength of the LoRA"))
        self._text = label("", "small")
        self._text.setBuddy(self._strength)
        self._strength.setFixedHeight(self._choice.sizeHint().height())
        beside = QVBoxLayout()
        beside.setSpacing(5)
        beside.addWidget(self._text)
        beside.addWidget(self._strength)
        beside.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        layout.addWidget(labelled(self.tr("LoRA"), self._choice), 1, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(beside)
        self._strength.setFixedWidth(STRENGTH_WIDTH)
