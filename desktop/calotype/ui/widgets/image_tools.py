"""The lines above the grid: which pictures are shown, in which order, and how large."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from calotype.domain.image_order import ImageOrder
from calotype.domain.image_parts import ImagePart
from calotype.ui.widgets.chips import Chip
from calotype.ui.widgets.dragged_pictures import accept_pictures
from calotype.ui.widgets.fields import Choice
from calotype.ui.widgets.filter_field import FilterField
from calotype.ui.widgets.image_grid import LARGEST_PX, SMALLEST_PX
from calotype.ui.widgets.labels import label
from calotype.ui.widgets.stars import Stars
from calotype.ui.widgets.wrapping_row import WrappingRow

_ALWAYS_SHOWN = (ImagePart.ALL, ImagePart.TRAINING, ImagePart.VALIDATION)
_FOR_DROPS = (ImagePart.TRAINING, ImagePart.VALIDATION, ImagePart.LEFT_OUT)


class ImageTools(QWidget):
    """A filter, chips with counts, stars, an order, a size.

    part_chosen: another chip or another number of stars. order_chosen: an ImageOrder. size_changed: of tiles, in px.
    pictures_dropped: the selection was dropped on the chip of this ImagePart.
    """

    part_chosen = Signal()
    order_chosen = Signal(object)
    size_changed = Signal(int)
    pictures_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = FilterField()
        self.filter.setMaximumWidth(380)
        self.filter.refused.connect(self._say)
        self.search = self.filter.edit
        self.chips = {part: PartChip(part) for part in ImagePart}
        self.chips[ImagePart.ALL].setChecked(True)
        self._group = QButtonGroup(self)
        for chip in self.chips.values():
            self._group.addButton(chip)
            chip.pictures_dropped.connect(self.pictures_dropped)
        self._group.buttonClicked.connect(self.part_chosen)
        self.stars = Stars(self.tr("pictures that are shown, at least"))
        self.stars.setToolTip(self.tr("Show pictures with so many stars or more"))
        self.stars.rated.connect(self.part_chosen)
        self.order = Choice()
        self.order.setAccessibleName(self.tr("Order of the pictures"))
        for order, words in self._order_words().items():
            self.order.addItem(words, order.value)
        self.order.currentIndexChanged.connect(lambda _: self.order_chosen.emit(ImageOrder(self.order.currentData())))
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(SMALLEST_PX, LARGEST_PX)
        self._size.setValue(168)
        self._size.setFixedWidth(96)
        self._size.setAccessibleName(self.tr("Size of the pictures"))
        self._size.setToolTip(self._size.accessibleName())
        self._size.valueChanged.connect(self.size_changed)
        self._wrong = label("", "harm", wraps=True)
        self._wrong.hide()
        self.count = label("", "small")
        self._lay_out()

    @property
    def part(self) -> ImagePart:
        """The part of the chip that is switched on."""
        return next(part for part, chip in self.chips.items() if chip.isChecked())

    def show_counts(self, counts: Mapping[ImagePart, int]) -> None:
        """Say on each chip how many pictures it would show; chips that would show nothing do not clutter."""
        for part, chip in self.chips.items():
            chip.setText(f"{self._part_words()[part]} {counts[part]:,}")
            chip.setVisible(part in _ALWAYS_SHOWN or counts[part] > 0 or chip.isChecked())
        self.count.setMinimumHeight(self.chips[ImagePart.ALL].sizeHint().height())  # beside the first row of chips

    def show_order(self, order: ImageOrder) -> None:
        """Say in which order the pictures are."""
        with QSignalBlocker(self.order):
            self.order.setCurrentIndex(max(0, self.order.findData(order.value)))

    def start_over(self) -> None:
        """Show everything again."""
        self.search.clear()
        self.stars.rate(0)
        self.choose_part(ImagePart.ALL)

    def choose_part(self, part: ImagePart) -> None:
        """Switch a chip on."""
        self.chips[part].setChecked(True)
        self.part_chosen.emit()

    def _say(self, sentence: str) -> None:
        self._wrong.setText(sentence)
        self._wrong.setVisible(bool(sentence))
        self.search.setAccessibleDescription(sentence)

    def _part_words(self) -> Mapping[ImagePart, str]:
        return {
            ImagePart.ALL: self.tr("All"),
            ImagePart.TRAINING: self.tr("Training"),
            ImagePart.VALIDATION: self.tr("Validation"),
            ImagePart.LEFT_OUT: self.tr("Left out"),
            ImagePart.ISSUES: self.tr("Issues"),
            ImagePart.DUPLICATES: self.tr("Duplicates"),
        }

    def _order_words(self) -> Mapping[ImageOrder, str]:
        return {
            ImageOrder.ADDED: self.tr("As added"),
            ImageOrder.NAME: self.tr("By name"),
            ImageOrder.LARGEST: self.tr("Largest first"),
            ImageOrder.SMALLEST: self.tr("Smallest first"),
            ImageOrder.BEST_RATED: self.tr("Best rated first"),
            ImageOrder.LONGEST_CAPTION: self.tr("Longest caption first"),
            ImageOrder.SHORTEST_CAPTION: self.tr("Shortest caption first"),
        }

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.filter, 1)
        above.addStretch()
        above.addWidget(self.order)
        above.addSpacing(4)
        above.addWidget(self._size)
        below = QHBoxLayout()
        below.setSpacing(8)
        below.addWidget(WrappingRow([*self.chips.values(), self.stars]), 1)
        below.addWidget(self.count, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(above)
        column.addWidget(self._wrong)
        column.addLayout(below)


class PartChip(Chip):
    """The chip of a part. pictures_dropped: the selection of the grid was dropped on it; its ImagePart."""

    pictures_dropped = Signal(object)

    def __init__(self, part: ImagePart, parent: QWidget | None = None) -> None:
        super().__init__("", checkable=True, parent=parent)
        self._part = part
        self.setAcceptDrops(part in _FOR_DROPS)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say that pictures may be dropped here."""
        self.setDown(accept_pictures(event))

    def dragLeaveEvent(self, event: object) -> None:
        """Look as before."""
        self.setDown(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the pictures in."""
        self.setDown(False)
        if accept_pictures(event):
            self.pictures_dropped.emit(self._part)
