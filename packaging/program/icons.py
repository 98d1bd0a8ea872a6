"""Draw the icon of the program in every size that desktops ask for, from the one drawing that the app shows.

python packaging/program/icons.py build/package/icons
"""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES_PX = (16, 22, 24, 32, 48, 64, 128, 256, 512)
_WINDOWS_PX = (16, 24, 32, 48, 64, 128, 256)
_MACOS_PX = (16, 32, 64, 128, 256, 512, 1024)


def draw_icons(folder: Path) -> None:
    """Write `16.png` … `512.png`, `calotype.svg`, `calotype.ico` for Windows and `calotype.icns` for macOS."""
    svg = files("calotype_resources").joinpath("icons", "calotype.svg").read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calotype.svg").write_bytes(svg)
    drawn = {side: _draw(svg, side) for side in sorted({*SIZES_PX, *_WINDOWS_PX, *_MACOS_PX})}
    for side in SIZES_PX:
        drawn[side].save(folder / f"{side}.png", optimize=True)
    _save_set(drawn, _WINDOWS_PX, folder / "calotype.ico")
    _save_set(drawn, _MACOS_PX, folder / "calotype.icns")


def _save_set(drawn: dict[int, Image.Image], sides: tuple[int, ...], path: Path) -> None:
    # Each size is drawn from the lines: shrinking the largest one would blur the small ones.
    *smaller, largest = (drawn[side] for side in sides)
    sizes = [(side, side) for side in sides]
    largest.save(path, sizes=sizes, append_images=smaller)


def _draw(svg: bytes, side_px: int) -> Image.Image:
    image = QImage(side_px, side_px, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(svg)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs do not know that a device may be given
    return Image.open(BytesIO(bytes(buffer.data().data()))).convert("RGBA")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    draw_icons(parser.parse_args().folder)
    sys.exit(0)
