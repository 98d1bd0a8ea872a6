"""Arithmetic of measurements: smoothing, the ratio to the base model with its interval, and the verdict on a run."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.events import Interval, ValidationFinished

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


class VerdictKind(StrEnum):
    """What the validation curve says about a run."""

    TOO_EARLY = "too early"
    STILL_LEARNING = "still learning"
    LEARNED = "learned"
    OVERFITTING = "overfitting"
    LEARNED_LITTLE = "learned little"
    LEARNED_NOTHING = "learned nothing"
    BROKE = "broke"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "is it good, and which step do I keep?", with its evidence."""

    kind: VerdictKind
    best_step: int
    best_ratio: float
    since_step: int  # the first measurement that says so
    latest_ratio: float
    gap: float  # how much more the training images improved than the held-out ones, at the latest measurement


def judge(validations: Sequence[ValidationFinished], *, is_over: bool = False) -> Verdict:
    """Judge a run by its measurements so far. The thresholds are stated in the tests."""
    if not validations:
        return Verdict(VerdictKind.TOO_EARLY, 0, 1.0, 0, 1.0, 0.0)
    best = min(validations, key=lambda point: point.ratio.value)
    latest = validations[-1]
    kind = _kind(validations, best, latest, is_over)
    gap = latest.ratio.value - latest.probe_ratio
    since = next((point.step for point in validations if point.step > best.step), latest.step)
    return Verdict(kind, best.step, best.ratio.value, since, latest.ratio.value, gap)


def _kind(
    validations: Sequence[ValidationFinished],
    best: ValidationFinished,
    latest: ValidationFinished,
    is_over: bool,
) -> VerdictKind:
    since_best = [point for point in validations if point.step > best.step]
    if latest.ratio.value > 1.3:
        return VerdictKind.BROKE
    if len(validations) < 3 and not is_over:
        return VerdictKind.TOO_EARLY
    if best.step == 0 or best.ratio.value >= 0.99:
        return VerdictKind.LEARNED_NOTHING if is_over else VerdictKind.TOO_EARLY
    if len(since_best) >= 2 and all(point.ratio.value > best.ratio.value * 1.01 for point in since_best[-2:]):
        return VerdictKind.OVERFITTING
    if not is_over:
        return VerdictKind.STILL_LEARNING
    return VerdictKind.LEARNED_LITTLE if best.ratio.value > 0.95 else VerdictKind.LEARNED
