"""How often the interval of the ratio holds the truth, on pictures drawn from a distribution that is known."""

from __future__ import annotations

import math
import random

import pytest

from calotype.domain.events import Interval
from calotype.domain.metrics import USUAL_SPREAD, ratio_to_base

TIMESTEPS, TRIES = 3, 600
TRUE_RATIO = 0.7
USUAL = USUAL_SPREAD * -math.log(TRUE_RATIO)
UNEVEN_LOSSES, UNEVEN_CELLS = 0.3, 0.1  # spread of the logarithm between pictures, and between a picture's timesteps


def _intervals(count: int, spread: float) -> list[Interval]:
    """The intervals of many sets of `count` pictures.

    A picture's own ratio is log-normal with the mean `TRUE_RATIO` and does not depend on how large its losses are, so
    that this is also the ratio of the summed losses of all pictures there could be.
    """
    chance = random.Random(f"{count} {spread}")
    intervals = []
    for _ in range(TRIES):
        owns = [TRUE_RATIO * math.exp(chance.gauss(-(spread**2) / 2, spread)) for _ in range(count)]
        sizes = [math.exp(chance.gauss(0, UNEVEN_LOSSES)) for _ in range(count)]
        base = [[size * math.exp(chance.gauss(0, UNEVEN_CELLS)) for _ in range(TIMESTEPS)] for size in sizes]
        losses = [[own * cell for cell in row] for own, row in zip(owns, base, strict=True)]
        intervals.append(ratio_to_base(losses, base))
    return intervals


def _share_that_hold(intervals: list[Interval]) -> float:
    return sum(interval.low <= TRUE_RATIO <= interval.high for interval in intervals) / len(intervals)


@pytest.mark.parametrize("spread", [0.03, USUAL, 0.3])
@pytest.mark.parametrize("count", [4, 8, 16])
def test_that_nineteen_of_twenty_intervals_hold_the_truth(count: int, spread: float) -> None:
    # A share of 600 is known to 0.018 or so; seven in eight is all that a bootstrap of four pictures could reach.
    assert 0.925 <= _share_that_hold(_intervals(count, spread)) <= 0.975


@pytest.mark.parametrize("count", [1, 2, 3])
def test_that_fewer_than_four_pictures_hold_it_too_if_they_differ_as_is_usual(count: int) -> None:
    assert _share_that_hold(_intervals(count, USUAL)) >= 0.92


@pytest.mark.parametrize(("count", "least"), [(1, 0.75), (2, 0.85), (3, 0.87)])
def test_that_they_hold_it_less_often_but_not_seldom_if_they_differ_twice_as_much(count: int, least: float) -> None:
    assert _share_that_hold(_intervals(count, 2 * USUAL)) >= least


def test_that_every_further_picture_makes_the_interval_narrower() -> None:
    widths = [
        sum(math.log(interval.high / interval.low) for interval in _intervals(count, USUAL)) / TRIES
        for count in (1, 2, 3, 8, 16)
    ]

    assert widths == sorted(widths, reverse=True)
    assert widths[0] < 1.5  # one picture leaves the ratio open by a factor of four or so, and not by any number


@pytest.mark.parametrize("count", [1, 2, 4])
def test_that_a_model_that_has_not_changed_is_as_good_as_the_base_model_for_certain(count: int) -> None:
    losses = [[0.1 * (row + column + 1) for column in range(TIMESTEPS)] for row in range(count)]

    assert ratio_to_base(losses, losses) == Interval(1.0, 1.0, 1.0)


def test_that_a_broken_model_has_numbers_where_there_are_any() -> None:
    wild = ratio_to_base([[1e30, 1.0], [1.0, 1e-30]], [[1.0, 1.0], [1.0, 1.0]])
    lost = ratio_to_base([[math.nan, 1.0]], [[1.0, 1.0]])

    assert math.isfinite(wild.high) and wild.low > 0
    assert math.isnan(lost.value)
