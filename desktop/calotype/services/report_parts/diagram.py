"""Diagrams over the steps of a run as SVG, coloured by the classes of the page so that they follow its theme."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calotype.domain.round_numbers import round_numbers
from calotype.services.report_parts.markup import Html, element

WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 14, 30
MOST_POINTS = 600  # of one line; more than a diagram has pixels to tell apart

Points = Sequence[tuple[float, float]]  # step and value


@dataclass(frozen=True, slots=True)
class Axes:
    """Where steps from 0 and values from `low` to `high` lie in the drawing."""

    last_step: float
    low: float
    high: float

    @classmethod
    def around(
        cls, last_step: float, values: Sequence[float], *, includes_zero: bool = False, headroom: float = 0.08
    ) -> Axes:
        """Axes that hold these values with a little air; numbers that are infinite or none are not drawn."""
        finite = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
        low, high = min(finite), max(finite)
        spread = (high - low) or 0.1 * abs(high) or 1.0
        floor = 0.0 if includes_zero and low >= 0 else low - 0.06 * spread
        return cls(max(1.0, last_step), floor, high + headroom * spread)

    def at(self, step: float, value: float) -> tuple[float, float]:
        """The place of a value, in the units of the drawing."""
        across = LEFT + (WIDTH - LEFT - RIGHT) * step / self.last_step
        share = (value - self.low) / (self.high - self.low)
        return round(across, 1), round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share, 1)

    def grid(self) -> list[Html]:
        """Round values along the left, with a line each, and round steps below."""
        parts: list[Html] = []
        for value in round_numbers(self.low, self.high, 6):
            _across, down = self.at(0, value)
            parts.append(element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=down, y2=down, class_="grid"))
            parts.append(element("text", f"{value:g}", x=LEFT - 8, y=down + 4, class_="tick", text_anchor="end"))
        for step in round_numbers(0, self.last_step, 6):
            if step == int(step):
                across, _down = self.at(step, self.low)
                text = f"{step:g}" if step < 1e5 else f"{step:,.0f}"
                parts.append(element("text", text, x=across, y=HEIGHT - 8, class_="tick", text_anchor="middle"))
        return parts

    def line(self, points: Points, kind: str) -> Html:
        """A line through the points, broken where a value is infinite or none."""
        pieces: list[str] = []
        is_down = False
        for step, value in thinned(points):
            if not math.isfinite(value):
                is_down = False
                continue
            across, down = self.at(step, value)
            pieces.append(f"{'L' if is_down else 'M'}{across:g} {down:g}")
            is_down = True
        return element("path", d=" ".join(pieces), class_=f"line {kind}") if pieces else Html("")

    def band(self, lows: Points, highs: Points, kind: str) -> Html:
        """The area between two lines of the same steps."""
        pairs = [
            (low, high)
            for low, high in zip(lows, highs, strict=True)
            if math.isfinite(low[1]) and math.isfinite(high[1])
        ]
        if len(pairs) < 2:
            return Html("")
        outline = [self.at(*high) for _low, high in pairs] + [self.at(*low) for low, _high in reversed(pairs)]
        return element("polygon", points=" ".join(f"{x:g},{y:g}" for x, y in outline), class_=f"band {kind}")

    def dot(self, step: float, value: float, kind: str, says: str) -> Html:
        """A point that says its numbers when it is pointed at."""
        if not math.isfinite(value):
            return Html("")
        across, down = self.at(step, value)
        return element("circle", element("title", says), cx=across, cy=down, r=4, class_=f"dot {kind}")

    def level(self, value: float, text: str) -> list[Html]:
        """A dotted line at one value, with its name at the right end."""
        _across, down = self.at(0, value)
        return [
            element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=down, y2=down, class_="level"),
            element("text", text, x=WIDTH - RIGHT - 4, y=down - 5, class_="tick", text_anchor="end"),
        ]

    def mark(self, step: float, text: str) -> list[Html]:
        """An upright line at one step, with its name at the top."""
        across, _down = self.at(step, self.low)
        is_late = step > 0.75 * self.last_step
        place = across - 6 if is_late else across + 6
        return [
            element("line", x1=across, x2=across, y1=TOP, y2=HEIGHT - BOTTOM, class_="mark"),
            element("text", text, x=place, y=TOP + 10, class_="best", text_anchor="end" if is_late else "start"),
        ]


def thinned(points: Points, most: int = MOST_POINTS) -> Points:
    """The points, or of very many the lowest and the highest of each small stretch, so that no peak is lost."""
    if len(points) <= most:
        return points
    stretch = math.ceil(2 * len(points) / most)
    kept: list[tuple[float, float]] = []
    for start in range(0, len(points), stretch):
        piece = points[start : start + stretch]
        extremes = {min(piece, key=lambda point: point[1]), max(piece, key=lambda point: point[1])}
        kept.extend(sorted(extremes))
    return kept


def drawing(name: str, title: str, description: str, parts: Sequence[Html]) -> Html:
    """A whole diagram. `name` is its id on the page; title and description are for those who cannot see it."""
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", description, id=f"{name}-text"),
        *parts,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{name}-title {name}-text",
        xmlns="http://www.w3.org/2000/svg",
    )
