"""The large view of Create: one picture, or all of a batch with places for those still to come."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from calotype.ui.look.theme import current_palette

GAP = 14
RADIUS = 12.0


class PictureStage(QWidget):
    """Pictures as large as they fit.

    picture_clicked: the path of a picture of the batch.
    """

    picture_clicked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmaps: list[tuple[Path, QPixmap]] = []
        self._places = 0
        self._fraction = 0.0
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Large view"))

    def show_one(self, path: Path, prompt: str) -> None:
        """Show a single picture."""
        self._places, self._fraction = 1, 0.0
        self._pixmaps = [(path, QPixmap(str(path)))]
        self.setAccessibleDescription(prompt)
        self.update()

    def begin(self, places: int, text: str) -> None:
        """Make room for a batch and say what is awaited."""
        self._places, self._pixmaps, self._fraction, self._text = places, [], 0.0, text
        self.update()

    def add(self, path: Path) -> None:
        """Show one more picture of the batch."""
        self._pixmaps.append((path, QPixmap(str(path))))
        self._fraction = 0.0
        self.update()

    def show_progress(self, fraction: float, text: str) -> None:
        """Say how far the next picture of the batch is."""
        self._fraction, self._text = fraction, text
        self.update()

    def end(self) -> None:
        """No more pictures will come: drop the empty places."""
        self._places, self._fraction = max(1, len(self._pixmaps)), 0.0
        self.update()

    @property
    def shown(self) -> list[Path]:
        """The pictures that are shown."""
        return [path for path, _pixmap in self._pixmaps]

    def sizeHint(self) -> QSize:
        return QSize(560, 460)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for place, (path, _pixmap) in enumerate(self._pixmaps):
            if self._place(place).contains(event.position()):
                self.picture_clicked.emit(path)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if not self._places:
            painter.setPen(QColor(current_palette().muted))
            text = self.tr("Say what the picture should show, and press Ctrl+Enter.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
        for place in range(max(self._places, len(self._pixmaps))):
            box = self._place(place)
            if place < len(self._pixmaps):
                _paint_picture(painter, box, self._pixmaps[place][1])
            else:
                self._paint_awaited(painter, box, is_next=place == len(self._pixmaps))

    def _paint_awaited(self, painter: QPainter, box: QRectF, *, is_next: bool) -> None:
        palette = current_palette()
        clip = QPainterPath()
        clip.addRoundedRect(box, RADIUS, RADIUS)
        painter.fillPath(clip, QColor(palette.surface))
        if not is_next:
            return
        painter.setPen(QColor(palette.muted))
        font = QFont(self.font())
        font.setPixelSize(13)
        painter.setFont(font)
        painter.drawText(
            box.adjusted(12, 0, -12, -20), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text
        )
        bar = QRectF(
            box.center().x() - min(90.0, box.width() / 3), box.center().y() + 18, min(180.0, box.width() / 1.5), 6
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(bar, 3, 3)
        if self._fraction > 0:
            painter.setBrush(QColor(palette.accent))
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(6.0, bar.width() * self._fraction), 6), 3, 3)

    def _place(self, place: int) -> QRectF:
        """Where a picture goes: the grid that leaves the pictures largest and the fewest places empty, centred."""
        count = max(1, self._places, len(self._pixmaps))
        shape = self._pixmaps[0][1].size() if self._pixmaps and not self._pixmaps[0][1].isNull() else QSize(1, 1)
        best = (0.0, 0, 1)
        for columns in range(1, count + 1):
            rows = math.ceil(count / columns)
            wide = (self.width() - GAP * (columns - 1)) / columns / shape.width()
            high = (self.height() - GAP * (rows - 1)) / rows / shape.height()
            best = max(best, (min(wide, high), count - rows * columns, columns))
        scale, _empty, columns = best
        width, height = shape.width() * scale, shape.height() * scale
        rows = math.ceil(count / columns)
        left = (self.width() - columns * width - (columns - 1) * GAP) / 2
        top = (self.height() - rows * height - (rows - 1) * GAP) / 2
        return QRectF(left + place % columns * (width + GAP), top + place // columns * (height + GAP), width, height)


def _paint_picture(painter: QPainter, box: QRectF, pixmap: QPixmap) -> None:
    clip = QPainterPath()
    clip.addRoundedRect(box, RADIUS, RADIUS)
    painter.save()
    painter.setClipPath(clip)
    painter.drawPixmap(box, pixmap, QRectF(pixmap.rect()))
    painter.restore()
