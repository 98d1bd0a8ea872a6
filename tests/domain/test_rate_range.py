"""What a rate curve says, on curves with a known answer."""

from __future__ import annotations

import math
import random

import pytest

from calotype.domain.rate_range import (
    RateAnswerKind,
    RateMeasured,
    RateRange,
    RateTestEnd,
    friendly,
    has_broken,
    read_curve,
    smoothed_ratios,
)

# Each step of a test on the sample project with the starter model, seed 1: rates from 1e-5, each step 10^(5/99) more.
MEASURED = (
    1.0, 1.0, 1.0, 0.999, 0.999, 0.999, 0.998, 0.998, 0.998, 0.997, 0.996, 0.996, 0.995, 0.996, 0.993, 0.994, 0.993,
    0.989, 0.99, 0.988, 0.982, 0.982, 0.981, 0.981, 0.965, 0.964, 0.963, 0.945, 0.956, 0.931, 0.949, 0.895, 0.902,
    0.867, 0.858, 0.843, 0.83, 0.801, 0.8, 0.707, 0.74, 0.683, 0.751, 0.735, 0.708, 0.692, 0.658, 0.71, 0.663, 0.601,
    0.65, 0.631, 0.683, 0.606, 0.657, 0.661, 0.606, 0.575, 0.633, 0.674, 0.624, 0.572, 0.68, 1.247, 0.903, 1.489,
    1.654, 2.935,
)  # fmt: skip


def points_of(ratios: list[float], rates: RateRange | None = None) -> list[RateMeasured]:
    rates = rates or RateRange()
    return [RateMeasured(step, rates.rate_at(step), ratio, 0.1) for step, ratio in enumerate(ratios, start=1)]


def ideal(rate: float, *, falls_at: float = 1e-3, depth: float = 0.4, breaks_at: float = 2e-2) -> float:
    """Falls along a logistic curve of half a decade, and is worse than the base model from `breaks_at` on."""
    if rate >= breaks_at:
        return 1.5
    return 1 - depth / (1 + (falls_at / rate) ** 2)


def test_that_rates_grow_by_the_same_factor_from_the_lowest_to_the_highest() -> None:
    rates = RateRange(low=1e-5, high=1.0, step_count=100)

    assert rates.rate_at(1) == pytest.approx(1e-5)
    assert rates.rate_at(34) == pytest.approx(10 ** (-5 + 5 / 3))  # a third of the way in logarithms
    assert rates.rate_at(100) == pytest.approx(1.0)


@pytest.mark.parametrize(("low", "high", "steps"), [(0.0, 1.0, 10), (1.0, 0.1, 10), (1e-5, 1.0, 1)])
def test_that_a_range_without_room_is_refused(low: float, high: float, steps: int) -> None:
    with pytest.raises(ValueError, match="use"):
        RateRange(low, high, steps)


def test_that_smoothing_gives_what_the_formula_gives_by_hand() -> None:
    one, two = math.exp(-1 / 4.5), math.exp(-4 / 4.5)  # weights at distances 1 and 2 for a deviation of 1.5 steps

    smoothed = smoothed_ratios([1.0, math.e, 1.0])

    assert one == pytest.approx(0.80074, abs=1e-5)
    assert smoothed == pytest.approx(
        [math.exp(one / (1 + one + two)), math.exp(1 / (1 + 2 * one)), math.exp(one / (1 + one + two))]
    )
    assert smoothed[1] == pytest.approx(1.4687, abs=1e-4)


def test_that_smoothing_leaves_a_straight_line_where_it_is() -> None:
    line = [math.exp(-0.01 * step) for step in range(40)]

    smoothed = smoothed_ratios(line)

    assert smoothed[5:-5] == pytest.approx(line[5:-5])


def test_that_a_model_a_million_times_worse_does_not_reach_far_back() -> None:
    smoothed = smoothed_ratios([0.6] * 20 + [1e6] * 3)

    assert smoothed[17] < 0.75
    assert smoothed[20] > 1.1


def test_that_the_suggestion_is_a_decade_below_the_break() -> None:
    rates = RateRange()
    ratios = [ideal(rates.rate_at(step)) for step in range(1, 70)]
    first_broken = next(step for step in range(1, 70) if rates.rate_at(step) >= 2e-2)

    answer = read_curve(points_of(ratios[: first_broken + 2]), RateTestEnd.BROKE)

    assert answer.kind is RateAnswerKind.SUGGESTED
    assert answer.broke_at == pytest.approx(2e-2, rel=0.26)  # two steps, of which the smoothing costs one
    assert answer.suggested_rate == 2e-3
    assert answer.lowest_ratio == pytest.approx(0.6, abs=0.03)


def test_that_a_measured_curve_gets_the_answer_that_the_eye_gives() -> None:
    answer = read_curve(points_of(list(MEASURED)), RateTestEnd.BROKE)

    assert has_broken(MEASURED) and not has_broken(MEASURED[:-1])
    assert answer.kind is RateAnswerKind.SUGGESTED
    assert 1.5e-2 <= (answer.broke_at or 0) <= 2e-2
    assert answer.suggested_rate == 1.5e-3
    assert 3e-3 < answer.lowest_at < 1.3e-2


def test_that_noise_around_the_base_model_is_no_answer() -> None:
    for seed in range(200):
        chance = random.Random(seed)
        ratios = [math.exp(chance.gauss(0, 0.02)) for _ in range(60)] + [2.0, 2.0, 2.0]

        assert read_curve(points_of(ratios), RateTestEnd.BROKE).kind is RateAnswerKind.NEVER_FELL


def test_that_a_small_but_steady_fall_is_seen() -> None:
    rates = RateRange()
    chance = random.Random(1)
    ratios = [ideal(rates.rate_at(step), depth=0.04) * math.exp(chance.gauss(0, 0.003)) for step in range(1, 71)]

    assert read_curve(points_of(ratios), RateTestEnd.BROKE).suggested_rate == 2e-3


def test_that_a_model_that_never_broke_gets_no_answer() -> None:
    rates = RateRange()
    ratios = [ideal(rates.rate_at(step), breaks_at=10) for step in range(1, 101)]

    answer = read_curve(points_of(ratios), RateTestEnd.WHOLE)

    assert (answer.kind, answer.suggested_rate, answer.broke_at) == (RateAnswerKind.NEVER_BROKE, None, None)


def test_that_a_stopped_test_gets_no_answer_however_far_it_fell() -> None:
    answer = read_curve(points_of(list(MEASURED[:60])), RateTestEnd.STOPPED)

    assert (answer.kind, answer.suggested_rate) == (RateAnswerKind.STOPPED_EARLY, None)
    assert answer.lowest_ratio < 0.7


def test_that_nothing_measured_is_no_answer() -> None:
    assert read_curve([], RateTestEnd.STOPPED).kind is RateAnswerKind.STOPPED_EARLY
    assert read_curve([], RateTestEnd.BROKE, not_finite_at=1e-5).kind is RateAnswerKind.NEVER_FELL


def test_that_a_bump_that_the_curve_comes_back_from_is_no_break() -> None:
    ratios = list(MEASURED)
    ratios[20:22] = [2.0, 2.0]

    answer = read_curve(points_of(ratios), RateTestEnd.BROKE)

    assert answer.broke_at is not None and answer.broke_at > 1e-2


def test_that_a_loss_that_is_no_number_is_a_break() -> None:
    answer = read_curve(points_of(list(MEASURED[:60])), RateTestEnd.BROKE, not_finite_at=1e-2)

    assert (answer.broke_at, answer.suggested_rate) == (1e-2, 1e-3)


def test_that_a_break_that_smoothing_hides_is_one_all_the_same() -> None:
    ratios = [*MEASURED[:60], 1.12, 1.12, 1.12]

    answer = read_curve(points_of(ratios), RateTestEnd.BROKE)

    assert answer.broke_at == pytest.approx(RateRange().rate_at(61))


@pytest.mark.parametrize(
    ("rate", "written"), [(1.52e-3, 1.5e-3), (2.6e-3, 3e-3), (9e-4, 1e-3), (0.04, 0.05), (0.03, 0.03), (1.2e-6, 1e-6)]
)
def test_that_a_suggestion_is_a_number_that_people_write(rate: float, written: float) -> None:
    assert friendly(rate) == written
