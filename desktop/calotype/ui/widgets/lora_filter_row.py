"""Find a LoRA among many: a search field, the family of base models, the kind."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from calotype.domain.lora import LORA_KIND_NAMES, LoraKind
from calotype.domain.lora_library import LoraFilter, ShelvedLora
from calotype.domain.recognised import KIND_NAMES, ModelKind
from calotype.ui.widgets.fields import Choice

_SEARCH_WIDTH = 320


class LoraFilterRow(QWidget):
    """changed: another LoraFilter holds."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search names, words and notes"))
        self.search.setAccessibleName(self.tr("Search the LoRAs"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(_SEARCH_WIDTH)
        self.family, self.kind = Choice(), Choice()
        self.family.setAccessibleName(self.tr("Base models that the LoRAs are for"))
        self.kind.setAccessibleName(self.tr("Kind of LoRA"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.search, 1)
        layout.addWidget(self.family)
        layout.addWidget(self.kind)
        layout.addStretch(1)
        self.search.textChanged.connect(self.changed)
        self.family.currentIndexChanged.connect(self.changed)
        self.kind.currentIndexChanged.connect(self.changed)

    @property
    def filter(self) -> LoraFilter:
        """What is looked for now."""
        family, kind = self.family.currentData(), self.kind.currentData()
        return LoraFilter(self.search.text(), ModelKind(family) if family else None, LoraKind(kind) if kind else None)

    def offer(self, loras: Sequence[ShelvedLora]) -> None:
        """Offer the families and kinds that these have; what is chosen stays as long as it is among them."""
        families = {lora.card.made_for for lora in loras}
        kinds = {lora.card.kind for lora in loras}
        _fill(self.family, self.tr("For every base model"), {it: KIND_NAMES[it] for it in ModelKind if it in families})
        _fill(self.kind, self.tr("Every kind"), {it: LORA_KIND_NAMES[it] for it in LoraKind if it in kinds})

    def clear(self) -> None:
        """Look for everything."""
        with QSignalBlocker(self):
            self.search.clear()
            self.family.setCurrentIndex(0)
            self.kind.setCurrentIndex(0)
        self.changed.emit()


def _fill(choice: Choice, all_of_them: str, names: dict[ModelKind, str] | dict[LoraKind, str]) -> None:
    before = choice.currentData()
    with QSignalBlocker(choice):
        choice.clear()
        choice.addItem(all_of_them, None)
        for value, name in names.items():
            choice.addItem(name, value.value)
        choice.setCurrentIndex(max(0, choice.findData(before)))
    choice.setVisible(len(names) > 1)
