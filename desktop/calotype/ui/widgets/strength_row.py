"""The same picture at every strength, side by side."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from calotype.ui.look.theme import current_palette

SIDE = 84
GAP = 12
LABEL_HEIGHT = 20
RADIUS = 9.0


class StrengthRow(QWidget):
    """Small pictures by strength; the slider beside them is their keyboard. strength_chosen: one was clicked."""

    strength_chosen = Signal(float)

    def __init__(self, strengths: tuple[float, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._strengths = strengths
        self._pictures: dict[float, QPixmap] = {}
        self._chosen = strengths[-1]
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("The same picture at every strength"))

    def show_pictures(self, pictures: dict[float, QPixmap], chosen: float) -> None:
        """Show what is drawn so far; places of missing pictures stay empty."""
        self._pictures, self._chosen = dict(pictures), chosen
        self.update()

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(len(self._strengths) * (SIDE + GAP), SIDE + LABEL_HEIGHT + 4)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the strength under the pointer; strength 0 is always on the left of the comparison."""
        place = int(event.position().x() // (SIDE + GAP))
        if 0 <= place < len(self._strengths) and self._strengths[place] > 0:
            self.strength_chosen.emit(self._strengths[place])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures and their strengths."""
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        font = QFont(self.font())
        font.setPixelSize(12)
        painter.setFont(font)
        for place, strength in enumerate(self._strengths):
            box = QRectF(2 + place * (SIDE + GAP), 2, SIDE - 4, SIDE - 4)
            self._paint_picture(painter, box, self._pictures.get(strength, QPixmap()))
            is_chosen = strength == self._chosen
            if is_chosen:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(palette.accent), 2))
                painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), RADIUS + 1, RADIUS + 1)
            painter.setPen(QColor(palette.text if is_chosen else palette.muted))
            text = f"{strength:.1f}" if strength else self.tr("without")
            painter.drawText(
                QRectF(box.left(), box.bottom() + 4, SIDE, LABEL_HEIGHT), Qt.AlignmentFlag.AlignHCenter, text
            )

    def _paint_picture(self, painter: QPainter, box: QRectF, pixmap: QPixmap) -> None:
        clip = QPainterPath()
        clip.addRoundedRect(box, RADIUS, RADIUS)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(box, QColor(current_palette().raised))
        if not pixmap.isNull():
            painter.drawPixmap(box, pixmap, QRectF(pixmap.rect()))
        painter.restore()
