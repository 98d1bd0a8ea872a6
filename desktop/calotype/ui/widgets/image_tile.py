"""Draws one picture of the grid: rounded, with its split, rating and faults, the selection and the focus."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from calotype.domain.imageset import CaptionedImage
from calotype.ui.look.theme import Palette, current_palette

GAP_PX = 8
_RADIUS = 10
_BADGE_PX = 20
_INSET_PX = 7
_LEFT_OUT_OPACITY = 0.28
_STARS = "★"


@dataclass(frozen=True, slots=True)
class TileState:
    """What a tile shows beside its picture."""

    is_selected: bool = False
    is_current: bool = False
    faults: Collection[str] = ()  # in words; the first is shown


class ImageTile(QObject):
    """The painter of the grid's tiles."""

    def paint(self, painter: QPainter, box: QRectF, image: CaptionedImage, picture: QPixmap | None) -> None:
        """Draw the picture and what was decided about it; one that is not there yet is a quiet square."""
        palette = current_palette()
        if picture is None or picture.isNull() or image.is_excluded:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(palette.raised))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if picture is not None and not picture.isNull():
            painter.setOpacity(_LEFT_OUT_OPACITY if image.is_excluded else 1.0)
            painter.drawPixmap(box.toRect(), picture)
            painter.setOpacity(1.0)
        corner = box.topLeft() + QPointF(_INSET_PX, _INSET_PX)
        if image.is_excluded:
            _badge(painter, corner, self.tr("left out"), palette.muted, palette.surface)
        elif image.is_held_out:
            _badge(painter, corner, self.tr("validation"), palette.teal, palette.surface)
        if image.repeats != 1:
            _badge(painter, box.topRight(), f"×{image.repeats}", palette.blue, palette.surface, is_at_right=True)
        if image.rating:
            place = box.bottomRight() - QPointF(0, _BADGE_PX + 2 * _INSET_PX)
            _badge(painter, place, _STARS * image.rating, "#17151a", "#e3a857", is_at_right=True)

    def paint_state(self, painter: QPainter, box: QRectF, state: TileState) -> None:
        """Draw the fault and the ring of the selection or of the focus."""
        palette = current_palette()
        if state.faults:
            place = box.bottomLeft() + QPointF(_INSET_PX, -_BADGE_PX - _INSET_PX)
            _badge(painter, place, next(iter(state.faults)), palette.accent, palette.on_accent)
        if state.is_selected or state.is_current:
            _ring(painter, palette, box, is_selected=state.is_selected)


def rounded_square(image: QImage, side_px: int, density: float) -> QImage:
    """The middle of a picture with round corners, as many pixels as a tile of this side has on the screen.

    Runs in a thread, so that drawing a tile is copying it.
    """
    side = max(1, round(side_px * density))
    least = min(image.width(), image.height())
    middle = QRect((image.width() - least) // 2, round((image.height() - least) * 0.4), least, least)
    scaled = image.copy(middle).scaled(
        side, side, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    rounded = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(scaled))
    painter.drawRoundedRect(rounded.rect(), _RADIUS * density, _RADIUS * density)
    painter.end()
    rounded.setDevicePixelRatio(density)
    return rounded


def _ring(painter: QPainter, palette: Palette, box: QRectF, *, is_selected: bool) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(palette.background), 2))
    painter.drawRoundedRect(box.adjusted(4, 4, -4, -4), _RADIUS - 3, _RADIUS - 3)
    painter.setPen(QPen(QColor(palette.accent if is_selected else palette.muted), 3))
    painter.drawRoundedRect(box.adjusted(1.5, 1.5, -1.5, -1.5), _RADIUS - 1, _RADIUS - 1)


def _badge(
    painter: QPainter, place: QPointF, text: str, colour: str, ink: str, *, is_at_right: bool = False
) -> None:  # a helper of six: a painter and what it writes where
    font = QFont(painter.font())
    font.setPixelSize(11)
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    width = QFontMetricsF(font).horizontalAdvance(text) + 14
    left = place.x() - width - _INSET_PX if is_at_right else place.x()
    top = place.y() + _INSET_PX if is_at_right else place.y()
    badge = QRectF(left, top, width, _BADGE_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawRoundedRect(badge, 6, 6)
    painter.setPen(QColor(ink))
    painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
