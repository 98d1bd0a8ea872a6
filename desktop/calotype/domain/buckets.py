"""Sizes that a batch may have, and the size that an image is trained at."""

from __future__ import annotations

import bisect
import functools
import math
from dataclasses import dataclass

from calotype.domain.image_facts import Box

MAXIMUM_ASPECT = 2.5


@dataclass(frozen=True, slots=True, order=True)
class Bucket:
    """One training size; every image of a batch has the same."""

    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class TrainingSize:
    """What a base model makes of pictures: about `resolution_px` squared pixels, sides that are multiples of a quantum.

    512 and 64 are those of Stable Diffusion 1.5.
    """

    resolution_px: int
    quantum_px: int = 64

    def framing(self, width_px: int, height_px: int) -> TrainedFraming:
        """How a picture of this size is trained: asked for every picture of a set, and many have the same size."""
        return _framing(self, width_px, height_px)


@dataclass(frozen=True, slots=True)
class TrainedFraming:
    """The size at which a picture is trained, and the part of it that is seen there."""

    bucket: Bucket
    kept: Box  # the middle of the picture
    enlargement: float  # how much it is scaled up; below 1 it is made smaller

    @property
    def cut_share(self) -> float:
        """How much of the picture is cut off."""
        return 1 - self.kept.area


def buckets_for(resolution_px: int, quantum_px: int) -> tuple[Bucket, ...]:
    """Every size with about resolution_px squared pixels whose sides are multiples of quantum_px.

    The quantum is what the VAE and the U-Net divide a side by; a size that is no multiple of it fails inside the
    network.
    """
    area = resolution_px**2
    sizes = set()
    for width in range(quantum_px, int(resolution_px * MAXIMUM_ASPECT) + 1, quantum_px):
        height = max(quantum_px, round(area / width / quantum_px) * quantum_px)
        is_close = abs(width * height / area - 1) <= 0.2
        if is_close and max(width / height, height / width) <= MAXIMUM_ASPECT:
            sizes |= {Bucket(width, height), Bucket(height, width)}
    square = max(quantum_px, resolution_px // quantum_px * quantum_px)
    return tuple(sorted(sizes | {Bucket(square, square)}))


def nearest_bucket(width_px: int, height_px: int, buckets: tuple[Bucket, ...]) -> Bucket:
    """The bucket that cuts least off: nearest in the logarithm of the aspect, so that wide and tall count alike."""
    aspect = math.log(width_px / height_px)
    return min(buckets, key=lambda bucket: abs(math.log(bucket.width_px / bucket.height_px) - aspect))


@functools.lru_cache(maxsize=4096)
def _framing(size: TrainingSize, width_px: int, height_px: int) -> TrainedFraming:
    bucket = nearest_bucket(width_px, height_px, _near(size, math.log(width_px / height_px)))
    scale = max(bucket.width_px / width_px, bucket.height_px / height_px)
    # As ImageOps.fit does it: scaled to cover the bucket, with what stands over cut off evenly on both sides.
    over_x = max(0.0, 1 - bucket.width_px / (scale * width_px)) / 2
    over_y = max(0.0, 1 - bucket.height_px / (scale * height_px)) / 2
    return TrainedFraming(bucket, Box(over_x, over_y, 1 - over_x, 1 - over_y), scale)


def _near(size: TrainingSize, aspect: float) -> tuple[Bucket, ...]:
    """The buckets on both sides of an aspect: looking at all of them for each of 100,000 pictures takes seconds."""
    aspects, buckets = _by_aspect(size)
    place = bisect.bisect_left(aspects, aspect)
    return tuple(sorted(bucket for group in buckets[max(0, place - 1) : place + 1] for bucket in group))


@functools.lru_cache(maxsize=16)
def _by_aspect(size: TrainingSize) -> tuple[list[float], list[list[Bucket]]]:
    """The logarithms of the aspects that there are, in order, and the buckets of each."""
    groups: dict[float, list[Bucket]] = {}
    for bucket in buckets_for(size.resolution_px, size.quantum_px):
        groups.setdefault(math.log(bucket.width_px / bucket.height_px), []).append(bucket)
    aspects = sorted(groups)
    return aspects, [groups[aspect] for aspect in aspects]
