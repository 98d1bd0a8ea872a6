"""Many pictures on one sheet, so that two sheets can be compared at a glance."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap

from PIL import Image

from calotype.cli.canvas import Canvas, Letters

BACKGROUND, MUTED = "#17151a", "#a49da9"
GAP_PX, HEAD_PX, TILE_PX = 12, 62, 256
LETTERS = 32  # that fit over a tile


def draw_sheet(columns: Sequence[Sequence[Path]], captions: Sequence[str], path: Path) -> None:
    """Write a PNG with one column of square pictures below each caption."""
    stride = TILE_PX + GAP_PX
    height = HEAD_PX + max(map(len, columns), default=0) * stride
    canvas = Canvas(GAP_PX + len(columns) * stride, height, BACKGROUND)
    for number, (pictures, caption) in enumerate(zip(columns, captions, strict=True)):
        left = GAP_PX + number * stride
        for line, words in enumerate(wrap(caption, width=LETTERS)[:2]):
            at = left + TILE_PX / 2, 24 + 18 * line
            canvas.text(at, words, Letters(MUTED, 14), anchor="mm", width_px=TILE_PX)
        for row, picture in enumerate(pictures):
            with Image.open(picture) as opened:
                canvas.picture(opened.convert("RGB"), (left, HEAD_PX + row * stride), TILE_PX, radius_px=10)
    canvas.save(path)
