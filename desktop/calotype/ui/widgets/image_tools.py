"""The line above the grid: which pictures are shown, and how large."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QSlider, QWidget

from calotype.domain.imageset import CaptionedImage, Split
from calotype.ui.widgets.chips import Chip
from calotype.ui.widgets.labels import label

_SPLITS = (None, Split.TRAINING, Split.VALIDATION)


class ImageTools(QWidget):
    """A filter by text, chips with counts, a size. split_chosen: a Split, or None for all."""

    text_changed = Signal(str)
    split_chosen = Signal(object)
    size_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Filter by caption or name"))
        self.search.setAccessibleName(self.search.placeholderText())
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(280)
        self.search.textChanged.connect(self.text_changed)
        self.chips = [Chip("", checkable=True) for _ in _SPLITS]
        self.chips[0].setChecked(True)
        self._group = QButtonGroup(self)
        for number, chip in enumerate(self.chips):
            self._group.addButton(chip, number)
        self._group.idClicked.connect(lambda number: self.split_chosen.emit(_SPLITS[number]))
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(96, 256)
        self._size.setValue(168)
        self._size.setFixedWidth(110)
        self._size.setAccessibleName(self.tr("Size of the pictures"))
        self._size.valueChanged.connect(self.size_changed)
        self._lay_out()

    def show_counts(self, images: Sequence[CaptionedImage]) -> None:
        """Say on each chip how many pictures it would show."""
        held_out = sum(image.is_held_out for image in images)
        counts = (len(images), len(images) - held_out, held_out)
        words = (self.tr("All"), self.tr("Training"), self.tr("Validation"))
        for chip, word, count in zip(self.chips, words, counts, strict=True):
            chip.setText(f"{word} {count}")

    def start_over(self) -> None:
        """Show everything again."""
        self.search.clear()
        self.chips[0].setChecked(True)
        self.split_chosen.emit(None)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        for chip in self.chips:
            row.addWidget(chip)
        row.addStretch()
        row.addWidget(label(self.tr("Size"), "small"))
        row.addWidget(self._size)
