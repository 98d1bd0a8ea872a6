"""A rating of one to five stars."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from calotype.domain.lora_library import HIGHEST_RATING
from calotype.ui.look.theme import current_palette

_STAR_PX = 20
_HEIGHT_PX = 24
_OUTER_PX, _INNER_PX = 7.5, 3.4


class Stars(QWidget):
    """Five stars. rated: the rating that the user gave; a click on the last star that is lit takes the rating back."""

    rated = Signal(int)

    def __init__(self, name: str, rating: int = 0, parent: QWidget | None = None) -> None:
        """`name`: of what is rated, for screen readers."""
        super().__init__(parent)
        self._name, self._rating, self._pointed = name, rating, 0
        self.setFixedSize(self.sizeHint())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self._say()

    @property
    def rating(self) -> int:
        """From 1 to 5; 0 for none."""
        return self._rating

    def sizeHint(self) -> QSize:
        """Room for five stars and the focus ring."""
        return QSize(HIGHEST_RATING * _STAR_PX + 4, _HEIGHT_PX)

    def rate(self, rating: int) -> None:
        """Give a rating, as a click or a key does."""
        rating = max(0, min(HIGHEST_RATING, rating))
        if rating != self._rating:
            self._rating = rating
            self._say()
            self.update()
            self.rated.emit(rating)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Rate with the star under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            star = self._star_at(event.position())
            self.rate(0 if star == self._rating else star)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would give."""
        self._pointed = self._star_at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show the rating again."""
        self._pointed = 0
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows change the rating by one, digits set it."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1}
        if event.key() in steps:
            self.rate(self._rating + steps[Qt.Key(event.key())])
        elif event.text().isdecimal():
            self.rate(int(event.text()))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw lit stars filled and the others as outlines, so that the difference is not one of colour alone."""
        palette, painter = current_palette(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lit = self._pointed or self._rating
        for number in range(HIGHEST_RATING):
            is_lit = number < lit
            painter.setPen(QPen(QColor(palette.accent if is_lit else palette.muted), 1.2))
            painter.setBrush(QColor(palette.accent) if is_lit else Qt.BrushStyle.NoBrush)
            painter.drawPolygon(_star(QPointF(2 + (number + 0.5) * _STAR_PX, _HEIGHT_PX / 2)))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(palette.accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _star_at(self, place: QPointF) -> int:
        return max(1, min(HIGHEST_RATING, 1 + int((place.x() - 2) // _STAR_PX)))

    def _say(self) -> None:
        given = self.tr("{rating} of 5 stars").format(rating=self._rating) if self._rating else self.tr("not rated")
        self.setAccessibleName(self.tr("Rating of {name}: {given}").format(name=self._name, given=given))
        self.setToolTip(given[0].upper() + given[1:])


def _star(middle: QPointF) -> QPolygonF:
    points = []
    for corner in range(2 * 5):
        reach, angle = (_INNER_PX if corner % 2 else _OUTER_PX), math.pi * (corner / 5 - 0.5)
        points.append(middle + QPointF(reach * math.cos(angle), reach * math.sin(angle) + 0.6))
    return QPolygonF(points)
