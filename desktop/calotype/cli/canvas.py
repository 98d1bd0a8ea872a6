"""A sheet to draw diagrams on with Pillow: smooth lines, bands, text, and a frame that turns values into places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from calotype.domain.round_numbers import round_numbers

Point = tuple[float, float]
# Pillow draws jagged lines: everything is drawn larger and made smaller when it is saved.
SCALE = 2


@dataclass(frozen=True, slots=True)
class Letters:
    """How a text looks."""

    colour: str
    size_px: int
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """The area of a diagram, in pixels, and the values at its edges."""

    left: float
    top: float
    right: float
    bottom: float
    last_step: float = 1
    low: float = 0.0
    high: float = 1.0

    def scaled(self, last_step: float, low: float, high: float, headroom: float = 0.06) -> Frame:
        """The same area for other values, with a little air below, and above as much as `headroom` says."""
        spread = (high - low) or 0.1 * abs(high) or 1.0
        floor = 0.0 if low == 0 else low - 0.06 * spread
        return Frame(self.left, self.top, self.right, self.bottom, last_step, floor, high + headroom * spread)

    def at(self, step: float, value: float) -> Point:
        """Where a value lies."""
        across = self.left + (self.right - self.left) * step / self.last_step
        return across, self.bottom - (self.bottom - self.top) * (value - self.low) / (self.high - self.low)

    def above_right(self, value: float) -> Point:
        """Just above the right end of a level."""
        across, down = self.at(self.last_step, value)
        return across - 12, down - 6

    @property
    def title_at(self) -> Point:
        """Where the title of the card begins."""
        return self.left - 52, self.top - 46

    def round_values(self, count: int) -> list[float]:
        """About `count` round numbers between the lowest and the highest value."""
        return round_numbers(self.low, self.high, count)

    def round_steps(self, count: int) -> list[float]:
        """About `count` round numbers of steps."""
        return [step for step in round_numbers(0, self.last_step, count) if step == int(step)]


class Canvas:
    """Draws in pixels of the finished picture."""

    def __init__(self, width_px: int, height_px: int, background: str) -> None:
        self._image = Image.new("RGB", (width_px * SCALE, height_px * SCALE), background)
        self._draw = ImageDraw.Draw(self._image)

    def save(self, path: Path) -> None:
        """Write the PNG at its true size."""
        self._image.resize((self._image.width // SCALE, self._image.height // SCALE), Image.Resampling.LANCZOS).save(
            path
        )

    def card(self, box: tuple[int, int, int, int], fill: str, line: str) -> Frame:
        """Draw a rounded card and answer with the area for a diagram inside, with room for a title and for numbers."""
        self._draw.rounded_rectangle([value * SCALE for value in box], 14 * SCALE, fill, line, SCALE)
        left, top, right, bottom = box
        return Frame(left + 72, top + 64, right - 28, bottom - 42)

    def text(
        self,
        at: Point,
        text: str,
        letters: Letters,
        *,
        anchor: str = "la",
        width_px: int = 0,
    ) -> None:
        """Write one line, cut with an ellipsis if it is wider than `width_px`; anchors are Pillow's."""
        font = _font("Inter-SemiBold.otf" if letters.is_bold else "Inter-Regular.otf", letters.size_px * SCALE)
        cut = text
        while width_px and len(cut) > 1 and font.getlength(cut) > width_px * SCALE:
            cut = cut[:-2].rstrip(" ,") + "…"
        self._draw.text(_scaled(at), cut, letters.colour, font, anchor)

    def line(self, points: Sequence[Point], colour: str, width_px: float) -> None:
        """Draw a line through points; nothing for fewer than two."""
        if len(points) > 1:
            self._draw.line([_scaled(point) for point in points], colour, round(width_px * SCALE), joint="curve")

    def dashed(
        self, points: Sequence[Point], colour: str, width_px: float, dash_px: float = 8, gap_px: float = 5
    ) -> None:
        """Draw a dashed line; the pattern goes on around corners."""
        walked = 0.0
        for start, end in pairwise(points):
            length = math.dist(start, end)
            for piece in _dashes(length, walked, dash_px, gap_px):
                self.line([_between(start, end, place / length) for place in piece], colour, width_px)
            walked += length

    def dotted(self, start: Point, end: Point, colour: str) -> None:
        """Draw a fine dotted line."""
        self.dashed([start, end], colour, 1.5, dash_px=2, gap_px=4)

    def area(self, points: Sequence[Point], colour: str, opacity: float) -> None:
        """Fill a polygon so that what is below shines through; nothing for fewer than three points."""
        if len(points) < 3:
            return
        mask = Image.new("L", self._image.size, 0)
        ImageDraw.Draw(mask).polygon([_scaled(point) for point in points], round(255 * opacity))
        self._image.paste(Image.new("RGB", self._image.size, colour), mask=mask)

    def dot(self, at: Point, colour: str, radius_px: float) -> None:
        """Draw a filled circle."""
        self._draw.circle(_scaled(at), radius_px * SCALE, colour)

    def picture(self, picture: Image.Image, corner: Point, side_px: int, radius_px: int) -> None:
        """Place a picture, fitted into a square with rounded corners."""
        side = side_px * SCALE
        fitted = ImageOps.pad(picture, (side, side), Image.Resampling.LANCZOS)
        mask = Image.new("L", (side, side), 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), radius_px * SCALE, 255)
        left, top = _scaled(corner)
        self._image.paste(fitted, (round(left), round(top)), mask)


def _scaled(point: Point) -> Point:
    return point[0] * SCALE, point[1] * SCALE


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _dashes(length: float, walked: float, dash_px: float, gap_px: float) -> list[tuple[float, float]]:
    period = dash_px + gap_px
    place = -(walked % period)
    pieces = []
    while place < length:
        begin, end = max(0.0, place), min(length, place + dash_px)
        if end > begin:
            pieces.append((begin, end))
        place += period
    return pieces


def _font(name: str, size_px: int) -> ImageFont.FreeTypeFont:
    data = files("calotype_resources").joinpath("fonts", name).read_bytes()
    return ImageFont.truetype(BytesIO(data), size_px)
