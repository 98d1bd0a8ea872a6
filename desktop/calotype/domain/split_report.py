"""What the split of a set is like: how much is held out and why, what is kept together, what is on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from calotype.domain.courtesy import courteous
from calotype.domain.imageset import CaptionedImage
from calotype.domain.kept_together import KeptTogether, keep_together
from calotype.domain.look_alikes import AlikePair

SHARE, LEAST_SHARE, LARGEST_SHARE = 0.15, 0.1, 0.2
ENOUGH_FOR_TWO = 8  # images; with fewer, only one is held out


class ShareReason(StrEnum):
    """Why so many images are held out."""

    USUAL = "usual"  # 10 to 20 %
    FEW_IMAGES = "few images"  # one of less than eight, two of eight or nine
    NOTHING_TO_COMPARE = "nothing to compare"  # one picture, or all are look-alikes
    LARGE_GROUPS = "large groups"  # what has to stay together does not leave another choice
    EARLIER_CHOICES = "earlier choices"  # made by hand, or before images came or went


@dataclass(frozen=True, slots=True)
class SplitReport:
    """The split of a set as it is; excluded images count in groups alone."""

    training: tuple[CaptionedImage, ...]
    held_out: tuple[CaptionedImage, ...]
    kept_together: tuple[tuple[CaptionedImage, ...], ...]  # groups of two and more
    on_both_sides: tuple[tuple[CaptionedImage, ...], ...]  # those of them that are not: somebody moved one by hand
    is_burst_divided: bool  # most of the set is one burst, which is on both sides
    reason: ShareReason

    @property
    def share(self) -> float:
        """How much of the set is held out, 0 to 1."""
        count = len(self.training) + len(self.held_out)
        return len(self.held_out) / count if count else 0.0


def target_count(image_count: int) -> int:
    """How many images to hold out: about 15 %, at least one of two, at least two from eight on."""
    if image_count < 2:
        return 0
    return max(2 if image_count >= ENOUGH_FOR_TWO else 1, round(SHARE * image_count))


def most_count(image_count: int) -> int:
    """How many images may be held out if groups make it more than the target."""
    return max(target_count(image_count), int(LARGEST_SHARE * image_count))


def report_split(images: Sequence[CaptionedImage], pairs: Sequence[AlikePair]) -> SplitReport:
    """Describe how these images are divided now."""
    together = keep_together(images, pairs)
    included = [image for image in courteous(images) if not image.is_excluded]
    held_out = tuple(image for image in included if image.is_held_out)
    groups = tuple(group for group in courteous(together.groups) if len(group) > 1)
    sides = {image.content_hash: image.split for image in courteous(images)}
    return SplitReport(
        training=tuple(image for image in included if not image.is_held_out),
        held_out=held_out,
        kept_together=groups,
        on_both_sides=tuple(group for group in groups if len({image.split for image in group}) > 1),
        is_burst_divided=len({sides[content_hash] for content_hash in together.divided}) > 1,
        reason=_reason(together, len(included), len(held_out)),
    )


def _reason(together: KeptTogether, image_count: int, held_out: int) -> ShareReason:
    sizes = [size for group in courteous(together.groups) if (size := _included(group))]
    if len(sizes) < 2:
        return ShareReason.NOTHING_TO_COMPARE
    # Nobody can hold out a part of a picture: from ten on, 4 of 18 is as near to a fifth as it gets.
    most = ceil(LARGEST_SHARE * image_count) if image_count >= 10 else LARGEST_SHARE * image_count
    if LEAST_SHARE * image_count <= held_out <= most and held_out >= min(2, image_count - 1):
        return ShareReason.USUAL
    if held_out == target_count(image_count) and image_count < 10:
        return ShareReason.FEW_IMAGES
    if held_out > most_count(image_count):
        held_sizes = [_included(group) for group in together.groups if any(image.is_held_out for image in group)]
        return ShareReason.LARGE_GROUPS if max(held_sizes) > 1 else ShareReason.EARLIER_CHOICES
    others = [_included(group) for group in together.groups if not any(image.is_held_out for image in group)]
    smallest = min((size for size in others if size), default=0)
    is_too_large = smallest > 1 and held_out + smallest > most_count(image_count)
    return ShareReason.LARGE_GROUPS if is_too_large and held_out else ShareReason.EARLIER_CHOICES


def _included(group: Sequence[CaptionedImage]) -> int:
    return sum(not image.is_excluded for image in group)
