"""Which pictures learn unlike the others of their group: those that fight them, and those that are learned by heart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from calotype.domain.events import ImageRatio, ValidationFinished
from calotype.domain.verdict import DOUBTFUL_CONTRAST, Measurements, VerdictKind, judge

FAR_FROM_MEDIAN = 3.5  # robust z from which a value is an outlier: Iglewicz and Hoaglin, How to Detect Outliers, 1993
MAD_TO_SIGMA = 1.4826  # of normally distributed values
LEAST_SIGMA = 0.03  # a picture's ratio rests on few draws: smaller differences are noise, however alike the others are
LEAST_GROUP = 3  # two pictures cannot say which of them is the odd one
IMPROVED_BELOW = 0.98  # the group became better than the base model
STUCK_ABOVE = 0.99  # the picture did not
ROSE_ABOVE = 1.01  # of the best ratio of all held-out pictures, as for the verdict of overfitting


class InsightKind(StrEnum):
    """In which way a picture is unlike the others."""

    FIGHTS_OTHERS = "fights others"
    LEARNED_BY_HEART = "learned by heart"
    ON_BOTH_SIDES = "on both sides"  # held out, and learned from as well
    PULLS_ANOTHER_WAY = "pulls another way"  # one of the smaller part of a set that falls into two


@dataclass(frozen=True, slots=True)
class ImageInsight:
    """One picture that stands out, with the evidence: its ratio and the median of its group at the same step.

    Both are None, and the step 0, for what was seen without the ratio.
    """

    content_hash: str
    kind: InsightKind
    is_held_out: bool
    step: int
    ratio: float | None = None
    group_ratio: float | None = None


def odd_images(measured: Measurements) -> tuple[ImageInsight, ...]:
    """What the verdict is about, picture by picture, and then the pictures that learn unlike the others."""
    examined, compared, kind = measured.examined, measured.compared, judge(measured).kind
    named: list[ImageInsight] = []
    if examined is not None:
        named += [ImageInsight(leak.held_out, InsightKind.ON_BOTH_SIDES, True, 0) for leak in examined.leaks]
    if kind is VerdictKind.TWO_SUBJECTS:
        later = compared.other_part if compared is not None and compared.contrast > DOUBTFUL_CONTRAST else ()
        part = later or (examined.other_part if examined is not None else ())
        named += [ImageInsight(key, InsightKind.PULLS_ANOTHER_WAY, False, 0) for key in part]
    return (*named, *image_insights(measured.validations))


def image_insights(validations: Sequence[ValidationFinished]) -> tuple[ImageInsight, ...]:
    """Name the pictures that stand out, those that fight the others first, the farthest from its group first.

    Groups are the held-out pictures and the probe of training pictures; one of fewer than LEAST_GROUP is not judged.
    A robust z is (ratio - median) / max(MAD_TO_SIGMA * MAD, LEAST_SIGMA), all over the group at one step. The best step
    is the one that is kept, or if none is, that of the lowest ratio.

    A picture *fights the others* if at the best step its z is above FAR_FROM_MEDIAN and it is no better than the base
    model (above STUCK_ABOVE), while its group is (median below IMPROVED_BELOW). A training picture is *learned by
    heart* if at the last step its z is below -FAR_FROM_MEDIAN and its ratio fell since the best step, while the ratio
    of the held-out pictures rose above ROSE_ABOVE of the best.
    """
    measured = sorted((point for point in validations if point.step > 0), key=lambda point: point.step)
    if not measured:
        return ()
    best = next((point for point in reversed(measured) if point.is_best), None)
    best = best or min(measured, key=lambda point: point.ratio.value)
    found = [
        *_fighting(best.held_out_images, best.step, is_held_out=True),
        *_fighting(best.probe_images, best.step, is_held_out=False),
    ]
    last = measured[-1]
    if last.ratio.value > ROSE_ABOVE * best.ratio.value:
        found += _learned_by_heart(best.probe_images, last.probe_images, last.step)
    return tuple(found)


def _fighting(images: Sequence[ImageRatio], step: int, *, is_held_out: bool) -> list[ImageInsight]:
    ratios = _by_hash(images)
    if len(ratios) < LEAST_GROUP:
        return []
    group_ratio = median(ratios.values())
    if group_ratio >= IMPROVED_BELOW:
        return []
    found = [
        ImageInsight(key, InsightKind.FIGHTS_OTHERS, is_held_out, step, ratio, group_ratio)
        for key, ratio in ratios.items()
        if ratio > STUCK_ABOVE and _robust_z(ratio, ratios) > FAR_FROM_MEDIAN
    ]
    return sorted(found, key=lambda insight: -(insight.ratio or 0.0))


def _learned_by_heart(best: Sequence[ImageRatio], last: Sequence[ImageRatio], step: int) -> list[ImageInsight]:
    before, ratios = _by_hash(best), _by_hash(last)
    if len(ratios) < LEAST_GROUP:
        return []
    group_ratio = median(ratios.values())
    found = [
        ImageInsight(key, InsightKind.LEARNED_BY_HEART, False, step, ratio, group_ratio)
        for key, ratio in ratios.items()
        if _robust_z(ratio, ratios) < -FAR_FROM_MEDIAN and ratio < before.get(key, 1.0)
    ]
    return sorted(found, key=lambda insight: insight.ratio or 0.0)


def _robust_z(value: float, group: Mapping[str, float]) -> float:
    middle = median(group.values())
    deviation = median(abs(other - middle) for other in group.values())
    return (value - middle) / max(MAD_TO_SIGMA * deviation, LEAST_SIGMA)


def _by_hash(images: Sequence[ImageRatio]) -> dict[str, float]:
    return {image.content_hash: image.ratio for image in images}
