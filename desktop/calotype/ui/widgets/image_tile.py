"""Draws one picture of the grid: rounded, with its split, rating and faults, the selection and the focus."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QGuiApplication, QImage, QPainter, QPen, QPixmap

from calotype.domain.imageset import CaptionedImage
from calotype.ui.look.theme import DARK, Palette, current_palette

GAP_PX = 8
_RADIUS = 10
_BADGE_PX = 20
_INSET_PX = 7
_FAINT = 0.28
_STAR = "★"


@dataclass(frozen=True, slots=True)
class TileState:
    """What a tile shows beside its picture."""

    is_selected: bool = False
    is_current: bool = False
    faults: Collection[str] = ()  # in words; the first is shown


class ImageTile(QObject):
    """The painter of the grid's tiles."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left_out, self._validation = self.tr("left out"), self.tr("validation")

    def paint(
        self,
        painter: QPainter,
        box: QRectF,
        image: CaptionedImage,
        picture: QPixmap | None,
        density: float,
        *,
        is_gone: bool = False,
    ) -> None:
        """Draw the picture and what was decided about it; one that is not there yet is a quiet square.

        One that is left out, or whose file is gone, is faint.

        Few and large strokes: at each the interpreter may be lent to another thread, and come back late.
        """
        has_picture, is_faint = picture is not None and not picture.isNull(), image.is_excluded or is_gone
        if is_faint or not has_picture:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(current_palette().raised))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        if picture is not None and has_picture:
            if is_faint:
                painter.setOpacity(_FAINT)
            painter.drawPixmap(box.toRect(), picture)
            if is_faint:
                painter.setOpacity(1.0)
        if image.is_excluded or image.is_held_out or image.repeats != 1 or image.rating:
            self._paint_choices(painter, box, image, density)

    def paint_state(self, painter: QPainter, box: QRectF, state: TileState, density: float) -> None:
        """Draw the fault and the ring of the selection or of the focus."""
        palette = current_palette()
        if state.faults:
            badge = _badge(next(iter(state.faults)), palette.accent, palette.on_accent, density)
            _put(painter, box, badge, is_at_bottom=True)
        if state.is_selected or state.is_current:
            _ring(painter, palette, box, is_selected=state.is_selected)

    def _paint_choices(self, painter: QPainter, box: QRectF, image: CaptionedImage, density: float) -> None:
        palette = current_palette()
        if image.is_excluded:
            _put(painter, box, _badge(self._left_out, palette.muted, palette.surface, density))
        elif image.is_held_out:
            _put(painter, box, _badge(self._validation, palette.teal, palette.surface, density))
        if image.repeats != 1:
            _put(painter, box, _badge(f"×{image.repeats}", palette.blue, palette.surface, density), is_at_right=True)
        if image.rating:
            stars = _badge(_STAR * image.rating, DARK.background, DARK.accent, density)
            _put(painter, box, stars, is_at_right=True, is_at_bottom=True)


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


def _put(
    painter: QPainter, box: QRectF, badge: _Badge, *, is_at_right: bool = False, is_at_bottom: bool = False
) -> None:
    """Draw a badge in a corner of a tile."""
    left = box.right() - _INSET_PX - badge.width if is_at_right else box.left() + _INSET_PX
    top = box.bottom() - _INSET_PX - badge.height if is_at_bottom else box.top() + _INSET_PX
    painter.drawPixmap(QPointF(left, top), badge.pixmap)


@dataclass(frozen=True, slots=True)
class _Badge:
    """A drawn badge, and its size independent of the screen's density."""

    pixmap: QPixmap
    width: float
    height: float


@lru_cache(maxsize=128)
def _badge(text: str, colour: str, ink: str, density: float) -> _Badge:
    """A few words on a coloured ground, drawn once."""
    font = QFont(QGuiApplication.font())
    font.setPixelSize(11)
    font.setWeight(QFont.Weight.DemiBold)
    size = QSizeF(QFontMetricsF(font).horizontalAdvance(text) + 14, _BADGE_PX)
    badge = QPixmap((size * density).toSize())
    badge.setDevicePixelRatio(density)
    badge.fill(Qt.GlobalColor.transparent)
    painter = QPainter(badge)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    box = QRectF(QPointF(0, 0), badge.deviceIndependentSize())
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QColor(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    return _Badge(badge, box.width(), box.height())
