"""Arithmetic of measurements: smoothing, and the ratio to the base model with its interval."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from calotype.domain.events import Interval

RESAMPLES = 400


def smoothed(values: Sequence[float], weight: float = 0.9) -> list[float]:
    """Average exponentially, without the pull towards zero at the start (as Adam corrects its moments)."""
    result: list[float] = []
    total = 0.0
    for count, value in enumerate(values, start=1):
        total = weight * total + (1 - weight) * value
        result.append(total / (1 - weight**count))
    return result


def mean_ratio(
    losses: Sequence[Sequence[float]],
    base: Sequence[Sequence[float]],
    columns: Sequence[int] | None = None,
    rows: Sequence[int] | None = None,
) -> float:
    """The loss over the base model's on the same fixed draws; below 1 is better than the base model.

    Shapes: (images, timesteps) for both. At each timestep (of `columns`) the losses of all images (of `rows`) are
    summed and divided by the base model's; the result is the mean over timesteps, so that the large losses of nearly
    clean images do not drown the others.
    """
    chosen = range(len(losses)) if rows is None else rows
    ratios = [
        sum(losses[row][column] for row in chosen) / max(sum(base[row][column] for row in chosen), 1e-12)
        for column in (range(len(losses[0])) if columns is None else columns)
    ]
    return math.fsum(ratios) / len(ratios)


def ratio_to_base(losses: Sequence[Sequence[float]], base: Sequence[Sequence[float]]) -> Interval:
    """`mean_ratio` with its 95 % interval, by resampling images, each together with its base loss (paired bootstrap).

    With few images it is honestly wide; with fewer than three, timesteps are resampled as well, since the same one or
    two images over and over would look like certainty.
    """
    images, timesteps = range(len(losses)), range(len(losses[0]))
    chance = random.Random(0)  # fixed: the same measurements always give the same interval
    resampled = sorted(
        mean_ratio(
            losses,
            base,
            columns=chance.choices(timesteps, k=len(timesteps)) if len(images) < 3 else None,
            rows=chance.choices(images, k=len(images)),
        )
        for _ in range(RESAMPLES)
    )
    low, high = resampled[int(0.025 * RESAMPLES)], resampled[int(0.975 * RESAMPLES) - 1]
    return Interval(mean_ratio(losses, base), low, high)


def image_ratios(losses: Sequence[Sequence[float]], base: Sequence[Sequence[float]]) -> list[float]:
    """`mean_ratio` of each image alone: which pictures improve, and which do not. Shapes: (images, timesteps) for both.

    A single picture's ratio rests on as many draws as there are timesteps; compare it with its own past on the same
    draws rather than with its neighbours to the second decimal.
    """
    return [mean_ratio(losses, base, rows=(row,)) for row in range(len(losses))]
