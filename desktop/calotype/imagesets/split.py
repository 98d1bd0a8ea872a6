"""Which images are held out: by content hash, kept when images are added, near-duplicates never on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from calotype.domain.imageset import CaptionedImage, Split
from calotype.domain.look_alikes import AlikePair, connected

SHARE = 0.15
LARGEST_SHARE = 0.2


def target_count(image_count: int) -> int:
    """How many images to hold out: about 15 %, at least one of two, at least two from eight on."""
    if image_count < 2:
        return 0
    least = 2 if image_count >= 8 else 1
    return max(least, round(SHARE * image_count))


def choose_split(
    images: Sequence[CaptionedImage], previous: Mapping[str, Split], pairs: Iterable[AlikePair]
) -> dict[str, Split]:
    """Decide for every image, by content hash; `previous` decisions are kept.

    One exception: if a new image shows that two groups on different sides are really one, all of it is learned
    from. The result depends on the pictures and not on their order.
    """
    groups = _groups(images, pairs)
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


def _groups(images: Sequence[CaptionedImage], pairs: Iterable[AlikePair]) -> list[Group]:
    """Near-duplicates together, also in chains, in the order of their smallest hash."""
    by_hash = {image.content_hash: image for image in sorted(images, key=lambda image: image.content_hash)}
    ties = [(pair.first, pair.second) for pair in pairs if pair.is_near_duplicate]
    return [[by_hash[content_hash] for content_hash in group] for group in connected(by_hash, ties)]


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
