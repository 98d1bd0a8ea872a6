"""Which pictures look almost alike, so that they are never on both sides of the split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calotype.domain.imageset import CaptionedImage

NEAR_BITS = 5  # of 64
_CHUNK = 256


def group_near_duplicates(perceptual_hashes: Sequence[int], near_bits: int = NEAR_BITS) -> list[int]:
    """Number the groups: pictures that differ in at most `near_bits` bits share one, also in chains."""
    hashes = np.array(perceptual_hashes, dtype=np.uint64)
    parents = list(range(len(hashes)))
    for start in range(0, len(hashes), _CHUNK):
        distances = np.bitwise_count(hashes[start : start + _CHUNK, None] ^ hashes[None, start:])
        for first, second in np.argwhere(distances <= near_bits):
            if first < second:
                _join(parents, start + int(first), start + int(second))
    return [_root(parents, index) for index in range(len(parents))]


def near_duplicates(images: Sequence[CaptionedImage]) -> list[str]:
    """The content hashes of the images that look almost like an earlier one."""
    seen: set[int] = set()
    repeated = []
    for image, group in zip(images, group_near_duplicates([i.perceptual_hash for i in images]), strict=True):
        if group in seen:
            repeated.append(image.content_hash)
        seen.add(group)
    return repeated


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index


def _join(parents: list[int], first: int, second: int) -> None:
    low, high = sorted((_root(parents, first), _root(parents, second)))
    parents[high] = low
