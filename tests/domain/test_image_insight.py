"""Which pictures are said to stand out, and which are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from calotype.domain.events import (
    BandRatios,
    ImageRatio,
    Interval,
    Leak,
    PartsCompared,
    SetExamined,
    ValidationFinished,
)
from calotype.domain.image_insight import InsightKind, image_insights, odd_images
from calotype.domain.insight_words import insight_numbers, insight_text
from calotype.domain.verdict import Measurements

ALIKE = {"a": 0.80, "b": 0.82, "c": 0.84, "d": 0.78}


def measured(
    step: int, ratio: float, held_out: Mapping[str, float] = {}, probe: Mapping[str, float] = {}
) -> ValidationFinished:
    """A measurement with these ratios of single pictures."""
    return ValidationFinished(
        step=step,
        loss=0.4,
        base_loss=0.5,
        ratio=Interval(ratio, ratio - 0.05, ratio + 0.05),
        bands=BandRatios(ratio, ratio, ratio),
        probe_ratio=ratio,
        is_best=False,
        seconds=1.0,
        held_out_images=tuple(ImageRatio(key, value) for key, value in held_out.items()),
        probe_images=tuple(ImageRatio(key, value) for key, value in probe.items()),
    )


def base(names: str) -> ValidationFinished:
    """The base model itself: 1 by definition."""
    return measured(0, 1.0, dict.fromkeys(names, 1.0), dict.fromkeys(names, 1.0))


def test_that_a_picture_that_stays_while_its_group_improves_fights_it() -> None:
    points = [base("abcdx"), measured(50, 0.81, {**ALIKE, "x": 1.02}), measured(100, 0.9, {**ALIKE, "x": 0.9})]

    [insight] = image_insights(points)

    assert (insight.content_hash, insight.kind, insight.is_held_out) == ("x", InsightKind.FIGHTS_OTHERS, True)
    assert (insight.step, insight.ratio, insight.group_ratio) == (50, 1.02, 0.82)


def test_that_a_training_picture_can_fight_the_others_too() -> None:
    [insight] = image_insights([base("abcdx"), measured(50, 0.8, ALIKE, {**ALIKE, "x": 0.995})])

    assert (insight.content_hash, insight.is_held_out) == ("x", False)


@pytest.mark.parametrize(
    ("ratio", "is_named"),
    # Median 0.82, MAD 0.02, so that sigma is the least one, 0.03, and z is above 3.5 from 0.925 on.
    [(1.02, True), (0.991, True), (0.989, False), (0.93, False)],
)
def test_that_a_picture_that_became_better_itself_is_not_named(ratio: float, is_named: bool) -> None:
    insights = image_insights([base("abcdx"), measured(50, 0.81, {**ALIKE, "x": ratio})])

    assert bool(insights) is is_named


def test_that_nothing_fights_a_group_that_did_not_improve() -> None:
    nothing_learned = {"a": 0.99, "b": 1.0, "c": 0.985, "x": 1.3}

    assert image_insights([base("abcx"), measured(50, 0.99, nothing_learned)]) == ()


def test_that_one_wide_group_names_nobody() -> None:
    wide = {"a": 0.5, "b": 0.65, "c": 0.8, "d": 0.9, "x": 1.05}

    assert image_insights([base("abcdx"), measured(50, 0.75, wide)]) == ()


def test_that_two_pictures_cannot_say_which_is_the_odd_one() -> None:
    pair, three = {"a": 0.7, "x": 1.2}, {"a": 0.7, "b": 0.7, "x": 1.2}

    assert image_insights([base("ax"), measured(50, 0.8, pair)]) == ()
    assert [found.content_hash for found in image_insights([base("abx"), measured(50, 0.8, three)])] == ["x"]


def test_that_a_training_picture_far_below_the_others_is_learned_by_heart_once_held_out_ones_get_worse() -> None:
    before = measured(50, 0.8, {}, {**ALIKE, "x": 0.75})
    alone = {**ALIKE, "x": 0.4}

    risen = image_insights([base("abcdx"), before, measured(100, 0.82, {}, alone)])
    still_best = image_insights([base("abcdx"), before, measured(100, 0.79, {}, alone)])

    assert [(found.content_hash, found.kind, found.step) for found in risen] == [
        ("x", InsightKind.LEARNED_BY_HEART, 100)
    ]
    assert still_best == ()


def test_that_a_picture_that_was_low_already_and_did_not_fall_is_not_learned_by_heart() -> None:
    points = [base("abcdx"), measured(50, 0.8, {}, {**ALIKE, "x": 0.4}), measured(100, 0.9, {}, {**ALIKE, "x": 0.41})]

    assert image_insights(points) == ()


def test_that_runs_without_ratios_of_pictures_say_nothing() -> None:
    assert image_insights([]) == ()
    assert image_insights([base("abc")]) == ()
    assert image_insights([measured(0, 1.0), measured(50, 0.8), measured(100, 0.9)]) == ()


def test_that_the_step_that_is_kept_counts_though_another_has_a_lower_ratio() -> None:
    kept = replace(measured(50, 0.81, {**ALIKE, "x": 1.02}), is_best=True)

    [insight] = image_insights([kept, measured(100, 0.80, {**ALIKE, "x": 0.9})])

    assert (insight.content_hash, insight.step) == ("x", 50)


def test_that_the_worst_fighter_comes_first() -> None:
    group = {**ALIKE, "e": 0.81, "f": 0.83, "x": 1.05, "y": 1.2}

    found = image_insights([base("abcdefxy"), measured(50, 0.85, group)])

    assert [insight.content_hash for insight in found] == ["y", "x"]


def test_that_what_the_verdict_is_about_is_named_first() -> None:
    points = [base("abcdx"), measured(50, 0.8, {**ALIKE, "x": 1.02})]
    leaking = SetExamined(12, 12, True, 1.0, 0.5, ("q",), 0.6, (Leak("h", "t"),), 1.0)
    apart = PartsCompared(50, 0.9, ("k", "l", "m"), 1.0)

    first, second = odd_images(Measurements(points, leaking, None, is_over=True))
    two = odd_images(Measurements(points, replace(leaking, leaks=()), None, is_over=True, compared=apart))

    assert (first.content_hash, first.kind, first.is_held_out) == ("h", InsightKind.ON_BOTH_SIDES, True)
    assert (second.content_hash, second.kind) == ("x", InsightKind.FIGHTS_OTHERS)
    assert [one.content_hash for one in two] == ["k", "l", "m", "x"]
    assert {one.kind for one in two[:3]} == {InsightKind.PULLS_ANOTHER_WAY}
    for insight in (first, *two):
        assert insight_text(insight, str).endswith((".", "?"))
        assert (insight_numbers(insight, str) == "") == (insight.ratio is None)
