"""What the comparisons of previews with the pictures of a run mean together."""

from __future__ import annotations

from collections.abc import Sequence

from calotype.domain.events import PreviewsMeasured

MEMORISED_BELOW = 0.6  # of the distance at which the closest quarter of the training pictures has its nearest


def comparison_at(comparisons: Sequence[PreviewsMeasured], step: int) -> PreviewsMeasured | None:
    """What was measured at a step, or last before it; None if nothing was."""
    before = [measured for measured in comparisons if measured.step <= step]
    return max(before, key=lambda measured: measured.step, default=None)


def newest_comparison(comparisons: Sequence[PreviewsMeasured]) -> PreviewsMeasured | None:
    """What was measured last; None if nothing was."""
    return max(comparisons, key=lambda measured: measured.step, default=None)
