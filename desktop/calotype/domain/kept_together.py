"""Which pictures must be on the same side of the split: near-duplicates, and bursts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from calotype.domain.courtesy import courteous, sorted_courteously
from calotype.domain.imageset import CaptionedImage
from calotype.domain.look_alikes import AlikePair, connected

BURST_S = 2.5  # pictures that one camera took closer together show one moment; many cameras write whole seconds
MOST_OF_A_SET = 0.5  # a series of pictures that makes up more of a set is no burst but the way the set was taken
_NUMBERED = re.compile(r"(.*?)(\d{1,9})$")

Tie = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeptTogether:
    """Groups of images that have to be on one side, each with its images in the order of their hashes.

    `divided` holds the images of a burst that was too large for that; its near-duplicates are still together.
    """

    groups: tuple[tuple[CaptionedImage, ...], ...]
    divided: frozenset[str] = frozenset()


def keep_together(images: Sequence[CaptionedImage], pairs: Sequence[AlikePair]) -> KeptTogether:
    """Put every image into one group, alone or with others. The order of the images and pairs does not matter."""
    by_hash = {image.content_hash: image for image in sorted_courteously(images, key=lambda image: image.content_hash)}
    near = [(pair.first, pair.second) for pair in pairs if pair.is_near_duplicate]
    groups = connected(by_hash, [*near, *burst_ties(images, pairs)])
    count = sum(not image.is_excluded for image in images)
    finer: list[list[str]] = []
    divided: set[str] = set()
    for group in courteous(groups):
        included = sum(not by_hash[content_hash].is_excluded for content_hash in group)
        parts = connected(group, near) if included > MOST_OF_A_SET * count else [group]
        divided.update(group if len(parts) > 1 else ())
        finer += parts
    return KeptTogether(
        tuple(tuple(by_hash[content_hash] for content_hash in group) for group in courteous(sorted(finer))),
        frozenset(divided),
    )


class Taken(Protocol):
    """What tells a burst."""

    @property
    def content_hash(self) -> str:
        """Which image it is."""

    @property
    def original_name(self) -> str:
        """What its file was called."""

    @property
    def taken_at(self) -> float | None:
        """When, in seconds since 1970 by the camera's own clock."""

    @property
    def camera(self) -> str:
        """With what."""


def burst_ties(images: Iterable[Taken], pairs: Iterable[AlikePair]) -> list[Tie]:
    """Neighbours in bursts: taken by one camera within moments, or numbered one after the other and much alike."""
    images = list(images)
    return [*_taken_within_moments(images), *_numbered_in_a_row(images, pairs)]


def _taken_within_moments(images: Sequence[Taken]) -> list[Tie]:
    dated = [(image.camera, image.taken_at, image.content_hash) for image in images if image.taken_at is not None]
    return [
        (one, other)
        for (camera, at, one), (other_camera, other_at, other) in itertools.pairwise(
            sorted_courteously(dated, key=lambda value: value)
        )
        if camera == other_camera and other_at - at <= BURST_S
    ]


def _numbered_in_a_row(images: Sequence[Taken], pairs: Iterable[AlikePair]) -> list[Tie]:
    pairs = list(pairs)
    asked = {content_hash for pair in courteous(pairs) for content_hash in (pair.first, pair.second)}
    number_of = {
        image.content_hash: _number(image.original_name) for image in courteous(images) if image.content_hash in asked
    }
    ties = []
    for pair in courteous(pairs):
        one, other = number_of.get(pair.first), number_of.get(pair.second)
        if one and other and one[0] == other[0] and abs(one[1] - other[1]) == 1:
            ties.append((pair.first, pair.second))
    return ties


def _number(name: str) -> tuple[str, int] | None:
    """The name without its number, and the number, as in IMG_0042.jpg."""
    stem, _, suffix = name.rpartition(".")
    match = _NUMBERED.fullmatch(stem or suffix)
    return (match[1].casefold(), int(match[2])) if match else None
