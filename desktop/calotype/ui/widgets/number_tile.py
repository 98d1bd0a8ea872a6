"""A small card with one number and how it went: a title, a value with its unit, and a line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from calotype.ui.look.theme import current_palette

RADIUS = 14.0
PADDING = 14
FOOTER = 22  # px more, for the explanation
LINE_TOP = 58  # px below the top, under the title and the number


class NumberTile(QWidget):
    """One number, painted. `tone` names the palette colour of its line: blue for training, teal for held-out.

    `explanation` is a quiet line under all of it that says what the number means.
    """

    def __init__(self, title: str, tone: str = "muted", explanation: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._explanation = explanation
        self._footer_px = FOOTER if explanation else 0
        self._title = title
        self._tone = tone
        self._value = "–"
        self._line: Sequence[float] = ()
        self._faint: Sequence[float] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)

    def show_value(self, value: str, line: Sequence[float] = (), faint: Sequence[float] = ()) -> None:
        """Show a number with its unit, a line, and behind it a fainter, noisier line on the same scale."""
        self._value = value
        self._line, self._faint = _thin(line), _thin(faint)
        self.setAccessibleDescription(f"{value}. {self._explanation}" if self._explanation else value)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(190, 112 + self._footer_px)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 112 + self._footer_px)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = current_palette()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(palette.line), 1))
        painter.setBrush(QColor(palette.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        inside = self.rect().adjusted(PADDING, 12, -PADDING, -12)
        painter.setPen(QColor(palette.muted))
        painter.setFont(self._sized(12, QFont.Weight.Normal))
        painter.drawText(inside, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._title)
        painter.setPen(QColor(palette.text))
        painter.setFont(self._sized(18, QFont.Weight.DemiBold))
        painter.drawText(
            inside.adjusted(0, 18, 0, 0), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, self._value
        )
        area = QRectF(PADDING, LINE_TOP, self.width() - 2 * PADDING, self.height() - LINE_TOP - 14 - self._footer_px)
        self._write_explanation(painter, inside)
        colour = QColor(getattr(palette, self._tone))
        faint = QColor(colour)
        faint.setAlphaF(0.3)
        self._draw(painter, area, self._faint, QPen(faint, 1))
        self._draw(painter, area, self._line, QPen(colour, 2))

    def _write_explanation(self, painter: QPainter, inside: QRect) -> None:
        if not self._explanation:
            return
        painter.setFont(self._sized(12, QFont.Weight.Normal))
        painter.setPen(QColor(current_palette().muted))
        text = painter.fontMetrics().elidedText(self._explanation, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft, text)

    def _sized(self, size_px: int, weight: QFont.Weight) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(size_px)
        font.setWeight(weight)
        return font

    def _draw(self, painter: QPainter, area: QRectF, values: Sequence[float], pen: QPen) -> None:
        if len(values) < 2:
            return
        together = [*self._line, *self._faint]
        low, high = min(together), max(together)
        span = high - low or 1.0
        points = [
            QPointF(
                area.left() + area.width() * place / (len(values) - 1),
                area.bottom() - area.height() * ((value - low) / span if high > low else 0.5),
            )
            for place, value in enumerate(values)
        ]
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))


def _thin(values: Sequence[float], most: int = 240) -> Sequence[float]:
    """Keep evenly spaced values: a tile is a few hundred pixels wide however long the run."""
    if len(values) <= most:
        return tuple(values)
    stride = (len(values) - 1) / (most - 1)
    return tuple(values[round(place * stride)] for place in range(most))
