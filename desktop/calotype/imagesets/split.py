"""Which images are held out: by content hash, kept when images are added, near-duplicates never on both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from calotype.domain.imageset import CaptionedImage, Split
from calotype.imagesets.near_duplicates import group_near_duplicates

SHARE = 0.15
LARGEST_SHARE = 0.2


def target_count(image_count: int) -> int:
    """How many images to hold out: about 15 %, at least one of two, at least two from eight on."""
    if image_count < 2:
        return 0
    least = 2 if image_count >= 8 else 1
    return max(least, round(SHARE * image_count))


def choose_split(images: Sequence[CaptionedImage], previous: Mapping[str, Split]) -> dict[str, Split]:
    """Decide for every image, by content hash; `previous` decisions are kept.

    One exception: if a new image shows that two groups on different sides are really one, all of it is learned
    from. The result depends on the pictures and not on their order.
    """
    groups = _groups(images)
    held_out = [group for group in groups if _sides(group, previous) == {Split.VALIDATION}]
    open_groups = [group for group in groups if not _sides(group, previous)]
    if not held_out:
        # Nothing is held out, so there is no decision worth keeping that would leave the result unchecked.
        open_groups = [group for group in groups if len(groups) > 1]
    chosen = held_out + _choose(open_groups, len(images), sum(map(len, held_out)))
    hashes = {image.content_hash for group in chosen for image in group}
    return {
        image.content_hash: Split.VALIDATION if image.content_hash in hashes else Split.TRAINING for image in images
    }


Group = list[CaptionedImage]


def _groups(images: Sequence[CaptionedImage]) -> list[Group]:
    """Near-duplicates together, in the order of their smallest hash."""
    groups: dict[int, Group] = {}
    for image, number in zip(images, group_near_duplicates([i.perceptual_hash for i in images]), strict=True):
        groups.setdefault(number, []).append(image)
    return sorted(groups.values(), key=lambda group: min(image.content_hash for image in group))


def _sides(group: Group, previous: Mapping[str, Split]) -> set[Split]:
    return {previous[image.content_hash] for image in group if image.content_hash in previous}


def _choose(candidates: list[Group], image_count: int, already: int) -> list[Group]:
    """Take groups by hash until enough is held out, leaving out those that would hold out too much."""
    target = target_count(image_count)
    most = max(target, int(LARGEST_SHARE * image_count))
    chosen: list[Group] = []
    count = already
    for group in candidates:
        if count >= target:
            break
        if count + len(group) <= most:
            chosen.append(group)
            count += len(group)
    if count == 0 and len(candidates) > 1:
        chosen = [min(candidates, key=len)]  # every group is large; one of them is better than no check at all
    return chosen
