"""The line icons, drawn from their SVG files in the colour that is asked for."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from calotype.ui.look.theme import current_palette, mixed

_STROKE = "1.7"


def icon(name: str, colour: str | None = None, size_px: int = 20, gap_px: int = 0) -> QIcon:
    """Draw an icon in a colour (that of text if none is given), sharp on dense screens, paler when disabled.

    `gap_px` leaves room at the right, where a text follows. Icons do not follow a change of theme by themselves: ask
    again when a PaletteChange arrives.
    """
    palette = current_palette()
    return _drawn(name, colour or palette.text, mixed(palette.muted, palette.surface, 0.4), size_px, gap_px)


def pixmap(name: str, colour: str | None = None, size_px: int = 20, density: float = 1.0) -> QPixmap:
    """Draw an icon for a painter or a label; `density` is the device pixel ratio."""
    return _pixmap(name, colour or current_palette().text, size_px, 0, density)


@lru_cache(maxsize=256)
def _drawn(name: str, colour: str, disabled: str, size_px: int, gap_px: int) -> QIcon:
    result = QIcon()
    for density in (1.0, 2.0):
        result.addPixmap(_pixmap(name, colour, size_px, gap_px, density), QIcon.Mode.Normal)
        result.addPixmap(_pixmap(name, disabled, size_px, gap_px, density), QIcon.Mode.Disabled)
    return result


@lru_cache(maxsize=512)
def _pixmap(name: str, colour: str, size_px: int, gap_px: int, density: float) -> QPixmap:
    svg = _svg(name).replace("currentColor", colour).replace('stroke-width="2"', f'stroke-width="{_STROKE}"')
    picture = QPixmap(QSize(size_px + gap_px, size_px) * density)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, size_px * density, size_px * density))
    painter.end()
    picture.setDevicePixelRatio(density)
    return picture


@lru_cache(maxsize=128)
def _svg(name: str) -> str:
    return (files("calotype_resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
