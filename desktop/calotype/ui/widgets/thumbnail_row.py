"""Small rounded squares of picture files, beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader

GAP_PX, RADIUS = 6, 8


class ThumbnailRow(QWidget):
    """The files are read in a thread and kept; hidden while there are none."""

    def __init__(self, side_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side_px = side_px
        self._paths: list[Path] = []
        self._thumbnails = ThumbnailLoader(2 * side_px, self)
        self._thumbnails.ready.connect(lambda _key: self.update())

    def show_files(self, paths: Sequence[Path]) -> None:
        """Show these files."""
        self._paths = list(paths)
        self.setFixedSize(self.sizeHint())
        self.setVisible(bool(paths))
        self.update()

    def sizeHint(self) -> QSize:
        count = len(self._paths)
        return QSize(max(0, count * (self._side_px + GAP_PX) - GAP_PX), self._side_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place, path in enumerate(self._paths):
            box = QRectF(place * (self._side_px + GAP_PX), 0, self._side_px, self._side_px)
            paint_square(painter, box, self._thumbnails.pixmap(str(path), partial(Path, path)))


def paint_square(painter: QPainter, box: QRectF, picture: QPixmap | None) -> None:
    """Paint the middle of a picture into a square; a plain one while it is being read, or if it cannot be."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    shape = QPainterPath()
    shape.addRoundedRect(box, RADIUS, RADIUS)
    painter.fillPath(shape, QColor(current_palette().line))
    if picture is None or picture.isNull():
        return
    side = min(picture.width(), picture.height())
    painter.save()
    painter.setClipPath(shape)
    painter.drawPixmap(box, picture, QRectF((picture.width() - side) / 2, (picture.height() - side) / 2, side, side))
    painter.restore()
