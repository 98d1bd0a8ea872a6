"""The ratio to the base model, its interval, and the verdict, on numbers worked out by hand."""

from typing import Any

import pytest

from calotype.domain.events import BandRatios, Interval, ValidationFinished
from calotype.domain.metrics import VerdictKind, image_ratios, judge, ratio_to_base, smoothed


def test_that_each_timestep_counts_the_same_in_the_ratio() -> None:
    base = [[1.0, 0.01], [1.0, 0.03]]
    losses = [[0.5, 0.01], [0.7, 0.01]]

    # (1.2 / 2 + 0.02 / 0.04) / 2
    assert ratio_to_base(losses, base).value == pytest.approx(0.55)


def test_that_the_interval_holds_the_value_and_is_a_point_when_all_images_agree() -> None:
    agreeing = ratio_to_base([[0.5]] * 4, [[1.0]] * 4)
    differing = ratio_to_base([[0.2], [0.4], [0.6], [0.8]], [[1.0]] * 4)

    assert agreeing == Interval(0.5, 0.5, 0.5)
    assert differing.low < 0.4 < differing.value == 0.5 < 0.6 < differing.high


def test_that_a_single_image_does_not_look_like_certainty() -> None:
    interval = ratio_to_base([[0.2, 0.5, 0.9]], [[1.0, 1.0, 1.0]])

    assert interval.low < interval.value < interval.high


def test_that_the_same_measurements_give_the_same_interval() -> None:
    losses, base = [[0.2], [0.4], [0.9]], [[1.0], [0.8], [1.1]]

    assert ratio_to_base(losses, base) == ratio_to_base(losses, base)


def test_that_each_image_has_its_own_ratio_with_each_timestep_counting_the_same() -> None:
    base = [[1.0, 0.01], [1.0, 0.04]]
    losses = [[0.5, 0.01], [0.7, 0.01]]

    # (0.5 / 1 + 0.01 / 0.01) / 2 and (0.7 / 1 + 0.01 / 0.04) / 2
    assert image_ratios(losses, base) == pytest.approx([0.75, 0.475])


def test_that_smoothing_starts_at_the_first_value() -> None:
    assert smoothed([2.0, 2.0, 2.0]) == pytest.approx([2.0, 2.0, 2.0])
    assert smoothed([0.0, 1.0], weight=0.5) == pytest.approx([0.0, 2 / 3])


def _point(step: int, ratio: float, probe: float = 0.9) -> ValidationFinished:
    bands: Any = BandRatios(ratio, ratio, ratio)
    return ValidationFinished(step, ratio, 1.0, Interval(ratio, ratio, ratio), bands, probe, False, 1.0)


@pytest.mark.parametrize(
    ("ratios", "is_over", "kind", "best_step"),
    [
        ([], False, VerdictKind.TOO_EARLY, 0),
        ([1.0, 0.9], False, VerdictKind.TOO_EARLY, 10),
        ([1.0, 0.9, 0.8], False, VerdictKind.STILL_LEARNING, 20),
        ([1.0, 0.9, 0.8], True, VerdictKind.LEARNED, 20),
        ([1.0, 0.8, 0.82, 0.85], False, VerdictKind.OVERFITTING, 10),
        ([1.0, 0.8, 0.805, 0.801], True, VerdictKind.LEARNED, 10),
        ([1.0, 0.97], True, VerdictKind.LEARNED_LITTLE, 10),
        ([1.0, 0.995], True, VerdictKind.LEARNED_NOTHING, 10),
        ([1.0, 0.9, 1.5], False, VerdictKind.BROKE, 10),
        ([1.0, 1.03, 1.05], True, VerdictKind.LEARNED_NOTHING, 0),
        ([1.0, 1.03, 1.05], False, VerdictKind.TOO_EARLY, 0),
    ],
)
def test_that_the_verdict_follows_the_curve(
    ratios: list[float], is_over: bool, kind: VerdictKind, best_step: int
) -> None:
    verdict = judge([_point(10 * i, ratio) for i, ratio in enumerate(ratios)], is_over=is_over)

    assert (verdict.kind, verdict.best_step) == (kind, best_step)
