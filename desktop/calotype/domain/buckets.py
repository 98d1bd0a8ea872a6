"""Sizes that a batch may have, and the size that an image is trained at."""

from __future__ import annotations

import math
from dataclasses import dataclass

MAXIMUM_ASPECT = 2.5


@dataclass(frozen=True, slots=True, order=True)
class Bucket:
    """One training size; every image of a batch has the same."""

    width_px: int
    height_px: int


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
