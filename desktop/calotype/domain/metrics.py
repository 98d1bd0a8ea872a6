"""Arithmetic of measurements: smoothing, and the ratio to the base model with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence

from calotype.domain.events import Interval
from calotype.domain.student import student_975

TINY = 1e-12
USUAL_SPREAD = 0.4  # of how far the ratios at all timesteps are from 1, in logarithms: 0.30 to 0.41 where measured
USUAL_IMAGES, ENOUGH_IMAGES = 3, 4
WIDEST = 20.0  # in logarithms; the exponential of more is no number a plot could show


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
        sum(losses[row][column] for row in chosen) / max(sum(base[row][column] for row in chosen), TINY)
        for column in (range(len(losses[0])) if columns is None else columns)
    ]
    return math.fsum(ratios) / len(ratios)


def ratio_to_base(losses: Sequence[Sequence[float]], base: Sequence[Sequence[float]]) -> Interval:
    """`mean_ratio` with its 95 % interval: what the ratio over all such images may be, of which these are a few.

    Shapes: (images, timesteps) for both. The interval is the ratio times and divided by exp(Student's factor times the
    standard error of the logarithm). Taking n of 48 held-out pictures at ten stages of learning, so many intervals held
    the ratio of all 48, and so wide they were (`tests/benchmarks/interval_coverage.py`):

    | n                   | 1          | 2          | 3          | 4          | 8          | 16         |
    | this one            | 97 %, 0.95 | 97 %, 0.53 | 96 %, 0.37 | 93 %, 0.36 | 93 %, 0.19 | 95 %, 0.12 |
    | resampling pictures | 53 %, 0.16 | 78 %, 0.24 | 72 %, 0.22 | 82 %, 0.17 | 87 %, 0.14 | 91 %, 0.11 |

    Resampling (the bootstrap of percentiles) cannot go beyond the best and the worst of the images; the truth does.
    """
    value = mean_ratio(losses, base)
    if not 0 < value < math.inf:
        return Interval(value, value, value)
    variance, freedom = _spread_of_images(losses, base)
    width = min(student_975(freedom) * math.sqrt(variance / len(losses)), WIDEST)
    return Interval(value, value * math.exp(-width), value * math.exp(width))


def _spread_of_images(losses: Sequence[Sequence[float]], base: Sequence[Sequence[float]]) -> tuple[float, int]:
    """The variance of the ratio's logarithm with a single image, and its degrees of freedom.

    Found by leaving out one image after another, each together with its base loss (jackknife; Efron and Stein, Annals
    of Statistics 1981). With fewer than four it is moderated by what is usual, as if three more images had shown that
    (Smyth 2004, doi:10.2202/1544-6115.1027): else one image would have no interval, and two a tiny or an endless one.
    """
    count = len(losses)
    totals = list(zip(map(math.fsum, zip(*losses, strict=True)), map(math.fsum, zip(*base, strict=True)), strict=True))
    without = [
        _mean_log([(one - own, other - own_base) for (one, other), own, own_base in zip(totals, *rows, strict=True)])
        for rows in zip(losses, base, strict=True)
        if count > 1
    ]
    middle = math.fsum(without) / max(len(without), 1)
    seen = (count - 1) * math.fsum((one - middle) ** 2 for one in without)
    borrowed = USUAL_IMAGES if count < ENOUGH_IMAGES else 0
    moved = math.fsum(_mean_log([pair]) ** 2 for pair in totals) / len(totals)
    freedom = borrowed + count - 1
    return (borrowed * USUAL_SPREAD**2 * moved + (count - 1) * seen) / freedom, freedom


def _mean_log(pairs: Sequence[tuple[float, float]]) -> float:
    """The logarithm of the mean of quotients."""
    return math.log(max(math.fsum(one / max(other, TINY) for one, other in pairs) / len(pairs), TINY))


def image_ratios(losses: Sequence[Sequence[float]], base: Sequence[Sequence[float]]) -> list[float]:
    """`mean_ratio` of each image alone: which pictures improve, and which do not. Shapes: (images, timesteps) for both.

    A single picture's ratio rests on as many draws as there are timesteps; compare it with its own past on the same
    draws rather than with its neighbours to the second decimal.
    """
    return [mean_ratio(losses, base, rows=(row,)) for row in range(len(losses))]
