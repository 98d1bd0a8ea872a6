"""How the pictures are divided between learning and checking."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from calotype.domain.image_parts import ImagePart
from calotype.ui.look.theme import Palette, current_palette
from calotype.ui.widgets.dragged_pictures import accept_pictures

_HEIGHT = 14  # a place to drop pictures on


class SplitBar(QWidget):
    """A bar of two colours: blue is learned from, teal is held out.

    pictures_dropped: the selection of the grid was dropped on the side of this ImagePart.
    """

    pictures_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT)
        self._training = self._held_out = 0
        self._target: ImagePart | None = None  # where a drop would go
        self.setAcceptDrops(True)
        self.setToolTip(self.tr("Drag pictures here to move them to the other side"))

    def show_counts(self, training: int, held_out: int) -> None:
        """Show these numbers of pictures."""
        self._training, self._held_out = training, held_out
        words = self.tr("{training} to learn from, {held_out} held out")
        self.setAccessibleName(words.format(training=training, held_out=held_out))
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say that pictures may be dropped here."""
        accept_pictures(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show which side they would go to."""
        if accept_pictures(event):
            self._show_target(self._part_at(event.position().x()))

    def dragLeaveEvent(self, event: object) -> None:
        """Look as before."""
        self._show_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take the pictures to that side."""
        self._show_target(None)
        if accept_pictures(event):
            self.pictures_dropped.emit(self._part_at(event.position().x()))

    def _show_target(self, part: ImagePart | None) -> None:
        self._target = part
        self.update()

    def _part_at(self, x: float) -> ImagePart:
        total = self._training + self._held_out
        return ImagePart.TRAINING if total and x < self.width() * self._training / total else ImagePart.VALIDATION

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both parts, with a gap between them."""
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(box, _HEIGHT / 2, _HEIGHT / 2)
        painter.setClipPath(shape)
        painter.fillRect(box, QColor(palette.raised))
        total = self._training + self._held_out
        if not total:
            return
        seam = box.width() * self._training / total
        painter.setPen(Qt.PenStyle.NoPen)
        lit = {part: palette.accent if part is self._target else colour for part, colour in _colours(palette).items()}
        painter.fillRect(QRectF(0, 0, seam - 1, box.height()), QColor(lit[ImagePart.TRAINING]))
        painter.fillRect(QRectF(seam + 1, 0, box.width() - seam, box.height()), QColor(lit[ImagePart.VALIDATION]))


def _colours(palette: Palette) -> dict[ImagePart, str]:
    return {ImagePart.TRAINING: palette.blue, ImagePart.VALIDATION: palette.teal}
