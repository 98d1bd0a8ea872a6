"""Which comparison of previews speaks for a run."""

from __future__ import annotations

from calotype.domain.events import PreviewsMeasured
from calotype.domain.likeness import comparison_at, newest_comparison


def measured(step: int) -> PreviewsMeasured:
    return PreviewsMeasured(step, step / 100, 1.0, 0, "abc", "one.png", 1.0, False, 0.1)


def test_that_a_kept_step_without_previews_has_those_before_it() -> None:
    comparisons = [measured(0), measured(50), measured(100)]

    assert comparison_at(comparisons, 50) == measured(50)
    assert comparison_at(comparisons, 99) == measured(50)


def test_that_the_newest_comparison_is_that_of_the_last_step() -> None:
    assert newest_comparison([measured(50), measured(100), measured(0)]) == measured(100)


def test_that_a_run_without_comparisons_has_none() -> None:
    assert newest_comparison([]) is None
    assert comparison_at([], 50) is None
