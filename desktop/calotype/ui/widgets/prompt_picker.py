"""Which of the preview prompts is shown, and its words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from calotype.ui.widgets.chips import Chip
from calotype.ui.widgets.labels import label

WIDTH = 190


class PromptPicker(QWidget):
    """The prompt in words, and a number to press for each other one. chosen: another prompt is to be shown."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.index = 0
        self._prompts: list[str] = []
        self._chips: list[Chip] = []
        self._words = label("", "small", wraps=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._row = QHBoxLayout()
        self._row.setSpacing(6)
        self._row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(label(self.tr("Prompt"), "small"))
        layout.addWidget(self._words, 1)
        layout.addLayout(self._row)
        self.setFixedWidth(WIDTH)
        self.hide()

    def show_prompts(self, prompts: Sequence[str]) -> None:
        """Offer these prompts."""
        if list(prompts) == self._prompts:
            return
        self._prompts = list(prompts)
        self.index = min(self.index, max(0, len(prompts) - 1))
        for chip in self._chips:
            self._row.removeWidget(chip)
            chip.deleteLater()
        self._chips = [self._chip(place) for place in range(len(prompts) if len(prompts) > 1 else 0)]
        for place, chip in enumerate(self._chips):
            self._row.insertWidget(place, chip)
        self.setVisible(bool(prompts))
        self._show()

    def _chip(self, place: int) -> Chip:
        chip = Chip(str(place + 1), checkable=True)
        chip.setAutoExclusive(True)
        chip.setChecked(place == self.index)
        chip.setToolTip(self._prompts[place])
        chip.setAccessibleName(
            self.tr("Prompt {number}: {prompt}").format(number=place + 1, prompt=self._prompts[place])
        )
        chip.clicked.connect(lambda: self._choose(place))
        return chip

    def _choose(self, place: int) -> None:
        self.index = place
        self._show()
        self.chosen.emit()

    def _show(self) -> None:
        self._words.setText(self._prompts[self.index] if self._prompts else "")
