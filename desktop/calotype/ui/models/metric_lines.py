"""One number of a run as a tile shows it, and the lines that say how it went."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MOST_POINTS = 120  # of one line: a tile is two hundred pixels wide however long the run


@dataclass(frozen=True, slots=True)
class MetricLine:
    """Values by step; `tone` names a colour of the palette. A faint line is the noise behind a smoothed one."""

    steps: Sequence[float]
    values: Sequence[float]
    tone: str
    is_faint: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """One number: `note` is a quiet addition beside the value, `tip` the longer explanation."""

    name: str
    title: str
    value: str
    explanation: str
    lines: tuple[MetricLine, ...] = ()
    note: str = ""
    tip: str = ""


def line_of(steps: Sequence[float], values: Sequence[float], tone: str, *, is_faint: bool = False) -> MetricLine:
    """A line of evenly chosen points, the first and the last among them; without those that are no numbers."""
    count = len(steps)
    stride = (count - 1) / (MOST_POINTS - 1)
    places = range(count) if count <= MOST_POINTS else [round(place * stride) for place in range(MOST_POINTS)]
    return _line_through(places, steps, values, tone, is_faint)


def peaks_of(steps: Sequence[float], values: Sequence[float], tone: str, *, is_faint: bool = False) -> MetricLine:
    """A line of the lowest and the highest value of each small stretch, so that no jump of a long run is lost."""
    count = len(steps)
    if count <= MOST_POINTS:
        return _line_through(range(count), steps, values, tone, is_faint)
    stretch = math.ceil(2 * count / MOST_POINTS)
    places: list[int] = []
    for start in range(0, count, stretch):
        piece = values[start : start + stretch]
        places += sorted({start + piece.index(extreme) for extreme in (min(piece), max(piece))})
    return _line_through(places, steps, values, tone, is_faint)


def _line_through(
    places: Sequence[int], steps: Sequence[float], values: Sequence[float], tone: str, is_faint: bool
) -> MetricLine:
    kept = [place for place in places if math.isfinite(values[place])]
    return MetricLine([steps[place] for place in kept], [values[place] for place in kept], tone, is_faint)


def rate_text(rate: float) -> str:
    """A learning rate as it is written in a plan: 6.2e-5."""
    return f"{rate:.1e}".replace("e-0", "e-") if rate else "0"
