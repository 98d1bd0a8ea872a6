"""The learning-rate range test: how the rate climbs, what is measured on the way, and what the curve says.

Source of the test: arXiv:1506.01186, section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from calotype.domain.events import TrainingEvent

BREAKS_ABOVE = 1.1  # of the base model's error: no rate that is any use makes a model this much worse
BREAKS_IN_A_ROW = 3  # one such step may be an accident that the next ones repair
SAFETY = 10.0  # the suggestion lies this far below the rate that breaks the model
SMALLEST_FALL = 0.01  # less than this says nothing
SMOOTHING_STEPS = 1.5  # standard deviation of the weights: half a decade is blurred into one value, and no more
CLIP = math.log(4.0)  # a model that has broken may be a million times worse; its neighbours must not feel that
FRIENDLY = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)


@dataclass(frozen=True, slots=True)
class RateRange:
    """Which rates are tried: from `low` to `high`, each a constant factor above the last; all that people use."""

    low: float = 1e-5
    high: float = 1.0
    step_count: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.low < self.high:
            raise ValueError(f"low {self.low} and high {self.high}: use two numbers above 0, the lower first")
        if self.step_count < 2:
            raise ValueError(f"step_count {self.step_count}: use 2 or more")

    def rate_at(self, step: int) -> float:
        """The rate of a step, counted from 1."""
        return self.low * math.pow(self.high / self.low, (step - 1) / (self.step_count - 1))


@dataclass(frozen=True, slots=True)
class RateMeasured:
    """One step of the test. `ratio` was measured before the step was taken, so it tells of the rates before it.

    It is the loss over the base model's on the very same draw, the geometric mean over the pictures of the batch. A
    loss varies by a tenth with the timesteps and pictures that were drawn; the base model's varies with it. Measured on
    the sample with four pictures a step, the scatter of a step around the curve: 0.082 for the loss over its mean,
    0.0009 for the ratio before anything is learned; 0.12 and 0.016 where it falls.
    """

    step: int
    rate: float
    ratio: float
    seconds: float


class RateTestEnd(StrEnum):
    """Why a test ended."""

    BROKE = "broke"  # the model became useless, as it should
    WHOLE = "whole"  # the highest rate was reached
    STOPPED = "stopped"


class RateAnswerKind(StrEnum):
    """What the curve says."""

    SUGGESTED = "suggested"
    STOPPED_EARLY = "stopped early"
    NEVER_FELL = "never fell"
    NEVER_BROKE = "never broke"


@dataclass(frozen=True, slots=True)
class RateAnswer:
    """A rate to use, or why there is none; with its evidence."""

    kind: RateAnswerKind
    suggested_rate: float | None
    broke_at: float | None
    lowest_ratio: float  # of the smoothed curve; 1 if nothing was measured
    lowest_at: float  # the rate there; 0 if nothing was measured


@dataclass(frozen=True, slots=True)
class RateTestStarted:
    """Everything is loaded; the first step comes next."""

    step_count: int


@dataclass(frozen=True, slots=True)
class RateTestFinished:
    """Always the last event of a test that did not fail."""

    end: RateTestEnd
    answer: RateAnswer
    seconds: float


# Of the training events a test reports StageChanged and ModelLoaded.
RateEvent = TrainingEvent | RateTestStarted | RateMeasured | RateTestFinished


def smoothed_ratios(ratios: Sequence[float]) -> list[float]:
    """Average each ratio with its neighbours on both sides, in logarithms, with Gaussian weights.

    A running average would show every rate later than it was: here a step is an eighth more than the one before.
    """
    logs = [max(-CLIP, min(CLIP, math.log(ratio))) for ratio in ratios]
    reach = math.ceil(3 * SMOOTHING_STEPS)
    weights = [math.exp(-0.5 * (offset / SMOOTHING_STEPS) ** 2) for offset in range(reach + 1)]
    result = []
    for place in range(len(logs)):
        near = range(max(0, place - reach), min(len(logs), place + reach + 1))
        total = math.fsum(weights[abs(other - place)] for other in near)
        result.append(math.exp(math.fsum(weights[abs(other - place)] * logs[other] for other in near) / total))
    return result


def has_broken(ratios: Sequence[float]) -> bool:
    """True if going on is pointless: the model is worse than the base model for some steps in a row."""
    return len(ratios) >= BREAKS_IN_A_ROW and all(ratio > BREAKS_ABOVE for ratio in ratios[-BREAKS_IN_A_ROW:])


def read_curve(points: Sequence[RateMeasured], end: RateTestEnd, not_finite_at: float | None = None) -> RateAnswer:
    """Suggest the rate a decade below the one at which the model became worse than the base model, or say why not.

    `not_finite_at` is the rate after which the loss was no number, if the test ended so. There is an answer only if the
    curve fell before: otherwise nothing shows that this model learns from these pictures at any rate.
    """
    curve = smoothed_ratios([point.ratio for point in points])
    broke = _first_broken(curve)
    if broke is None and end is RateTestEnd.BROKE and not_finite_at is None:
        broke = len(curve) - BREAKS_IN_A_ROW  # smoothing hides a break that is only just one
    sound = curve[:broke]
    place = min(range(len(sound)), key=lambda step: sound[step], default=None)
    lowest, lowest_at = (1.0, 0.0) if place is None else (sound[place], points[place].rate)
    broke_at = not_finite_at if broke is None else points[broke].rate
    kind = RateAnswerKind.SUGGESTED
    if end is RateTestEnd.STOPPED:
        kind = RateAnswerKind.STOPPED_EARLY
    elif 1 - lowest < max(SMALLEST_FALL, 2 * _scatter([point.ratio for point in points[: len(sound)]])):
        kind = RateAnswerKind.NEVER_FELL
    elif broke_at is None:
        kind = RateAnswerKind.NEVER_BROKE
    suggested = friendly(broke_at / SAFETY) if kind is RateAnswerKind.SUGGESTED and broke_at is not None else None
    return RateAnswer(kind, suggested, broke_at, lowest, lowest_at)


def friendly(rate: float) -> float:
    """The nearest of 1, 1.5, 2, 3, 5 and 7 times a power of ten: a test is not more exact than that."""
    power = 10.0 ** math.floor(math.log10(rate))
    mantissa = min(FRIENDLY, key=lambda candidate: abs(math.log(rate / power / candidate)))
    return float(f"{mantissa * power:.2g}")


def _first_broken(curve: Sequence[float]) -> int | None:
    """Where the curve leaves for good; a bump that it comes back from is none."""
    place = len(curve)
    while place > 0 and curve[place - 1] > BREAKS_ABOVE:
        place -= 1
    return place if place < len(curve) else None


def _scatter(ratios: Sequence[float]) -> float:
    """How far single steps lie from a smooth curve: the root mean square of second differences over the root of 6."""
    bends = [ratios[i] - 2 * ratios[i + 1] + ratios[i + 2] for i in range(len(ratios) - 2)]
    return math.sqrt(math.fsum(bend * bend for bend in bends) / (6 * len(bends))) if bends else math.inf
