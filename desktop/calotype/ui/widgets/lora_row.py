"""One LoRA to draw with, or none, and how strongly it counts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from calotype.domain.generation import LoraUse
from calotype.domain.lora_blocks import AS_ONE, BlockStrengths
from calotype.domain.models import LoraCard
from calotype.ui.look.lora_titles import lora_titles
from calotype.ui.widgets.block_sliders import BlockSliders
from calotype.ui.widgets.buttons import icon_button
from calotype.ui.widgets.fields import Choice, labelled
from calotype.ui.widgets.labels import label

STRENGTH_WIDTH = 104
UNIT = 20  # slider ticks for strength 1


class LoraRow(QWidget):
    """A list of LoRAs, none among them, a strength, and sliders for its parts, which are hidden until asked for.

    changed: another LoRA was chosen, or its parts count differently. removed: the row is to go.
    """

    changed = Signal()
    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: list[LoraCard] = []
        self._strength = 1.0  # as it was given, which may be finer than the slider
        self._build()
        self.field.currentIndexChanged.connect(self._take)
        self.strength.valueChanged.connect(self._take_strength)
        self.parts.changed.connect(self.changed)
        self.remove.clicked.connect(self.removed)
        self._take()

    @property
    def card(self) -> LoraCard | None:
        """The chosen LoRA."""
        return next((card for card in self._cards if str(card.path) == self.field.currentData()), None)

    @property
    def has_parts(self) -> bool:
        """True for a LoRA that changes more than one block."""
        return self.card is not None and len(self.card.blocks) > 1

    def set_number(self, number: int | None) -> None:
        """Tell it from the others for screen readers; None if it is alone."""
        name = self.tr("LoRA {number}").format(number=number) if number else self.tr("LoRA")
        self.field.setAccessibleName(name)
        self.strength.setAccessibleName(self.tr("Strength of {name}").format(name=name))

    def use(self) -> LoraUse | None:
        """What to draw with."""
        card = self.card
        return LoraUse(card.path, self._strength, self.parts.factors) if card else None

    def show_cards(self, cards: Sequence[LoraCard]) -> None:
        """Offer these LoRAs, and none; the choice stays if it is still there."""
        before, card_before = self.field.currentData(), self.card
        self._cards = list(cards)
        self.field.blockSignals(True)
        self.field.clear()
        self.field.addItem(self.tr("None: the base model alone"), None)
        for card, text in zip(cards, lora_titles(cards), strict=True):
            picture = QIcon(QPixmap(str(card.preview_path))) if card.preview_path else QIcon()
            self.field.addItem(picture, text, str(card.path))
        self.field.setCurrentIndex(max(0, self.field.findData(before)))
        self.field.blockSignals(False)
        if self.card != card_before:
            self._take()

    def choose(self, card: LoraCard | None, strength: float | None = None, blocks: BlockStrengths = AS_ONE) -> None:
        """Choose one of those that are offered, or none, with its strength, or that of before."""
        self.field.setCurrentIndex(max(0, self.field.findData(str(card.path))) if card else 0)
        if card is None:
            return
        if strength is not None:
            self.strength.setValue(round(strength * UNIT))
            self._strength = strength
            self._show_strength()
        self.parts.show_factors(blocks)
        self.changed.emit()

    def _take(self) -> None:
        self.strength.setEnabled(self.card is not None)
        self.parts.show_blocks(self.card.blocks if self.card else ())
        self._show_strength()
        self.changed.emit()

    def _take_strength(self) -> None:
        self._strength = self.strength.value() / UNIT
        self._show_strength()

    def _show_strength(self) -> None:
        strength = f"{self._strength:.2f}" if self.card else ""
        self._text.setText(self.tr("Strength {strength}").format(strength=strength).rstrip())

    def _build(self) -> None:
        self.field = Choice()
        self.field.setIconSize(QSize(24, 24))
        plain = Choice()
        plain.ensurePolished()
        self.field.setFixedHeight(plain.sizeHint().height())  # as others, which have no pictures
        self.field.setMinimumContentsLength(6)  # a long name is cut rather than the form widened
        self.field.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, int(1.5 * UNIT))
        self.strength.setValue(UNIT)
        self._text = label("", "small")
        self._text.setBuddy(self.strength)
        self.strength.setFixedHeight(self.field.minimumHeight())
        self.strength.setFixedWidth(STRENGTH_WIDTH)
        self.remove = icon_button("x", self.tr("Leave this one out"))
        self.parts = BlockSliders()
        beside = QVBoxLayout()
        beside.setSpacing(5)
        beside.addWidget(self._text)
        beside.addWidget(self.strength)
        beside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(labelled(self.tr("LoRA"), self.field), 1, Qt.AlignmentFlag.AlignTop)
        row.addLayout(beside)
        row.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row)
        layout.addWidget(self.parts)
        self.set_number(None)
