"""Pictures that show the same shot, as pairs that were seen to be alike and as groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calotype.domain.courtesy import courteous, sorted_courteously
from calotype.domain.imageset import CaptionedImage

NEAR_DUPLICATE = 0.45  # the largest difference; copies differ less, and other shots of one subject more
# What is kept of another version is made again.
SIGNATURE_VERSION = 1  # of `imagesets.signatures`
COMPARISON_VERSION = 1  # of `imagesets.near_duplicates`


@dataclass(frozen=True, slots=True)
class AlikePair:
    """Two pictures, by content hash, and how much their most different parts differ: 0 not at all, 1 wholly."""

    first: str
    second: str
    difference: float

    @property
    def is_near_duplicate(self) -> bool:
        """True if both show the same shot."""
        return self.difference <= NEAR_DUPLICATE


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Near-duplicates that belong together: the best one, and those that look almost like it, by content hash."""

    best: str
    others: tuple[str, ...]


def near_duplicate_groups(images: Sequence[CaptionedImage], pairs: Iterable[AlikePair]) -> tuple[NearDuplicates, ...]:
    """Gather near-duplicates around the largest picture of each kind, in the order of the images.

    Every other was seen to be like the best one. Pictures that are alike only through a third one are not gathered, as
    the first and the last frame of a film: leaving out all but the best must not lose a shot.
    """
    neighbours = near_neighbours(pairs)
    having = [image for image in courteous(images) if image.content_hash in neighbours]
    place = {image.content_hash: number for number, image in enumerate(having)}
    free = set(place)
    groups = []
    for image in sorted_courteously(having, key=lambda image: -image.width_px * image.height_px):
        if image.content_hash not in free:
            continue
        free.discard(image.content_hash)
        others = sorted(neighbours[image.content_hash] & free, key=place.__getitem__)
        if others:
            free.difference_update(others)
            groups.append(NearDuplicates(image.content_hash, tuple(others)))
    return tuple(sorted(groups, key=lambda group: place[group.best]))


def near_neighbours(pairs: Iterable[AlikePair]) -> dict[str, set[str]]:
    """The near-duplicates of each picture that has any."""
    neighbours: dict[str, set[str]] = {}
    for pair in courteous(pairs):
        if pair.is_near_duplicate:
            neighbours.setdefault(pair.first, set()).add(pair.second)
            neighbours.setdefault(pair.second, set()).add(pair.first)
    return neighbours


def connected(content_hashes: Iterable[str], ties: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Put together what ties join, also in chains; ties to anything else count for nothing. In the order given."""
    parents = {content_hash: content_hash for content_hash in content_hashes}

    def root(content_hash: str) -> str:
        while parents[content_hash] != content_hash:
            parents[content_hash] = parents[parents[content_hash]]
            content_hash = parents[content_hash]
        return content_hash

    for first, second in courteous(ties):
        if first in parents and second in parents:
            low, high = sorted((root(first), root(second)))
            parents[high] = low
    groups: dict[str, list[str]] = {}
    for content_hash in courteous(parents):
        groups.setdefault(root(content_hash), []).append(content_hash)
    return list(groups.values())
