"""The ratio to the base model and its interval, on numbers worked out by hand."""

import pytest

from calotype.domain.events import Interval
from calotype.domain.metrics import image_ratios, ratio_to_base, smoothed


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
