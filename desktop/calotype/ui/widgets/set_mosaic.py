"""The pictures of a set at a glance; those that are held out carry a mark."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from calotype.domain.imageset import CaptionedImage, ImageSet
from calotype.ui.look.theme import current_palette
from calotype.ui.widgets.thumbnail_loader import ThumbnailLoader

TILE = 84
GAP = 8
RADIUS = 9.0
MOST_ROWS = 3


class SetMosaic(QWidget):
    """Small squares, as many as fit into three rows; the last one says how many more there are."""

    def __init__(self, locate: Callable[[CaptionedImage], Path], parent: QWidget | None = None) -> None:
        """`locate` says where the small copy of a picture is; it is called in a thread and may be slow."""
        super().__init__(parent)
        self._locate = locate
        self._images: tuple[CaptionedImage, ...] = ()
        self._thumbnails = ThumbnailLoader(2 * TILE, self)
        self._thumbnails.ready.connect(self._repaint)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_set(self, image_set: ImageSet) -> None:
        """Show these pictures, those to learn from first."""
        self._images = (*image_set.training, *image_set.held_out)
        text = self.tr("{trained} pictures to learn from, {held_out} held out")
        self.setAccessibleName(text.format(trained=len(image_set.training), held_out=len(image_set.held_out)))
        self._fit_rows()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The number of rows depends on the width."""
        super().resizeEvent(event)
        self._fit_rows()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the squares."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        columns = self._columns(self.width())
        room = columns * MOST_ROWS
        for place, image in enumerate(self._images[:room]):
            box = QRectF(place % columns * (TILE + GAP), place // columns * (TILE + GAP), TILE, TILE)
            hidden = len(self._images) - room + 1
            if place == room - 1 and hidden > 1:
                self._paint_more(painter, box, hidden)
            else:
                self._paint_image(painter, box, image)

    def _fit_rows(self) -> None:
        rows = -(-len(self._images) // self._columns(self.width()))
        self.setFixedHeight(max(1, min(MOST_ROWS, rows)) * (TILE + GAP) - GAP)

    def _columns(self, width: int) -> int:
        return max(1, (width + GAP) // (TILE + GAP))

    def _paint_image(self, painter: QPainter, box: QRectF, image: CaptionedImage) -> None:
        palette = current_palette()
        clip = QPainterPath()
        clip.addRoundedRect(box, RADIUS, RADIUS)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(box, QColor(palette.raised))
        pixmap = self._thumbnails.pixmap(image.content_hash, lambda: self._locate(image))
        if pixmap is not None and not pixmap.isNull():
            side = min(pixmap.width(), pixmap.height())
            source = QRectF((pixmap.width() - side) / 2, (pixmap.height() - side) / 2, side, side)
            painter.drawPixmap(box, pixmap, source)
        painter.restore()
        if image.is_held_out:
            self._paint_tag(painter, box)

    def _paint_tag(self, painter: QPainter, box: QRectF) -> None:
        palette = current_palette()
        painter.setFont(self._font(11))
        text = self.tr("held out")
        tag = QRectF(box.left() + 5, box.top() + 5, painter.fontMetrics().horizontalAdvance(text) + 10, 17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.teal))
        painter.drawRoundedRect(tag, 5, 5)
        painter.setPen(QColor(palette.background))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_more(self, painter: QPainter, box: QRectF, count: int) -> None:
        palette = current_palette()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.raised))
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        painter.setPen(QColor(palette.muted))
        painter.setFont(self._font(14))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"+{count:,}")

    def _font(self, size_px: int) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size_px)
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _repaint(self) -> None:
        self.update()
