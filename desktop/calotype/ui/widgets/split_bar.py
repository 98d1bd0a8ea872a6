"""How the pictures are divided between learning and checking."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from calotype.ui.look.theme import current_palette

_HEIGHT = 10


class SplitBar(QWidget):
    """A bar of two colours: blue is learned from, teal is held out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(_HEIGHT)
        self._training = self._held_out = 0

    def show_counts(self, training: int, held_out: int) -> None:
        """Show these numbers of pictures."""
        self._training, self._held_out = training, held_out
        words = self.tr("{training} to learn from, {held_out} held out")
        self.setAccessibleName(words.format(training=training, held_out=held_out))
        self.update()

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
        painter.fillRect(QRectF(0, 0, seam - 1, box.height()), QColor(palette.blue))
        painter.fillRect(QRectF(seam + 1, 0, box.width() - seam, box.height()), QColor(palette.teal))
